"""What a kiosk decides on its own: the server's rules with the values of its last list (ADR 0026)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from server.domain.office.hours import Period, WeekHours, Window, business_day
from server.domain.queue import check_in as check_ins
from server.domain.queue import order, wrong_codes
from server.domain.queue import walk_in as walk_ins
from server.domain.queue.check_in import CheckInPolicy, ReservationFacts
from server.domain.queue.tickets import TicketId, shown_again
from server.domain.queue.walk_in import WalkInOffer
from server.domain.queue.wrong_codes import WrongCodes
from wire import messages as wire
from wire.codes import BookingCode, BookingToken
from wire.messages.offline import Windows, code_hash
from wire.vocabulary import Refusal, ReservationStatus, TicketStatus

NOT_KNOWN_HERE = "not_known_here"
"""The code is in nobody's list of today: it may be wrong, or its visit was booked after the list was made."""
PAUSED = "paused"
NO_TRIES = WrongCodes()

_WRONG_CODES = wrong_codes.WrongCodePolicy()
_ITS_OWN = TicketId(0)
"""The rules want a ticket of a visit that is checked in; which one it is, its number tells here."""
_CAN_BE_LATE = (ReservationStatus.BOOKED, ReservationStatus.LAPSED)


@dataclass(frozen=True, slots=True)
class Showing:
    """What a visitor shows: a code or a QR's token, perhaps after pressing a service's button."""

    code: BookingCode | BookingToken
    service: str | None = None


@dataclass(frozen=True, slots=True)
class OwnTickets:
    """What this kiosk gave and its list does not know: numbers by reservation, walk-ins counted by service."""

    numbers: Mapping[int, str] = field(default_factory=dict)
    walk_ins: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Admitted:
    """A ticket is to be given: for this visit, or None without one."""

    service: str
    reservation: wire.OfflineReservation | None = None


@dataclass(frozen=True, slots=True)
class Again:
    """The visitor has a number already."""

    number: str
    reservation: wire.OfflineReservation


@dataclass(frozen=True, slots=True)
class Refused:
    """No ticket: the reason with the facts that the server would tell of it, as on the wire."""

    reason: str
    facts: Mapping[str, str] = field(default_factory=dict)
    retry_after_s: float | None = None


def is_valid(listed: wire.OfflineList, now: datetime) -> bool:
    """Tell whether a list may still be used: not too old, and of the business day of this instant."""
    zone, starts_at = ZoneInfo(listed.zone), time.fromisoformat(listed.day_starts_at)
    return now < listed.valid_until and business_day(now, zone, starts_at) == listed.day


def find(listed: wire.OfflineList, code: BookingCode | BookingToken) -> wire.OfflineReservation | None:
    """Look a code up by its hash; a typed one costs some milliseconds."""
    if isinstance(code, BookingCode):
        shown = code_hash(listed.salt, "code", code.digits)
        return next((each for each in listed.reservations if each.code == shown), None)
    shown = code_hash(listed.salt, "token", code.text)
    return next((each for each in listed.reservations if each.token == shown), None)


def check_in(
    listed: wire.OfflineList, showing: Showing, own: OwnTickets, tries: WrongCodes, now: datetime
) -> tuple[Admitted | Again | Refused, WrongCodes]:
    """Decide on a code as the server does, and count wrong ones; return the decision and the tries after it."""
    typed = isinstance(showing.code, BookingCode)
    if typed and (until := wrong_codes.paused_until(tries, now)):
        return Refused(PAUSED, {"until": until.isoformat()}, (until - now).total_seconds()), tries
    found = find(listed, showing.code)
    if found is None:
        after = wrong_codes.after_wrong(tries, now, _WRONG_CODES) if typed else tries
        return Refused(NOT_KNOWN_HERE, {"listed_at": listed.made_at.isoformat()}), after
    return _decide(listed, found, showing.service, own, now), NO_TRIES if typed else tries


def _decide(
    listed: wire.OfflineList,
    found: wire.OfflineReservation,
    service: str | None,
    own: OwnTickets,
    now: datetime,
) -> Admitted | Again | Refused:
    offered = _service(listed, found.service)
    number = own.numbers.get(found.id) or found.number
    status = ReservationStatus.CHECKED_IN if found.id in own.numbers else found.status
    if offered is None or (status is ReservationStatus.CHECKED_IN and number is None):
        return Refused(NOT_KNOWN_HERE, {"listed_at": listed.made_at.isoformat()})
    facts = ReservationFacts(
        branch=listed.branch,
        service=found.service,
        status=status,
        appointment_at=found.appointment_at,
        ticket_id=_ITS_OWN,
        reinstated=found.reinstated,
        kept_until=found.kept_until,
        lapsed_by_time=found.lapsed_by_time,
    )
    arrival = check_ins.Arrival(listed.branch, now, service)
    decision = check_ins.decide(facts, arrival, _check_in_policy(listed, offered, facts, now))
    if isinstance(decision, check_ins.Refuse):
        return _refused(decision)
    if isinstance(decision, check_ins.Repeat) and number is not None:
        return Again(number, found)
    return Admitted(found.service, found)


