"""The sample office whose days are signed, and a reader who has only what was handed out."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

from server.domain.audit import notes
from server.domain.audit.documents import Document, read_document
from server.domain.audit.verification import Finding, check
from server.services.audit import publication
from server.services.audit.signing import prove
from server.store.signature import is_signed
from tests.server.movable_clock import WARSAW
from tests.server.sample_office import SampleOffice

MONDAY = date(2026, 11, 23)
TUESDAY, WEDNESDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)


def night_after(day: date, minutes: int = 10) -> datetime:
    """Return so many minutes after the end of a day."""
    return datetime(day.year, day.month, day.day, tzinfo=WARSAW) + timedelta(days=1, minutes=minutes)


class Proved:
    """An office with a queue whose log is signed night by night."""

    def __init__(self, office: SampleOffice) -> None:
        self.office = office

    @property
    def branch_id(self) -> int:
        """Return the id of the branch in Wrocław."""
        branch = self.office.runtime.office.current().branch_named("wroclaw")
        assert branch is not None
        return branch.id

    def busy_day(self, day: date) -> list[str]:
        """Let some visitors come on a day and one be served; return their numbers."""
        self.office.clock.set(datetime(day.year, day.month, day.day, 10, tzinfo=WARSAW))
        numbers = [self.office.walk_in("P")["number"] for _ in range(4)]
        clerk = self.office.clerk(7)
        called = clerk.post("/counters/7/call-next").get_json()["ticket"]
        for action, body in (("start", {}), ("finish", {"outcome": "served"})):
            assert clerk.post(f"/tickets/{called['id']}/{action}", body).status_code == 200
        return numbers

    def prove(self, at: datetime | None = None) -> int:
        """Do what the server does again and again, until nothing is left to be sealed."""
        if at is not None:
            self.office.clock.set(at)
        return prove(self.office.store, self.office.runtime.context())

    def read(self, work: Any) -> Any:
        """Read as the pages do."""
        return self.office.store.read(lambda session: work(session, self.office.runtime.context()))

    def note(self, day: date | None = None) -> str:
        """Return what everybody may keep of a day."""
        note: str = self.read(lambda session, _: publication.note(session, self.branch_id, day))
        return note

    def log(self, day: date, part: int | None = None) -> Document:
        """Return a day's rows, or those of a part, as they come out of the file."""
        said = self.read(
            lambda session, context: publication.day_log(session, context, self.branch_id, day, part)
        )
        return read_document(json.dumps(said.as_json(), ensure_ascii=False))

    def key(self) -> str:
        """Return the public key in use."""
        keys = self.read(lambda session, _: publication.keys(session, self.branch_id))
        return str(keys[-1].verifier)

    def found(self, *documents: Document, key: str | None = None, ticket: str | None = None) -> list[Finding]:
        """Check as somebody does who has the public key and these files."""
        known = [notes.read_verifier(key or self.key())]
        named = [(f"file {number}", document) for number, document in enumerate(documents, 1)]
        return check(named, known, is_signed, self.office.clock.now(), ticket)


def faults(findings: list[Finding]) -> list[str]:
    """Return what is wrong."""
    return [each.text for each in findings if not each.is_good]
