"""Alone, the kiosk decides as the server's rules do: compared over all they can be given."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from kiosk.offline import (
    NO_TRIES,
    NOT_KNOWN_HERE,
    PAUSED,
    Admitted,
    Again,
    OwnTickets,
    Refused,
    Showing,
    check_in,
    is_valid,
    offers,
    walk_in,
)
from kiosk.visit import refusals
from server.domain.office.hours import WeekHours, Window
from server.domain.office.policies import BranchPolicy, ServicePolicy
from server.domain.queue import check_in as rules
from server.domain.queue import walk_in as walk_in_rules
from server.domain.queue.tickets import TicketId
from tests.kiosk.alone.samples import HOUR, MADE, code, listed, qr, service, visit
from wire import messages as wire
from wire.vocabulary import Refusal, ReservationStatus

WARSAW = ZoneInfo("Europe/Warsaw")
NOTHING = OwnTickets()
OPEN = wire.OfflineHours(windows={"1": [("08:00", "15:30")], "2": [("08:00", "15:30")]})
WEEK = WeekHours({day: (Window(time(8), time(15, 30)),) for day in (1, 2)})
MOMENTS = (
    *(HOUR - timedelta(minutes=minutes) for minutes in (100, 61, 60, 16, 15, 14, 0)),
    HOUR - timedelta(minutes=15) + timedelta(microseconds=1),
    HOUR + timedelta(minutes=5),
    MADE.replace(hour=14, minute=29),  # 15:29 in Wrocław
    MADE.replace(hour=14, minute=30),
    MADE + timedelta(days=1),
    MADE - timedelta(days=1),
)


def decided(of: wire.OfflineList, number: int, now: datetime, chosen: str | None = None) -> object:
    return check_in(of, Showing(qr(number), chosen), NOTHING, NO_TRIES, now)[0]


@pytest.mark.parametrize("status", list(ReservationStatus))
@pytest.mark.parametrize("earliest", [None, 60])
@pytest.mark.parametrize("grace", [0, 10])
@pytest.mark.parametrize("is_stopped", [False, True])
@pytest.mark.parametrize("hours", [None, OPEN])
def test_it_decides_on_a_visit_as_the_rules_of_the_server_do(
    status: ReservationStatus,
    earliest: int | None,
    grace: int,
    is_stopped: bool,
    hours: wire.OfflineHours | None,
) -> None:
    said = {"earliest_minutes": earliest, "grace_minutes": grace, "is_stopped": is_stopped}
    of_service = service(**said, opening_hours=hours)
    kept = (None, HOUR + timedelta(minutes=2))
    branch = BranchPolicy(opening_hours=WEEK if hours else None, check_in_earliest_minutes=earliest)
    rule = {now: ServicePolicy().check_in(branch, now) for now in MOMENTS}
    policies = {now: _as_the_server(rule[now], now, status, grace, is_stopped) for now in MOMENTS}
    number = "P001" if status is ReservationStatus.CHECKED_IN else None
    for reinstated, kept_until, by_time in itertools.product((False, True), kept, (False, True)):
        marks = {"reinstated": reinstated, "kept_until": kept_until, "lapsed_by_time": by_time}
        one = visit(1, status=status, number=number, **marks)
        of = listed(services=[of_service], reservations=[one])
        facts = rules.ReservationFacts("wroclaw", "P", status, HOUR, TicketId(1), **marks)
        for now, chosen in itertools.product(MOMENTS, (None, "P", "N")):
            expected = rules.decide(facts, rules.Arrival("wroclaw", now, chosen), policies[now])
            _assert_same(decided(of, 1, now, chosen), expected)


def _as_the_server(
    policy: rules.CheckInPolicy, now: datetime, status: ReservationStatus, grace: int, is_stopped: bool
) -> rules.CheckInPolicy:
    """Do as server.services.queue.check_in does before it decides."""
    is_late = now > rules.check_in_until(HOUR, policy)
    counts = is_late and status in (ReservationStatus.BOOKED, ReservationStatus.LAPSED)
    minutes = timedelta(minutes=grace if counts else 0)
    return rules.CheckInPolicy(policy.zone, policy.lead, policy.earliest, policy.is_open, is_stopped, minutes)


def _assert_same(ours: object, theirs: object) -> None:
    if isinstance(theirs, rules.Refuse):
        assert isinstance(ours, Refused)
        told = {k: v if isinstance(v, str) else v.isoformat() for k, v in theirs.facts.items()}
        assert (ours.reason, dict(ours.facts)) == (theirs.reason, told)
    elif isinstance(theirs, rules.Repeat):
        assert isinstance(ours, Again)
    else:
        assert isinstance(ours, Admitted)


@pytest.mark.parametrize("limit", [None, 0, 3])
@pytest.mark.parametrize("hours", [None, OPEN])
@pytest.mark.parametrize("own_hours", [None, OPEN])
@pytest.mark.parametrize("offered", [False, True])
def test_it_decides_on_a_walk_in_as_the_rules_of_the_server_do(
    limit: int | None, hours: wire.OfflineHours | None, own_hours: wire.OfflineHours | None, offered: bool
) -> None:
    said = {"opening_hours": hours, "walk_in_hours": own_hours, "daily_limit": limit, "issued_today": 1}
    of = listed(services=[service("N", walk_in=offered, **said)])
    offer = walk_in_rules.WalkInOffer(
        WARSAW, offered, WEEK if hours else None, WEEK if own_hours else None, limit
    )
    for now, own in itertools.product(MOMENTS, (0, 1, 2)):
        expected = walk_in_rules.decide(offer, now, 1 + own, None)
        _assert_same(walk_in(of, "N", OwnTickets(walk_ins={"N": own}), now), expected)


def test_a_service_that_a_supervisor_stopped_gives_no_tickets() -> None:
    of = listed(
        services=[
            service("N", walk_in=True, is_stopped=True),
            service("T", walk_in=True, walk_ins_stopped=True),
        ]
    )
    told = [walk_in(of, letter, NOTHING, MADE) for letter in "NTQ"]
    assert [each.reason for each in told if isinstance(each, Refused)] == [
        Refusal.CLOSED,
        Refusal.LIMIT_REACHED,
        Refusal.NOT_OFFERED,
    ]


def test_a_visit_that_has_a_number_gets_it_again() -> None:
    one = visit(1, status=ReservationStatus.CHECKED_IN, number="P007")
    assert decided(listed(reservations=[one]), 1, MADE) == Again("P007", one)
    # What this kiosk gave itself comes before what the list says.
    own = OwnTickets({2: "PX04"})
    given = check_in(listed(), Showing(code(2)), own, NO_TRIES, HOUR + timedelta(hours=3))[0]
    assert given == Again("PX04", visit(2))


def test_a_code_that_nobody_has_is_not_known_here_and_pauses_typing() -> None:
    of, tries, now = listed(), NO_TRIES, MADE
    for _ in range(5):
        told, tries = check_in(of, Showing(code(99)), NOTHING, tries, now)
        assert isinstance(told, Refused)
        assert (told.reason, told.facts) == (NOT_KNOWN_HERE, {"listed_at": MADE.isoformat()})
    told, same = check_in(of, Showing(code(1)), NOTHING, tries, now + timedelta(seconds=10))
    assert isinstance(told, Refused)
    assert (told.reason, told.retry_after_s, same) == (PAUSED, 20.0, tries)
    assert isinstance(check_in(of, Showing(qr(1)), NOTHING, tries, now)[0], Admitted), "a scan is no guess"
    told, after = check_in(of, Showing(code(1)), NOTHING, tries, now + timedelta(seconds=30))
    assert isinstance(told, Admitted)
    assert after == NO_TRIES


def test_an_unknown_scan_counts_no_try() -> None:
    assert check_in(listed(), Showing(qr(20)), NOTHING, NO_TRIES, MADE)[1] == NO_TRIES


def test_the_menu_shows_what_can_be_had_and_no_waits() -> None:
    of = listed(services=[service("N", walk_in=True, walk_in_hours=OPEN), service("T", walk_in=True)])
    evening = MADE.replace(hour=16)
    first, second = offers(of, NOTHING, evening)
    assert (first.refusal, first.opens_at) == (Refusal.CLOSED, datetime(2026, 11, 25, 7, tzinfo=UTC))
    assert (second.refusal, second.waiting, second.wait_minutes) == (None, 0, None)


def test_a_list_is_of_its_hours_and_of_its_business_day() -> None:
    of = listed(valid_until=MADE + timedelta(days=2), day_starts_at="04:00")
    until = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)  # four in the morning in Wrocław
    assert is_valid(of, until - timedelta(seconds=1))
    assert not is_valid(of, until)
    short = listed(valid_until=HOUR)
    assert (is_valid(short, HOUR - timedelta(seconds=1)), is_valid(short, HOUR)) == (True, False)


def test_the_conversation_knows_the_reasons_by_the_same_words() -> None:
    assert (refusals.NOT_KNOWN_HERE, refusals.PAUSED) == (NOT_KNOWN_HERE, PAUSED)
    assert NOT_KNOWN_HERE in refusals.WAYS
