"""Writes messages out in their readers' languages: what each tells is read when it is sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from server.adapters.letters import SMS_KINDS, MessageContent, write_letter, write_text
from server.services.context import Context, RuleBroken
from server.services.messages.delivery import Taken
from server.services.office.settings import BranchView, ServiceView
from server.services.ports import Attachment, Letter, NotDelivered, NotWritten, Outside, Papers, Visit
from server.store.store import Store
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
_DEFAULT_ZONE = "Europe/Warsaw"
_STANDS = {
    MessageKind.ACTIVATION_CODE: (ReservationStatus.HELD,),
    MessageKind.CONFIRMATION: (ReservationStatus.BOOKED, ReservationStatus.CHECKED_IN),
    MessageKind.REMINDER: (ReservationStatus.BOOKED,),
    MessageKind.QUESTIONS: (ReservationStatus.PENDING,),
    MessageKind.QUESTIONS_REMINDER: (ReservationStatus.PENDING,),
}
"""The states of a visit in which a message about it makes sense; kinds that tell of an end are always told."""


class OutdatedMessage(Exception):
    """What a message tells is not so any more; the text is a word of ours."""


class MessageWriter:
    """Writes messages out for the channels that are set up."""

    def __init__(self, store: Store, outside: Outside, visit: VisitOf) -> None:
        self._store, self._outside, self._visit = store, outside, visit

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
        mailer, letter = self._outside.mailer, self._letter(message, told)
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

    def _letter(self, message: Taken, told: MessageContent) -> Letter:
        written = write_letter(told)
        return Letter(
            message.key,
            message.to,
            message.language,
            written.subject,
            written.text,
            written.html,
            told.email,
            self._attachments(message, told.visit),
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


def tell(message: Taken, context: Context, visit: Visit | None) -> MessageContent:
    """Gather what a message tells: of its visit, of its service, and the service's own words for its kind."""
    service = _service_of(message, context, visit)
    branch = None if service is None else context.branch(service.branch_id)
    words = {} if service is None else service.policy.booking.words.get(message.kind, {})
    any_branch = branch or next(iter(context.office.branches.values()), None)
    return MessageContent(
        kind=message.kind,
        language=message.language,
        public_url=context.public_url,
        zone=any_branch.policy.zone.key if any_branch else _DEFAULT_ZONE,
        values=message.values,
        facts=message.facts,
        visit=visit,
        words=words.get(message.language) or words.get("pl"),
        service_name=service.name(message.language) if service else None,
        branch_name=any_branch.name if any_branch else None,
        phone=branch.policy.phone if branch else None,
        email=any_branch.policy.email if any_branch else None,
        sms_name=any_branch.policy.sms_name if any_branch else None,
        address=_address(branch, message.language),
        until=_until(message),
    )


def _address(branch: BranchView | None, language: str) -> str | None:
    """Return where the branch stands, in one line."""
    told = {} if branch is None else branch.policy.address
    text = told.get(language) or told.get("pl") or ""
    return ", ".join(each.strip() for each in text.splitlines() if each.strip()) or None


def _service_of(message: Taken, context: Context, visit: Visit | None) -> ServiceView | None:
    """Find the service that a message is about: its visit's, or the one that its facts name."""
    named, code = message.facts.get("service"), message.facts.get("branch")
    if visit is not None:
        named, code = visit.service, visit.branch
    if isinstance(named, int):
        return context.office.services.get(named)
    branch = context.office.branch_named(str(code))
    return branch.services.get(str(named)) if branch else None


def _until(message: Taken) -> datetime | None:
    told = message.facts.get("until")
    return datetime.fromisoformat(told) if isinstance(told, str) else message.expires_at
