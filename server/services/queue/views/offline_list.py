"""What a kiosk keeps for the time without the server: the rules of each service, and the visits of the day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from server.domain.office.hours import WeekHours, Window
from server.domain.queue import offline as rules
from server.services.booking.unsealed import codes_of
from server.services.context import Context
from server.services.office.settings import BranchView, ServiceView
from server.services.queue.delays import grace
from server.store.queries import offline as rows
from server.store.queries.booking import desk
from server.store.tables import Reservation
from wire.vocabulary import ReservationStatus

_MOST = 5_000
_KEPT = 50_000
Wall = tuple[str, str]
Hashed = tuple[str, str]


@dataclass(frozen=True, slots=True)
class PeriodShown:
    first: date
    last: date
    windows: Mapping[str, list[Wall]]


@dataclass(frozen=True, slots=True)
class HoursShown:
    """Hours of a week as a message has them: by weekday, `HH:MM`."""

    windows: Mapping[str, list[Wall]]
    periods: tuple[PeriodShown, ...] = ()


@dataclass(frozen=True, slots=True)
class RulesShown:
    """A service's rules as plain values, by the names of the message."""

    service: str
    lead_minutes: int
    earliest_minutes: int | None
    grace_minutes: int
    is_open: bool
    is_stopped: bool
    walk_ins_stopped: bool
    opening_hours: HoursShown | None
    walk_in_hours: HoursShown | None
    daily_limit: int | None
    issued_today: int


@dataclass(frozen=True, slots=True)
class VisitShown:
    """A visit by the hashes of its code and of its QR; nobody is named."""

    id: int
    code: str
    token: str
    service: str
    language: str
    status: ReservationStatus
    appointment_at: datetime
    reinstated: bool
    kept_until: datetime | None
    lapsed_by_time: bool
    number: str | None
    issued_at: datetime | None


@dataclass(frozen=True, slots=True)
class BranchAlone:
    """What all kiosks of a branch keep."""

    branch: str
    zone: str
    day: date
    day_starts_at: str
    made_at: datetime
    valid_until: datetime
    salt: str
    line_key: str
    rules: tuple[RulesShown, ...]
    visits: tuple[VisitShown, ...]


class Hashes:
    """Keeps the costly hashes of codes in this process: a visit's is computed once a day.

    They stay known after its readable codes were erased, so that a kiosk can still say what became of it.
    """

    def __init__(self, hashed: Callable[[str, str, str], str]) -> None:
        self._hashed = hashed
        self._known: dict[tuple[str, bytes], Hashed] = {}

    def of(self, session: Session, context: Context, salt: str, row: Reservation) -> Hashed | None:
        """Return the hashes of a visit's code and token; None where nobody knows its codes any more."""
        if row.code_hash is None:
            return None
        known = self._known.get((salt, row.code_hash))
        if known is not None:
            return known
        codes = codes_of(session, context, row)
        if codes is None:
            return None
        if len(self._known) >= _KEPT:
            self._known.clear()
        found = self._hashed(salt, "code", codes.code.digits), self._hashed(salt, "token", codes.token.text)
        self._known[salt, row.code_hash] = found
        return found


def alone(session: Session, context: Context, branch_id: int, hashes: Hashes) -> BranchAlone:
    """Read what the kiosks of a branch have to know; its statements do not grow with the visits."""
    branch, now = context.branch(branch_id), context.now
    day = branch.policy.business_day(now)
    until = rules.valid_until(now, branch.policy.offline_hours)
    began_at = branch.policy.business_day_began_at(now)
    salt = context.keys.derived_at(f"offline list {branch.code} {day}", began_at).hex()
    return BranchAlone(
        branch=branch.code,
        zone=branch.policy.zone.key,
        day=day,
        day_starts_at=_wall(branch.policy.day_starts_at),
        made_at=now,
        valid_until=until,
        salt=salt,
        line_key=line_key(context, branch),
        rules=tuple(_rules(session, context, branch, day)),
        visits=tuple(_visits(session, context, branch, until, salt, hashes)),
    )


