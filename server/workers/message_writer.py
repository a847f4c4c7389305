"""Writes messages out in their readers' languages: what each tells is read when it is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from server.adapters.letters import write_letter, write_text
from server.domain.messages.wording import SMS_KINDS
from server.services.context import Context, RuleBroken
from server.services.messages.delivery import Taken
from server.services.messages.telling import tell
from server.services.ports import (
    Attachment,
    Letter,
    MessageContent,
    NotDelivered,
    NotWritten,
    Outside,
    Papers,
    Visit,
)
from server.store.store import Store
from server.workers.office_letters import OFFICE_KINDS, OfficeLetters, OutdatedMessage, ReportOf
from wire.vocabulary import Channel, MessageKind, ReservationStatus

VisitOf = Callable[[Any, Context, int, str], Visit | None]
# So often a confirmation waits for its paper; then it goes without: the code matters more.
_TRIES_FOR_PAPERS = 2
_ENDS = (
    MessageKind.CANCELLATION,
    MessageKind.REMOVAL,
    MessageKind.REJECTION,
    MessageKind.RELEASED,
)
_STANDS = {
    MessageKind.ACTIVATION_CODE: (ReservationStatus.HELD,),
    MessageKind.CONFIRMATION: (ReservationStatus.BOOKED, ReservationStatus.CHECKED_IN),
    MessageKind.REMINDER: (ReservationStatus.BOOKED,),
    MessageKind.QUESTIONS: (ReservationStatus.PENDING,),
    MessageKind.QUESTIONS_REMINDER: (ReservationStatus.PENDING,),
}
"""The states of a visit in which a message about it makes sense; kinds that tell of an end are always told."""


class MessageWriter:
    """Writes messages out for the channels that are set up."""

    def __init__(
        self, store: Store, outside: Outside, visit: VisitOf, report: ReportOf | None = None
    ) -> None:
        self._store, self._outside, self._visit = store, outside, visit
        self._office_letters = OfficeLetters(store, report)

    def write(self, message: Taken, context: Context) -> Callable[[], None]:
        """Write a message out; return what hands it over.

        Raises OutdatedMessage, NotWritten, NotDelivered (a kind that does not go this way); handing over raises
        NotDelivered.
        """
        told = tell(message, context, self._visit_of(message, context))
        if message.channel is Channel.SMS:
            if message.kind not in SMS_KINDS:
                raise NotDelivered("not_for_phones", retry=False)
            texter, text = self._outside.texter, write_text(told)
            assert texter is not None
            return lambda: texter.send(message.to, text, message.key)
        mailer, letter = self._outside.mailer, self._letter(message, told, context)
        assert mailer is not None
        return lambda: mailer.send(letter)

    def _visit_of(self, message: Taken, context: Context) -> Visit | None:
        """Read the visit that a message is about. Raises OutdatedMessage when there is none any more."""
        reservation_id = message.reservation_id
        if reservation_id is None:
            return None
        try:
            visit = self._store.read(
                lambda session: self._visit(session, context, reservation_id, message.language)
            )
        except RuleBroken:
            visit = None
        if visit is None:
            raise OutdatedMessage("no_visit")
        if visit.status not in _STANDS.get(message.kind, (visit.status,)):
            raise OutdatedMessage(f"visit_{visit.status}")
        return visit

    def _letter(self, message: Taken, told: MessageContent, context: Context) -> Letter:
        if message.kind in OFFICE_KINDS:
            enclosed = self._office_letters.enclosed(message, context)
            told = replace(told, facts={**told.facts, **enclosed.facts}, verbatim=enclosed.verbatim)
            attachments = enclosed.attachments
        else:
            attachments = self._attachments(message, told.visit)
        written = write_letter(told)
        return Letter(
            message.key,
            message.to,
            message.language,
            written.subject,
            written.text,
            written.html,
            told.email,
            attachments,
        )

    def _attachments(self, message: Taken, visit: Visit | None) -> tuple[Attachment, ...]:
        """Write the papers that go with a confirmation; what ends a visit takes it out of the calendar."""
        if visit is None or message.kind not in (MessageKind.CONFIRMATION, *_ENDS):
            return ()
        papers, found = self._outside.papers, []
        if message.kind in _ENDS:
            return (_calendar(papers, visit, message.language, "CANCEL"),)
        try:
            pdf = papers.confirmation_pdf(visit, message.language)
            found.append(Attachment("confirmation.pdf", "application/pdf", pdf))
        except NotWritten:
            if message.attempt <= _TRIES_FOR_PAPERS:
                raise
        return (*found, _calendar(papers, visit, message.language, "PUBLISH"))


def _calendar(papers: Papers, visit: Visit, language: str, method: str) -> Attachment:
    name = "cancellation.ics" if method == "CANCEL" else "confirmation.ics"
    return Attachment(
        name, f"text/calendar; method={method}; charset=UTF-8", papers.confirmation_ics(visit, language)
    )
