"""The end of personal data: rows stay with their numbers, what is personal in them goes, and so do the keys."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Update, delete, func, or_, select, update
from sqlalchemy.orm import Session

from server.store.queries.booking.reservations import ACTIVE
from server.store.tables import (
    Account,
    Application,
    Draft,
    Draw,
    Evidence,
    Feedback,
    Message,
    PersonalKey,
    Reservation,
    Ticket,
    Verification,
)
from wire.vocabulary import MessageStatus

_HOLDERS = (Account, Application, Draft, Evidence, Feedback, Message, Reservation)
_WAITING = (MessageStatus.QUEUED, MessageStatus.SENDING)

# What is personal in a row that stays.
_RESERVATION: dict[str, Any] = dict.fromkeys(
    (
        *("account_id", "personal_key_id", "sealed_person", "sealed_codes", "code_hash", "token_hash"),
        *("person_hash", "document_hash", "email_hash", "phone_hash", "activation_hash"),
    )
)
_APPLICATION: dict[str, Any] = dict.fromkeys(
    ("account_id", "personal_key_id", "person_hash", "document_hash", "sealed_details")
)
# A mail server's refusal may quote the address.
_MESSAGE: dict[str, Any] = dict.fromkeys(
    ("account_id", "personal_key_id", "sealed_to", "sealed_values", "problem")
)


@dataclass(slots=True)
class Gone:
    """What an erasure took out, as numbers; `keys` are those that nothing may point at any more."""

    reservations: list[int] = field(default_factory=list)
    messages: int = 0
    evidence: int = 0
    applications: int = 0
    notes: int = 0
    words: int = 0
    keys: set[int] = field(default_factory=set)

    @property
    def counts(self) -> dict[str, int]:
        """Return how many rows of each kind had something personal."""
        told = {
            "messages": self.messages,
            "evidence": self.evidence,
            "applications": self.applications,
            "notes": self.notes,
            "words": self.words,
        }
        return {name: number for name, number in told.items() if number}


def reservations_due(session: Session, branch_id: int, before: datetime, most: int) -> list[int]:
    """List reservations of a branch whose visit, or whose end, was before an instant, and that are not erased."""
    over = func.coalesce(Reservation.ended_at, Reservation.appointment_at) < before
    query = select(Reservation.id).where(
        Reservation.branch_id == branch_id,
        Reservation.erased_at.is_(None),
        Reservation.status.not_in(ACTIVE),
        over,
    )
    return list(session.execute(query.order_by(Reservation.id).limit(most)).scalars())


def ended_of_account(session: Session, account_id: int, visits_before: datetime) -> list[int]:
    """List the reservations of an account that do not stand any more; a later visit may be under way still."""
    query = select(Reservation.id).where(
        Reservation.account_id == account_id,
        Reservation.erased_at.is_(None),
        Reservation.status.not_in(ACTIVE),
        or_(Reservation.ended_at.is_not(None), Reservation.appointment_at < visits_before),
    )
    return list(session.execute(query.order_by(Reservation.id).with_for_update()).scalars())


def left_by_accounts(session: Session, visits_before: datetime, most: int) -> list[int]:
    """List visits before an instant whose account ended while they were under way."""
    query = (
        select(Reservation.id)
        .join(Account, Account.id == Reservation.account_id)
        .where(
            Account.deleted_at.is_not(None),
            Reservation.erased_at.is_(None),
            Reservation.status.not_in(ACTIVE),
            Reservation.appointment_at < visits_before,
        )
    )
    return list(session.execute(query.order_by(Reservation.id).limit(most)).scalars())


def erase_reservations(session: Session, ids: Collection[int], now: datetime) -> Gone:
    """Take out what is personal in reservations and all that belongs to them; held evidence stays (rule 9)."""
    gone = Gone(reservations=sorted(ids))
    of_them = Reservation.id.in_(ids)
    gone.keys |= _keys(session, Reservation, of_them)
    _run(session, update(Reservation).where(of_them).values(_RESERVATION | {"erased_at": now}))
    mine = Verification.reservation_id.in_(ids)
    _run(session, update(Verification).where(mine).values(sealed_answers=None))
    gone.notes = _count(
        session,
        update(Ticket).where(Ticket.reservation_id.in_(ids), Ticket.note.is_not(None)).values(note=None),
        Ticket,
    )
    of_tickets = select(Ticket.id).where(Ticket.reservation_id.in_(ids))
    gone.words = _words(session, gone, Feedback.ticket_id.in_(of_tickets))
    gone.messages = _messages(session, gone, Message.reservation_id.in_(ids), now)
    gone.applications = _applications(session, gone, Application.reservation_id.in_(ids))
    gone.evidence = _evidence(session, gone, Evidence.reservation_id.in_(ids), now)
    of_drafts = Draft.reservation_id.in_(ids)
    gone.keys |= _keys(session, Draft, of_drafts)
    _run(session, delete(Draft).where(of_drafts))
    return gone


def messages_due(session: Session, before: datetime, most: int) -> list[int]:
    """List messages that are settled, or of no use any more, since an instant, and tell of no reservation."""
    over = func.coalesce(Message.settled_at, Message.expires_at, Message.due_at) < before
    query = select(Message.id).where(
        Message.personal_key_id.is_not(None), Message.reservation_id.is_(None), over
    )
    return list(session.execute(query.order_by(Message.id).limit(most)).scalars())


def erase_messages(session: Session, ids: Collection[int], now: datetime) -> Gone:
    """Take out of messages to whom they went and what they told."""
    gone = Gone()
    gone.messages = _messages(session, gone, Message.id.in_(ids), now)
    return gone


def evidence_due(session: Session, now: datetime, most: int) -> list[int]:
    """List evidence whose time of holding is over, and whose reservation was erased before."""
    query = (
        select(Evidence.id)
        .join(Reservation, Reservation.id == Evidence.reservation_id)
        .where(Evidence.held_until <= now, Reservation.erased_at.is_not(None))
    )
    return list(session.execute(query.order_by(Evidence.id).limit(most)).scalars())


def erase_evidence(session: Session, ids: Collection[int], now: datetime) -> Gone:
    """Delete evidence that is not held any more."""
    gone = Gone()
    gone.evidence = _evidence(session, gone, Evidence.id.in_(ids), now)
    return gone


def notes_due(session: Session, branch_id: int, before: date, most: int) -> list[int]:
    """List tickets of days before a day on which a clerk noted something."""
    query = select(Ticket.id).where(
        Ticket.branch_id == branch_id, Ticket.day < before, Ticket.note.is_not(None)
    )
    return list(session.execute(query.limit(most)).scalars())


def erase_notes(session: Session, ids: Collection[int]) -> Gone:
    """Take out what clerks noted on tickets."""
    _run(session, update(Ticket).where(Ticket.id.in_(ids)).values(note=None))
    return Gone(notes=len(ids))


def words_due(session: Session, branch_id: int, before: datetime, most: int) -> list[int]:
    """List answers of before an instant whose visitor wrote something."""
    query = select(Feedback.id).where(
        Feedback.branch_id == branch_id, Feedback.given_at < before, Feedback.sealed_words.is_not(None)
    )
    return list(session.execute(query.order_by(Feedback.id).limit(most)).scalars())


def erase_words(session: Session, ids: Collection[int]) -> Gone:
    """Take out what visitors wrote; their marks stay."""
    gone = Gone()
    gone.words = _words(session, gone, Feedback.id.in_(ids))
    return gone


def applications_due(session: Session, before: date, most: int) -> list[int]:
    """List the personal keys of applications to draws whose last day is before a day."""
    query = (
        select(Application.personal_key_id)
        .join(Draw, Draw.id == Application.draw_id)
        .where(Draw.last_day < before, Application.personal_key_id.is_not(None))
    )
    return [key for key in session.execute(query.limit(most)).scalars() if key is not None]


def erase_applications(session: Session, key_ids: Collection[int]) -> Gone:
    """Take out who applied for draws; their lines in the lists stay, so that a draw can be recomputed."""
    gone = Gone()
    gone.applications = _applications(session, gone, Application.personal_key_id.in_(key_ids))
    return gone


def applications_of_account(session: Session, account_id: int) -> list[int]:
    """List the personal keys of an account's applications."""
    query = select(Application.personal_key_id).where(
        Application.account_id == account_id, Application.personal_key_id.is_not(None)
    )
    return [key for key in session.execute(query).scalars() if key is not None]