def line_key(context: Context, branch: BranchView) -> str:
    """Return by what counters and kiosks of a branch know each other on this business day."""
    # The key with which the day began: it is the same all day on whatever kiosk and counter.
    began_at, day = branch.policy.business_day_began_at(context.now), branch.policy.business_day(context.now)
    return context.keys.derived_at(f"kiosk line {branch.code} {day}", began_at).hex()


def key_and_letter(session: Session, device_id: int) -> tuple[bytes, str] | None:
    """Tell the hash of a kiosk's token and its letter; None where it has none."""
    token_hash, letter = rows.key_of(session, device_id)
    return None if token_hash is None or letter is None else (token_hash, letter)


def next_ordinals(session: Session, branch: BranchView, day: date, letter: str) -> dict[str, int]:
    """Tell the first free ordinal of each series of a kiosk."""
    last = rows.last_ordinals(session, branch.id, day, letter)
    return {f"{service}{letter}": last.get(f"{service}{letter}", 0) + 1 for service in branch.services}


def _rules(session: Session, context: Context, branch: BranchView, day: date) -> list[RulesShown]:
    limited = [each.id for each in branch.services.values() if each.policy.walk_in_daily_limit is not None]
    issued = rows.walk_ins(session, branch.id, day, limited) if limited else {}
    return [
        _rules_of(session, context, branch, service, issued.get(service.id, 0))
        for service in branch.services.values()
    ]


def _rules_of(
    session: Session, context: Context, branch: BranchView, service: ServiceView, issued: int
) -> RulesShown:
    check_in, offer = context.check_in(service.id), service.policy.walk_in_offer(branch.policy)
    return RulesShown(
        service=service.letter,
        lead_minutes=_minutes(check_in.lead),
        earliest_minutes=None if check_in.earliest is None else _minutes(check_in.earliest),
        grace_minutes=_minutes(grace(session, context, service)),
        is_open=check_in.is_open,
        is_stopped=service.is_closed,
        walk_ins_stopped=service.walk_ins_stopped,
        opening_hours=_hours(offer.opening_hours),
        walk_in_hours=_hours(offer.hours),
        daily_limit=offer.daily_limit,
        issued_today=issued,
    )


def _visits(
    session: Session, context: Context, branch: BranchView, until: datetime, salt: str, hashes: Hashes
) -> list[VisitShown]:
    began = branch.policy.business_day_began_at(context.now)
    policies = [context.check_in(each.id) for each in branch.services.values()]
    last = max(rules.last_hour(until, each) for each in policies) if policies else until
    ends = max(branch.policy.business_day_ends_at(context.now), last)
    living = rows.living_since(session, branch.id, branch.policy.business_day(context.now))
    found = desk.between(session, branch.id, (began, ends), _MOST)
    return [
        # A number that is called no more is nobody's: a kiosk alone would print it again.
        _visit(context, row, number if row.id in living else None, living.get(row.id), codes)
        for row, _, number in found
        if (codes := hashes.of(session, context, salt, row)) is not None
    ]


def _visit(
    context: Context, row: Reservation, number: str | None, issued_at: datetime | None, codes: Hashed
) -> VisitShown:
    status = ReservationStatus(row.status)
    return VisitShown(
        id=row.id,
        code=codes[0],
        token=codes[1],
        service=context.office.services[row.service_id].letter,
        language=row.language,
        status=status,
        appointment_at=row.appointment_at,
        reinstated=row.reinstated_at is not None,
        kept_until=row.lapses_at if status is ReservationStatus.BOOKED else None,
        lapsed_by_time=status is ReservationStatus.LAPSED and row.reason is None,
        number=number,
        issued_at=issued_at,
    )


def _hours(hours: WeekHours | None) -> HoursShown | None:
    if hours is None:
        return None
    periods = tuple(PeriodShown(each.first, each.last, _windows(each.windows)) for each in hours.periods)
    return HoursShown(_windows(hours.windows), periods)


def _windows(windows: Mapping[int, tuple[Window, ...]]) -> dict[str, list[Wall]]:
    return {str(day): [(_wall(each.opens), _wall(each.closes)) for each in windows[day]] for day in windows}


def _wall(at: time) -> str:
    return f"{at:%H:%M}"


def _minutes(length: timedelta) -> int:
    return int(length / timedelta(minutes=1))
