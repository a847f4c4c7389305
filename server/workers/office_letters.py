"""What is enclosed in letters to the office itself and to its witnesses: the report of a month, a checkpoint."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from server.domain.statistics.mailing import MOST_BYTES, read_month
from server.domain.statistics.periods import Period
from server.services.audit.witness_letters import note_for
from server.services.context import Context, RuleBroken
from server.services.messages.delivery import Taken
from server.services.office.settings import BranchView
from server.services.ports import Attachment, NotWritten
from server.store.store import Store
from wire.vocabulary import MessageKind

ReportOf = Callable[[str, Period, str], bytes]
"""Prints the report of a month of a branch, by its code, in a language. Raises NotWritten."""

OFFICE_KINDS = (MessageKind.MONTHLY_REPORT, MessageKind.CHECKPOINT)
# Those who get the same report get it a minute after each other; a later one is of the figures of then.
_KEPT = timedelta(minutes=10)
_MEGABYTE = 1_000_000


class OutdatedMessage(Exception):
    """What a message tells is not so any more; the text is a word of ours."""


@dataclass(frozen=True, slots=True)
class Enclosed:
    """What goes with a letter: files, what the letter says of them, and a text that stands in it sign by sign."""

    attachments: tuple[Attachment, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)
    verbatim: str | None = None


class OfficeLetters:
    """Makes what is enclosed; one report at a time, so that other letters go on beside it."""

    def __init__(self, store: Store, report: ReportOf | None) -> None:
        self._store, self._report = store, report
        self._lock = threading.Lock()
        self._kept: tuple[tuple[str, Period, str], datetime, bytes] | None = None

    def enclosed(self, message: Taken, context: Context) -> Enclosed:
        """Make what goes with a letter. Raises NotWritten, OutdatedMessage."""
        branch = context.office.branch_named(str(message.facts.get("branch")))
        if branch is None:
            raise OutdatedMessage("no_branch")
        if message.kind is MessageKind.CHECKPOINT:
            return self._checkpoint(message, branch)
        if message.to not in branch.policy.report_mail_to:
            raise OutdatedMessage("not_wanted")
        month = read_month(str(message.facts.get("month")))
        if month is None or self._report is None:
            raise OutdatedMessage("no_report")
        return _report(branch, month, self._printed((branch.code, month, message.language), context.now))

    def _checkpoint(self, message: Taken, branch: BranchView) -> Enclosed:
        day = date.fromisoformat(str(message.facts.get("day")))
        try:
            note = self._store.read(lambda session: note_for(session, branch, day, message.to))
        except RuleBroken as why:
            raise OutdatedMessage(why.reason) from None
        file = Attachment(f"{branch.code}-{day}.txt", "text/plain; charset=utf-8", note.encode())
        return Enclosed((file,), verbatim=note)

    def _printed(self, what: tuple[str, Period, str], now: datetime) -> bytes:
        """Print a report, or take the one that was printed for another reader just now."""
        if not self._lock.acquire(blocking=False):
            raise NotWritten("busy")
        try:
            if self._kept is not None:
                kept, at, body = self._kept
                if kept == what and at <= now < at + _KEPT:
                    return body
            assert self._report is not None
            body = self._report(*what)
            self._kept = (what, now, body)
            return body
        finally:
            self._lock.release()


def _report(branch: BranchView, month: Period, body: bytes) -> Enclosed:
    if len(body) > MOST_BYTES:
        sizes = {"size": -(-len(body) // _MEGABYTE), "most": MOST_BYTES // _MEGABYTE}
        return Enclosed(facts=sizes)
    return Enclosed((Attachment(f"{branch.code}-{month.first:%Y-%m}.pdf", "application/pdf", body),))
