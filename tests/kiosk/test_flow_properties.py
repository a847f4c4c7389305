"""Whatever happens in whatever order: a known screen, always a way back, nothing of a visitor after Forget."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from itertools import count
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.flow import advance, seconds_left
from kiosk.visit.answers import MOST_AGAIN
from kiosk.visit.effects import Forget, IssueTicket, LoadServices, PrintSlip, SayAgain, SubmitCode
from kiosk.visit.events import (
    Answered,
    Digit,
    HeadsetChanged,
    Heard,
    LanguageChosen,
    OfficeLoaded,
    OtherPrinter,
    Press,
    Printed,
    PrinterBack,
    PrinterTrouble,
    PriorityChosen,
    Problem,
    Scanned,
    ServiceChosen,
    ServicesLoaded,
    Tick,
    Touch,
    Unreachable,
)
from kiosk.visit.refusals import WAYS, ways_on
from kiosk.visit.screens import Checking, OutOfOrder, Refused, Screen, Start
from kiosk.visit.steps import has_visitor, plain
from kiosk.visit.surroundings import Office
from tests.examples import examples
from tests.kiosk.samples import CODE, OFFERS, OFFICE, OTHER_QR, PLAIN_OFFICE, QR, around, ticket
from wire.vocabulary import Priority

OFFICES = (PLAIN_OFFICE, OFFICE, replace(OFFICE, ask_service_first=True, portal_url=None), Office())
ASKS = st.integers(0, 6)
EVENTS = st.one_of(
    st.sampled_from(list(Press)),
    st.sampled_from([Press.NEXT, Press.RESERVATION, Press.WALK_IN, Press.YES]),
    st.sampled_from(CODE).map(Digit),
    st.just("whole code"),
    st.booleans().map(HeadsetChanged),
    st.just(Heard()),
    st.sampled_from([QR, OTHER_QR, CODE, "hello"]).map(Scanned),
    st.sampled_from("POILX").map(ServiceChosen),
    st.sampled_from([None, *Priority]).map(PriorityChosen),
    st.sampled_from(["pl", "en", "xx"]).map(LanguageChosen),
    st.builds(Answered, ASKS, st.sampled_from([ticket(), ticket("N007", "en", False)]), st.booleans()),
    st.builds(
        Problem,
        ASKS | st.none(),
        st.sampled_from([*WAYS, "internal_error"]),
        st.sampled_from([{}, {"service": "N", "now": "2026-11-24T09:52:00+01:00"}]),
    ),
    st.builds(Unreachable, ASKS | st.none()),
    st.sampled_from([OFFERS, ()]).map(ServicesLoaded),
    st.sampled_from(OFFICES).map(OfficeLoaded),
    st.builds(Printed, ASKS),
    st.builds(PrinterTrouble, ASKS),
    st.builds(PrinterBack, ASKS, st.booleans()),
    st.builds(OtherPrinter, ASKS, st.booleans()),
    st.just(Tick()),
)
STORIES = st.lists(st.tuples(EVENTS, st.sampled_from([0.1, 1.0, 25.0])), max_size=30)
EFFECTS = (SubmitCode, IssueTicket, PrintSlip, LoadServices, SayAgain, Forget)


def tell(office: Office, story: list) -> Iterator[tuple[Screen, Screen, object, tuple, float]]:
    """Go through a story; yield before, after, event, effects and time of every step."""
    screen: Screen = Start(around(office))
    now_s = 0.0
    for event, seconds in story:
        for single in map(Digit, CODE) if event == "whole code" else [event]:
            now_s += seconds
            after, effects = advance(screen, single, now_s)
            yield screen, after, single, effects, now_s
            screen = after


def end_of(office: Office, story: list) -> tuple[Screen, float]:
    """Go through a story; return the last screen and its time."""
    screen: Screen = Start(around(office))
    now_s = 0.0
    for step in tell(office, story):
        screen, now_s = step[1], step[4]
    return screen, now_s


def values_in(value: object) -> Iterator[object]:
    """Yield all values inside a screen, however deep."""
    yield value
    if is_dataclass(value):
        for field in fields(value):
            yield from values_in(getattr(value, field.name))


@settings(max_examples=examples(300))
@given(st.sampled_from(OFFICES), STORIES)
def test_every_event_leads_from_every_screen_to_a_known_one(office: Office, story: list) -> None:
    for _, after, _, effects, now_s in tell(office, story):
        assert isinstance(
            after, get_args(Screen) + get_args(plain.__annotations__.get("return", ())) or object
        )
        assert all(isinstance(effect, EFFECTS) for effect in effects)
        left = seconds_left(after)
        assert left is None or 0 <= left <= office_seconds(after)
        assert after.around.now_s == now_s
        if isinstance(after, Refused):
            ways_on(after)


def office_seconds(screen: Screen) -> float:
    return screen.around.office.idle_seconds


@settings(max_examples=examples(300))
@given(st.sampled_from(OFFICES), STORIES)
def test_time_alone_always_leads_back_to_a_clean_start(office: Office, story: list) -> None:
    screen, now_s = end_of(office, story)
    for second in count(1):
        if not has_visitor(screen):
            break
        assert second < 200, screen
        screen, _ = advance(screen, Tick(), now_s + second)
    assert isinstance(screen, Start | OutOfOrder)


@settings(max_examples=examples(300))
@given(st.sampled_from(OFFICES), STORIES)
def test_four_touches_of_back_always_lead_out_unless_an_answer_is_awaited(
    office: Office, story: list
) -> None:
    screen, now_s = end_of(office, story)
    for after in range(1, 5):
        screen, _ = advance(screen, Press.BACK, now_s + after)
    assert isinstance(screen, Start | OutOfOrder | Checking)


@settings(max_examples=examples(300))
@given(st.sampled_from(OFFICES), STORIES)
def test_nothing_of_a_visitor_is_left_after_forget(office: Office, story: list) -> None:
    for before, after, event, effects, _ in tell(office, story):
        if Forget() not in effects:
            continue
        beneath = plain(before)
        private = {getattr(beneath, name, None) for name in ("text", "digits")} - {None, ""}
        private |= {getattr(getattr(beneath, "question", None), "text", None)} - {None}
        if isinstance(event, Scanned):
            private -= {event.text}
        left = list(values_in(after))
        assert not any(isinstance(value, type(ticket())) for value in left)
        assert not private & {value for value in left if isinstance(value, str)}


@settings(max_examples=examples(300))
@given(st.sampled_from(OFFICES), STORIES)
def test_a_question_is_numbered_once_and_a_slip_follows_its_ticket(office: Office, story: list) -> None:
    asked: dict[int, object] = {}
    for before, _, event, effects, _ in tell(office, story):
        for effect in effects:
            if isinstance(effect, SubmitCode | IssueTicket):
                assert asked.setdefault(effect.ask, effect) == effect
            if isinstance(effect, PrintSlip):
                is_anew = isinstance(event, PrinterBack) and plain(before).again < MOST_AGAIN
                assert isinstance(event, Answered) or event is Press.COPY or is_anew


def heard_on(screen: Screen) -> tuple[object, ...]:
    """Return what a touch may change: the screen without its clocks."""
    still = replace(screen.around, now_s=0.0, touched_s=0.0, changed_s=0.0)
    return type(screen), type(plain(screen)), still.manner, getattr(plain(screen), "digits", None)


@settings(max_examples=examples(300))
@given(st.sampled_from(OFFICES), STORIES, EVENTS, EVENTS, st.floats(0.0, 0.39))
def test_no_two_touches_within_the_pause_reach_two_screens(
    office: Office, story: list, first: object, second: object, gap: float
) -> None:
    screen, now_s = end_of(office, story)
    if not isinstance(first, get_args(Touch)) or not isinstance(second, get_args(Touch)):
        return
    middle, _ = advance(screen, first, now_s + 5)
    if (type(middle), type(plain(middle))) == (type(screen), type(plain(screen))):
        return
    after, effects = advance(middle, second, now_s + 5 + gap)
    assert heard_on(after) == heard_on(middle)
    assert effects == ()
