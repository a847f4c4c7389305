"""An outside world for the pages that does nothing and remembers what it was asked."""

from __future__ import annotations

from server.adapters.challenges import NoChallenges
from server.adapters.countries import FixedCountries
from server.services.ports import Outside, Visit


class PapersKept:
    """Papers that are their own HTML."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def confirmation_pdf(self, visit: Visit, language: str) -> bytes:
        """Return the code."""
        return f"%PDF {visit.code} {language}".encode()

    def confirmation_ics(self, visit: Visit, language: str) -> bytes:
        """Return the code."""
        return f"BEGIN:VCALENDAR {visit.code} {language}".encode()

    def page_pdf(self, title: str, html: str, language: str) -> bytes:
        """Return the page."""
        self.asked.append((title, language))
        return f"%PDF {html}".encode()


def outer_world() -> Outside:
    """Make one."""
    return Outside(PapersKept(), FixedCountries(), NoChallenges())
