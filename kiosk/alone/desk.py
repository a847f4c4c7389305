"""Answers visitors' questions in the server's place: by its rules, its list, and the journal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from kiosk import offline
from kiosk.alone.journal import Journal, JournalFailed, Journalled
from kiosk.offline import Admitted, Again, OwnTickets, Refused
from kiosk.visit.effects import Question, SubmitCode
from kiosk.visit.events import Answered, Problem, Unreachable
from wire import messages as wire
from wire.codes import parse_scan
from wire.vocabulary import TicketStatus


class Desk:
    """Decides by the list that it was given last, and writes into the journal what it gives.

    `listed` stays to know codes by when it is too old to decide: `is_open` tells whether it is not.
    """

    def __init__(self, journal: Journal, now: Callable[[], datetime]) -> None:
        """Decide as of `now`, the server's time as the kiosk knows it."""
        self._journal, self._now = journal, now
        self._tries = offline.NO_TRIES
        self.listed: wire.OfflineList | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether questions can be answered here now."""
        return self.listed is not None and offline.is_valid(self.listed, self._now())

    def offers(self) -> tuple[wire.ServiceOffer, ...]:
        """List the services as they can be had here now; only while it is open."""
        listed = self._list()
        return offline.offers(listed, self._own(listed), self._now())

    def answer(self, question: Question, unanswered: str | None) -> Answered | Problem | Unreachable:
        """Decide on a question; only while it is open. A ticket is in the journal before it is told.

        `unanswered` is the key under which the server was asked before, in vain. Unreachable: the journal failed.
        """
        listed, now = self._list(), self._now()
        own = self._own(listed)
        decision: Admitted | Again | Refused
        if isinstance(question, SubmitCode):
            showing = offline.Showing(parse_scan(question.text), question.service)
            decision, self._tries = offline.check_in(listed, showing, own, self._tries, now)
        else:
            decision = offline.walk_in(listed, question.service, own, now)
        if isinstance(decision, Refused):
            return Problem(question.ask, decision.reason, dict(decision.facts), decision.retry_after_s)
        if isinstance(decision, Again):
            return self._shown_again(question, decision.reservation, decision.number)
        draft = self._draft(listed, question, decision, unanswered)
        try:
            given = self._journal.add(listed.day, draft, listed.next_ordinals.get(draft.series, 1))
        except JournalFailed:
            return Unreachable(question.ask)
        return self._answered(question, given, decision.reservation)

    def again(self, question: Question) -> Answered | Problem | None:
        """Show a number of today again that was given here and is not at the server yet; None for all else.

        A problem where a clerk is done with it already, at the kiosk's own line.
        """
        if self.listed is None or not isinstance(question, SubmitCode):
            return None
        given = self._journal.of(self.listed.day)
        pending = {each.made.reservation for each in given if each.taken_at is None} - {None}
        if not pending:
            return None
        found = offline.find(self.listed, parse_scan(question.text))
        if found is None or found.id not in pending:
            return None
        return self._shown_again(question, found, None)

    def _list(self) -> wire.OfflineList:
        assert self.listed is not None, "a desk without a list is not open"
        return self.listed

    def _given(self, listed: wire.OfflineList) -> list[Journalled]:
        """List what this kiosk gave today and its list does not know: sent later than it was made, or not yet."""
        given = self._journal.of(listed.day)
        return [each for each in given if each.taken_at is None or each.taken_at >= listed.made_at]

    def _own(self, listed: wire.OfflineList) -> OwnTickets:
        given = self._given(listed)
        numbers = {each.made.reservation: each.number for each in given if each.made.reservation is not None}
        walk_ins = Counter(each.made.service for each in given if each.made.reservation is None)
        return OwnTickets(numbers, walk_ins)

    def _draft(
        self, listed: wire.OfflineList, question: Question, admitted: Admitted, unanswered: str | None
    ) -> wire.OfflineEntry:
        """Make the entry but for its ordinal, which the journal gives."""
        visit = admitted.reservation
        return wire.OfflineEntry(
            at=self._now(),
            service=admitted.service,
            series=admitted.service + listed.letter,
            ordinal=1,
            language=question.language or (visit.language if visit else "pl"),
            priority=None if isinstance(question, SubmitCode) else question.priority,
            reservation=visit.id if visit else None,
            unanswered=unanswered,
        )

    def _shown_again(
        self, question: Question, visit: wire.OfflineReservation, number: str | None
    ) -> Answered | Problem:
        """Show the number of a visit: the journal's, while it can be called, or the one that the list tells."""
        listed = self._list()
        own = [each for each in self._journal.of(listed.day) if each.made.reservation == visit.id]
        given = next((each for each in own if number in (None, each.number)), None)
        if given is not None:
            over = offline.over(given.made, given.number, self._now())
            if over is not None:
                return Problem(question.ask, over.reason, dict(over.facts))
            return self._answered(question, given, visit, repeat=True)
        at = visit.issued_at or listed.made_at
        ticket = _ticket(listed, number or "", visit.service, visit.language, at, visit.appointment_at)
        return Answered(question.ask, ticket, repeat=True)

    def _answered(
        self,
        question: Question,
        given: Journalled,
        visit: wire.OfflineReservation | None,
        repeat: bool = False,
    ) -> Answered:
        made, hour = given.made, visit.appointment_at if visit else None
        ticket = _ticket(self._list(), given.number, made.service, made.language, made.at, hour)
        return Answered(question.ask, ticket, repeat, alone=True)


def _ticket(
    listed: wire.OfflineList,
    number: str,
    letter: str,
    language: str,
    at: datetime,
    appointment_at: datetime | None,
) -> wire.Ticket:
    """Make what screen and slip need: no place in line, no address, since nobody knows them here."""
    names = next((each.offer.names for each in listed.services if each.offer.code == letter), {})
    name = names.get(language) or next(iter(names.values()), letter)
    return wire.Ticket(
        id=0,
        number=number,
        status=TicketStatus.WAITING,
        service=wire.ServiceName(code=letter, name=name),
        language=language,
        issued_at=at,
        queued_at=at,
        appointment_at=appointment_at,
        track_url="",
    )
