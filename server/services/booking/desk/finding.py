"""Finding reservations: a day's list, and by code, name, phone or e-mail; whom somebody saw is on record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from server.domain.booking.details import plain_email
from server.domain.booking.people import normalised_name
from server.domain.office.hours import start_of_day
from server.services.booking.desk.own_branch import looked_at
from server.services.booking.unsealed import person_of
from server.services.booking.visits import status_of
from server.services.context import Context
from server.services.office.settings import BranchView, ServiceView
from server.services.queue.check_in import lookups
from server.store.queries.booking import desk as rows
from wire.codes import MalformedCode, parse_scan
from wire.vocabulary import ReservationStatus

MOST = 2_000
"""How many reservations of a day are listed, and opened to look for somebody."""
_MOST_MARKED = 50
_LEAST_PHONE = 7
_LONGEST_TYPED = 254
Fits = Callable[[dict[str, Any]], bool]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a list; without a name the person was erased."""

    reservation_id: int
    status: ReservationStatus
    service: ServiceView
    appointment_at: datetime
    name: str | None
    children: int
    ticket: str | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which reservations: of a day, of one service or all, and of somebody (a code, name, phone, e-mail)."""

    day: date
    service_id: int | None = None
    typed: str = ""


def search(session: Session, context: Context, branch: BranchView, wanted: Wanted, by: int) -> list[Line]:
    """List a branch's reservations of a day; or those of somebody.

    A code is found on any day, and so are a phone and an e-mail where the service keeps their hashes; else the
    reservations of the day are opened and compared, and no others.
    """
    typed = wanted.typed.strip()[:_LONGEST_TYPED]
    way, found = (
        _find(session, context, branch, wanted, typed) if typed else ("day", _day(session, branch, wanted))
    )
    lines = [_line(session, context, each) for each in found]
    looked_at(session, context, branch.id, by, [each.reservation_id for each in lines if each.name], way)
    return lines


def _find(
    session: Session, context: Context, branch: BranchView, wanted: Wanted, typed: str
) -> tuple[str, list[rows.Found]]:
    if found := _marked(session, context, branch, _code_hashes(context, typed)):
        return "code", found
    digits = "".join(filter(str.isdigit, typed))
    if "@" in typed:
        marks = context.keys.lookups("visit email", plain_email(typed))
        way, fits = "email", _has_email(typed)
    elif len(digits) >= _LEAST_PHONE and not any(map(str.isalpha, typed)):
        marks = context.keys.lookups("visit phone", digits)
        way, fits = "phone", _has_phone(digits)
    else:
        marks = ()
        way, fits = "name", _has_name(typed)
    there = {each[0].id: each for each in _marked(session, context, branch, marks)}
    for each in _day(session, branch, wanted):
        if each[0].id not in there and fits(person_of(session, context, each[0])):
            there[each[0].id] = each
    return way, list(there.values())


def _day(session: Session, branch: BranchView, wanted: Wanted) -> list[rows.Found]:
    zone = branch.policy.zone
    span = (start_of_day(wanted.day, zone), start_of_day(wanted.day + timedelta(days=1), zone))
    return rows.between(session, branch.id, span, MOST, wanted.service_id)


def _marked(
    session: Session, context: Context, branch: BranchView, hashes: tuple[bytes, ...]
) -> list[rows.Found]:
    return rows.marked(session, branch.id, hashes, _MOST_MARKED) if hashes else []


def _code_hashes(context: Context, typed: str) -> tuple[bytes, ...]:
    try:
        code = parse_scan(typed)
    except MalformedCode:
        return ()
    return lookups(context, code)


def _has_email(typed: str) -> Fits:
    wanted = plain_email(typed)
    return lambda person: bool(person.get("email")) and plain_email(person["email"]) == wanted


def _has_phone(digits: str) -> Fits:
    # People leave out the country, or write it with 00.
    wanted = digits.lstrip("0")
    return lambda person: "".join(filter(str.isdigit, person.get("phone") or "")).endswith(wanted)


def _has_name(typed: str) -> Fits:
    wanted = normalised_name(typed).split()

    def fits(person: dict[str, Any]) -> bool:
        words = normalised_name(person.get("name") or "").split()
        return bool(wanted) and all(any(word.startswith(each) for word in words) for each in wanted)

    return fits


def _line(session: Session, context: Context, found: rows.Found) -> Line:
    row, _, ticket = found
    person = person_of(session, context, row)
    return Line(
        row.id,
        status_of(context, row),
        context.office.services[row.service_id],
        row.appointment_at,
        person.get("name"),
        len(person.get("children", ())),
        ticket,
    )
