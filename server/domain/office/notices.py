"""Notices of an office from an hour until another one, on its boards and on the booking pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from server.domain.office.reading import Flag, SettingError, moment, optional, short_texts


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice by language; its hours are by the branch's clock, none: from now on, until it is removed."""

    text: Annotated[Mapping[str, str], short_texts(200)]
    begins: Annotated[datetime | None, optional(moment)] = None
    ends: Annotated[datetime | None, optional(moment)] = None
    board: Flag = True
    portal: Flag = True

    def __post_init__(self) -> None:
        if not self.text:
            raise SettingError("text", "a text is expected")
        if self.begins is not None and self.ends is not None and self.ends <= self.begins:
            raise SettingError("ends", "is not after the beginning")

    def is_on(self, wall: datetime) -> bool:
        """Say whether it is shown at an instant by the branch's clock."""
        return (self.begins is None or self.begins <= wall) and not self.is_over(wall)

    def is_over(self, wall: datetime) -> bool:
        """Say whether its last instant has passed."""
        return self.ends is not None and self.ends <= wall

    def turns(self, since: datetime, until: datetime) -> bool | None:
        """Say what became of it between two instants: it began (True), ended (False), or nothing (None)."""
        was, now = self.is_on(since), self.is_on(until)
        return None if was == now else now
