"""The one-time addresses of the staff's pages."""

from __future__ import annotations

from enum import StrEnum


class StaffLinkKind(StrEnum):
    """What a one-time address of the staff's pages is for."""

    FIRST = "first"
    INVITATION = "invitation"
    PASSWORD = "password"  # noqa: S105 - a kind