def _check_in_policy(
    listed: wire.OfflineList, service: wire.OfflineService, facts: ReservationFacts, now: datetime
) -> CheckInPolicy:
    hours, earliest = _hours(service.opening_hours), service.earliest_minutes
    zone = ZoneInfo(listed.zone)
    closes_at = hours.last_closing(now, zone, time.fromisoformat(listed.day_starts_at)) if hours else None
    policy = CheckInPolicy(
        zone=zone,
        lead=timedelta(minutes=service.lead_minutes),
        earliest=None if earliest is None else timedelta(minutes=earliest),
        is_open=service.is_open and (hours is None or (closes_at is not None and now < closes_at)),
        is_stopped=service.is_stopped,
    )
    is_late = now > check_ins.check_in_until(facts.appointment_at, policy)
    if not is_late or facts.status not in _CAN_BE_LATE:
        return policy
    return CheckInPolicy(
        zone,
        policy.lead,
        policy.earliest,
        policy.is_open,
        policy.is_stopped,
        timedelta(minutes=service.grace_minutes),
    )


def walk_in(listed: wire.OfflineList, letter: str, own: OwnTickets, now: datetime) -> Admitted | Refused:
    """Decide on a ticket without a reservation as the server does; how long people wait is not known here."""
    service = _service(listed, letter)
    if service is None:
        return Refused(Refusal.NOT_OFFERED)
    if service.is_stopped:
        return Refused(Refusal.CLOSED)
    if service.walk_ins_stopped:
        return Refused(Refusal.LIMIT_REACHED)
    offer = WalkInOffer(
        zone=ZoneInfo(listed.zone),
        offered=service.offer.walk_in,
        opening_hours=_hours(service.opening_hours),
        hours=_hours(service.walk_in_hours),
        daily_limit=service.daily_limit,
        day_starts_at=time.fromisoformat(listed.day_starts_at),
    )
    issued = service.issued_today + own.walk_ins.get(letter, 0)
    decision = walk_ins.decide(offer, now, issued, expected_wait=None)
    return _refused(decision) if isinstance(decision, check_ins.Refuse) else Admitted(letter)


def offers(listed: wire.OfflineList, own: OwnTickets, now: datetime) -> tuple[wire.ServiceOffer, ...]:
    """List what the menu shows: what can be had now, and nothing of how many wait."""
    shown = []
    for service in listed.services:
        decision = walk_in(listed, service.offer.code, own, now)
        known: dict[str, object] = {"refusal": None, "opens_at": None, "waiting": 0, "wait_minutes": None}
        if isinstance(decision, Refused):
            opens_at = decision.facts.get("opens_at")
            known["refusal"] = Refusal(decision.reason)
            known["opens_at"] = None if opens_at is None else datetime.fromisoformat(opens_at)
        shown.append(service.offer.model_copy(update=known))
    return tuple(shown)


def over(entry: wire.OfflineEntry, number: str, now: datetime) -> Refused | None:
    """Tell by the rules of a number that a clerk is done with at the kiosk's own line; None while it is good.

    Who missed the call is not put back into the line here: that is in the server's hands.
    """
    if entry.ended_at is None:
        return None
    status = TicketStatus.NO_SHOW if entry.no_show else TicketStatus.FINISHED
    reason = shown_again(status, entry.ended_at, now, timedelta(), came_back=False)
    times = {"called_at": entry.called_at, "finished_at": entry.ended_at, "now": now}
    told = {name: at.isoformat() for name, at in times.items() if at is not None}
    return Refused(reason, {"number": number, **told})


def calling_order(
    entries: Sequence[wire.OfflineEntry], hours: Mapping[int, datetime], now: datetime
) -> list[wire.OfflineEntry]:
    """Put those who wait into the order of calling, by the usual figures of the rules (`Who is next`).

    `entries` are all of the day in the order of issue, also those that were called: they tell whether a priority
    visitor's turn has come. `hours` are those of the visits, by reservation.
    """
    called = sorted((each for each in entries if each.called_at), key=lambda each: each.called_at or now)
    since = next((n for n, each in enumerate(reversed(called)) if each.priority is not None), None)
    rules = order.CounterRules()
    allowed = order.priority_allowed(since, rules.policy)

    def turn(place: int) -> order.Turn:
        each = entries[place]
        hour = hours.get(each.reservation or 0)
        waiting = order.LineTicket(TicketId(place), 0, each.at, hour, each.priority is not None)
        return order.turn(waiting, now, rules, allowed)

    waits = [place for place, each in enumerate(entries) if each.called_at is None]
    return [entries[place] for place in sorted(waits, key=turn)]


def _service(listed: wire.OfflineList, letter: str) -> wire.OfflineService | None:
    return next((each for each in listed.services if each.offer.code == letter), None)


def _refused(refusal: check_ins.Refuse) -> Refused:
    told = {
        name: value if isinstance(value, str) else value.isoformat() for name, value in refusal.facts.items()
    }
    return Refused(refusal.reason, told)


def _hours(told: wire.OfflineHours | None) -> WeekHours | None:
    if told is None:
        return None
    periods = (Period(each.first, each.last, _windows(each.windows)) for each in told.periods)
    return WeekHours(_windows(told.windows), tuple(periods))


def _windows(told: Windows) -> Mapping[int, tuple[Window, ...]]:
    return {
        int(weekday): tuple(
            Window(time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in each
        )
        for weekday, each in told.items()
    }
