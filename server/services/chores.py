"""The list of chores: each stands where its use case is, and is named here once."""

from __future__ import annotations

from server.services.keeper import Chore

CHORES: tuple[Chore, ...] = ()
