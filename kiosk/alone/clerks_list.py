"""Prints the clerks' list of tickets that the server does not know yet: asked for, or after every so many."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from kiosk.alone.standby import Standby
from kiosk.slips import Paper
from printers import Slip
from printers.alone_list import AloneRow, alone_list_slips
from terminal.texts import Texts

OF_NO_VISITOR = 0
"""The list's slips have no visitor who waits for them: questions and their slips count from 1."""


class ClerksList(QObject):
    """Counters cannot see what was given alone until the server is back: this paper bridges the time.

    After every `every` tickets (0: never) it prints those since the last list by itself, once nobody is at the
    kiosk; staff have all of them printed from their menu.
    """

    def __init__(
        self,
        standby: Standby,
        paper: Paper,
        texts: Texts,
        every: int,
        is_idle: Callable[[], bool],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._standby, self._paper, self._texts = standby, paper, texts
        self._every, self._is_idle = every, is_idle
        # After a restart nobody knows which of them were printed: rather twice than never.
        self._since = standby.unsent
        standby.gave.connect(self._count)
        paper.state_changed.connect(self.look)

    def print_all(self) -> int:
        """Print all that the server does not know yet; return how many tickets that are."""
        rows = self._rows()
        self._print(rows)
        self._since = 0
        return len(rows)

    def look(self, *_: object) -> None:
        """Print by itself what is due, once a printer can, unless somebody is at the kiosk."""
        is_due = self._every and self._since >= self._every
        if is_due and self._paper.state.can_print and self._is_idle():
            self._print(self._rows()[-self._since :])
            self._since = 0

    def _count(self) -> None:
        self._since += 1

    def _rows(self) -> list[AloneRow]:
        hours = self._standby.hours()
        return [
            AloneRow(each.number, each.made.at, hours.get(each.made.reservation or 0))
            for each in self._standby.journal.pending()
            if each.made.called_at is None
        ]

    def _print(self, rows: list[AloneRow]) -> None:
        for slip in self._slips(rows):
            self._paper.print(OF_NO_VISITOR, slip)

    def _slips(self, rows: list[AloneRow]) -> list[Slip]:
        device = self._standby.device
        office = device.branch.name if device else ""
        languages = device.settings.languages if device else ["pl"]
        language = next((name for name in languages if name in self._texts.languages), "pl")
        return alone_list_slips(rows, office, self._standby.now(), language, self._texts.zone)