def shred_unused(session: Session, key_ids: Iterable[int]) -> int:
    """Forget those of the keys that nothing points at; return how many."""
    wanted = sorted(set(key_ids))
    if not wanted:
        return 0
    session.flush()
    free = delete(PersonalKey).where(PersonalKey.id.in_(wanted), *_nobody_points())
    return len(_run(session, free.returning(PersonalKey.id)).all())


def lost_keys(session: Session, before: datetime, most: int) -> list[int]:
    """List keys from before an instant that nothing points at."""
    query = select(PersonalKey.id).where(PersonalKey.made_at < before, *_nobody_points()).limit(most)
    return list(session.execute(query).scalars())


def _nobody_points() -> list[Any]:
    return [
        ~select(holder.id).where(holder.personal_key_id == PersonalKey.id).exists() for holder in _HOLDERS
    ]


def _messages(session: Session, gone: Gone, which: Any, now: datetime) -> int:
    gone.keys |= _keys(session, Message, which)
    # Without its reader it cannot be sent any more.
    waiting = update(Message).where(which, Message.status.in_(_WAITING))
    _run(session, waiting.values(status=MessageStatus.DROPPED, settled_at=now))
    had = or_(Message.sealed_to.is_not(None), Message.sealed_values.is_not(None))
    count = session.execute(select(func.count()).select_from(Message).where(which, had)).scalar_one()
    _run(session, update(Message).where(which).values(_MESSAGE))
    return count


def _words(session: Session, gone: Gone, which: Any) -> int:
    gone.keys |= _keys(session, Feedback, which)
    written = update(Feedback).where(which, Feedback.sealed_words.is_not(None))
    return _count(session, written.values(sealed_words=None, personal_key_id=None), Feedback)


def _applications(session: Session, gone: Gone, which: Any) -> int:
    keys = _keys(session, Application, which)
    gone.keys |= keys
    _run(session, update(Application).where(which).values(_APPLICATION))
    return len(keys)


def _evidence(session: Session, gone: Gone, which: Any, now: datetime) -> int:
    free = which & or_(Evidence.held_until.is_(None), Evidence.held_until <= now)
    gone.keys |= _keys(session, Evidence, free)
    return len(_run(session, delete(Evidence).where(free).returning(Evidence.id)).all())


def _keys(session: Session, table: Any, which: Any) -> set[int]:
    query = select(table.personal_key_id).where(which, table.personal_key_id.is_not(None))
    return set(session.execute(query).scalars())


def _count(session: Session, statement: Update, table: Any) -> int:
    return len(_run(session, statement.returning(table.id)).all())


def _run(session: Session, statement: Any) -> Any:
    return session.execute(statement, execution_options={"synchronize_session": False})
