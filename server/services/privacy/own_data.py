"""A copy of all that is kept about an account, for its owner, with what for (GDPR, articles 15 and 20)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from server.domain.privacy.purposes import COLUMNS, Purpose
from server.services.accounts.letters import email_of
from server.services.booking.unsealed import codes_of, person_of
from server.services.context import Context, RuleBroken
from server.services.guard.limits import Limit, admit
from server.services.queue import feedback
from server.store.facts import NewFact, note
from server.store.queries import feedback as feedback_rows
from server.store.queries.privacy import own_data as rows
from server.store.queries.privacy import personal_keys
from server.store.tables import Account, Application, Draw, Evidence, Reservation, Verification
from wire.vocabulary import FactType

MOST = Limit("own_data", 5, timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of what is kept: its name, what for, and the rows as JSON values."""

    name: str
    purposes: tuple[Purpose, ...]
    rows: tuple[dict[str, Any], ...]


def own_data(session: Session, context: Context, account_id: int) -> tuple[Part, ...]:
    """Gather all that is kept about an account, and note that it was given.

    Raises RuleBroken 404 when the account is gone, 429 with `retry_after` when it was asked for too often.
    """
    account = session.get(Account, account_id)
    if account is None or account.deleted_at is not None:
        raise RuleBroken(404, "not_found", what="account")
    wait = admit(session, context, MOST, str(account_id))
    if wait is not None:
        raise RuleBroken(429, "too_often", retry_after=wait)
    data = {"account": account_id}
    note(session, NewFact(FactType.PERSONAL_DATA_GIVEN, context.now, data=data))
    booked = rows.reservations(session, account_id)
    return (
        _part("account", ("account",), [_account(session, context, account)]),
        _part("sessions", ("account_session",), _sessions(session, context, account)),
        _part(
            "reservations",
            ("reservation", "verification", "evidence", "feedback"),
            [_reservation(session, context, *each) for each in booked],
        ),
        _part(
            "applications",
            ("application",),
            [_application(session, context, *each) for each in rows.applications(session, account_id)],
        ),
        _part("unfinished_bookings", ("draft",), _drafts(session, context, account_id)),
        _part("messages", ("message",), _messages(session, account_id, [row.id for row, _, _ in booked])),
        _part("wishes", ("place_wish",), _wishes(session, context, account_id)),
        _part("waiting_rooms", (), _waits(session, context, account_id)),
    )


def _part(name: str, tables: Iterable[str], found: Iterable[dict[str, Any]]) -> Part:
    """Make a part; its purposes are those of the tables' columns, each once."""
    purposes = [
        purpose
        for table in tables
        for column, several in COLUMNS.items()
        if column.partition(".")[0] == table
        for purpose in several
    ]
    return Part(name, tuple(dict.fromkeys(purposes)), tuple(_plain(row) for row in found))


def _account(session: Session, context: Context, account: Account) -> dict[str, Any]:
    return {
        "account": account.id,
        "email": email_of(session, context, account),
        "language": account.language,
        "made_at": account.made_at,
        "confirmed_at": account.confirmed_at,
        "terms_version": account.terms_version,
        "terms_accepted_at": account.terms_accepted_at,
    }


def _sessions(session: Session, context: Context, account: Account) -> list[dict[str, Any]]:
    box = personal_keys.box(session, context.keys, account.personal_key_id)
    return [
        {
            "browser": personal_keys.open_json(box, row.sealed_agent, b"agent"),
            "started_at": row.started_at,
            "seen_at": row.seen_at,
            "expires_at": row.expires_at,
            "ended_at": row.ended_at,
        }
        for row in rows.sessions(session, account.id)
    ]


def _reservation(
    session: Session, context: Context, row: Reservation, asked: Verification | None, traces: Evidence | None
) -> dict[str, Any]:
    codes = codes_of(session, context, row)
    box = personal_keys.opener(session, context.keys, row.personal_key_id)
    told = {
        "reservation": row.id,
        "branch": context.branch(row.branch_id).code,
        "service": _service(context, row.service_id),
        "status": row.status,
        "appointment_at": row.appointment_at,
        "booked_at": row.booked_at,
        "ended_at": row.ended_at,
        "reason": row.reason,
        "language": row.language,
        "person": person_of(session, context, row),
        "code": codes.code.shown if codes else None,
    }
    if (answer := feedback_rows.of_reservation(session, row.id)) is not None:
        told["feedback"] = {"mark": answer.mark, "words": feedback.opened(session, context, answer)}
    if asked is not None:
        told["answers"] = personal_keys.open_json(box, asked.sealed_answers, b"answers")
        told["answered_at"] = asked.answered_at
    if traces is not None:
        own = personal_keys.box(session, context.keys, traces.personal_key_id)
        told["traces"] = personal_keys.open_json(own, traces.sealed_details, b"details")
        told["traces_held_until"] = traces.held_until
    return told


def _application(session: Session, context: Context, row: Application, draw: Draw) -> dict[str, Any]:
    box = personal_keys.box(session, context.keys, row.personal_key_id)
    return {
        "draw": draw.public_id,
        "line": row.public_id,
        "service": _service(context, draw.service_id),
        "person": personal_keys.open_json(box, row.sealed_details, b"details"),
        "preferences": row.preferences,
        "language": row.language,
        "applied_at": row.applied_at,
        "withdrawn_at": row.withdrawn_at,
        "place": row.place,
    }


def _drafts(session: Session, context: Context, account_id: int) -> list[dict[str, Any]]:
    found = []
    for row in rows.drafts(session, account_id):
        box = personal_keys.box(session, context.keys, row.personal_key_id)
        found.append(
            {
                "service": _service(context, row.service_id),
                "starts_at": row.starts_at,
                "made_at": row.made_at,
                "person": personal_keys.open_json(box, row.sealed_details, b"details"),
                "traces": personal_keys.open_json(box, row.sealed_traces, b"traces"),
            }
        )
    return found


def _messages(session: Session, account_id: int, reservation_ids: list[int]) -> list[dict[str, Any]]:
    return [
        {
            "kind": row.kind,
            "channel": row.channel,
            "language": row.language,
            "reservation": row.reservation_id,
            "status": row.status,
            "made_at": row.made_at,
            "settled_at": row.settled_at,
        }
        for row in rows.messages(session, account_id, reservation_ids)
    ]


def _wishes(session: Session, context: Context, account_id: int) -> list[dict[str, Any]]:
    return [
        {"service": _service(context, row.service_id), "language": row.language, "wished_at": row.wished_at}
        for row in rows.wishes(session, account_id)
    ]


def _waits(session: Session, context: Context, account_id: int) -> list[dict[str, Any]]:
    return [
        {
            "service": _service(context, row.service_id),
            "opens_at": row.opens_at,
            "arrived_at": row.arrived_at,
            "place": row.place,
            "entry_number": row.line,
        }
        for row in rows.waits(session, account_id)
    ]


def _service(context: Context, service_id: int) -> str | None:
    """Name a service, also in a file that is read years later."""
    service = context.office.services.get(service_id)
    return f"{service.letter}: {service.name('pl')}" if service else None


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _json(value) for name, value in row.items() if value is not None}


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime | date) else value
