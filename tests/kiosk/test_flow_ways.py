"""Which ways on a refusal shows, what is read of its facts, and that no code of a visitor gets into a log."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from kiosk.visit.effects import SubmitCode
from kiosk.visit.events import Answered, Problem, Scanned, ServiceChosen
from kiosk.visit.refusals import Way, read_facts, ways_on
from kiosk.visit.screens import CodeEntry, Facts, Refused, WhichService
from kiosk.visit.surroundings import Surroundings, is_open
from tests.kiosk.samples import CODE, OFFERS, OFFICE, PLAIN_OFFICE, QR, around, ticket
from tests.kiosk.visitor import Visitor
from wire.vocabulary import Refusal

NOTHING_OPEN = replace(around(OFFICE), offers=(OFFERS[0], OFFERS[3]))


@pytest.mark.parametrize(
    ("surroundings", "reason", "service", "ways"),
    [
        (around(OFFICE), Refusal.CLOSED, "L", (Way.BOOK, Way.MENU, Way.INFORMATION)),
        (around(OFFICE), Refusal.CLOSED, "T", (Way.BOOK, Way.MENU)),
        (around(OFFICE), Refusal.SERVICE_STOPPED, "L", (Way.BOOK, Way.INFORMATION)),
        (around(PLAIN_OFFICE), Refusal.CLOSED, "L", (Way.MENU, Way.INFORMATION)),
        (around(OFFICE), Refusal.NOT_OFFERED, "P", (Way.HAVE_CODE, Way.BOOK, Way.MENU)),
        (NOTHING_OPEN, Refusal.CLOSED, "L", (Way.BOOK,)),
        (NOTHING_OPEN, Refusal.NOT_OFFERED, "P", (Way.HAVE_CODE, Way.BOOK)),
        (NOTHING_OPEN, Refusal.UNKNOWN_CODE, None, (Way.NEW_CODE,)),
    ],
)
def test_a_refusal_shows_the_ways_that_are_open_here_best_first(
    surroundings: Surroundings, reason: Refusal, service: str | None, ways: tuple[Way, ...]
) -> None:
    assert ways_on(Refused(surroundings, reason, Facts(), service)) == ways


@pytest.mark.parametrize(
    ("told", "day"),
    [("2026-11-28", date(2026, 11, 28)), ("2026-11-31", None), (20261128, None), (None, None)],
)
def test_the_day_of_a_reservation_is_read(told: object, day: date | None) -> None:
    assert read_facts({"date": told}).day == day


def test_the_refusal_of_a_code_names_no_service_even_where_one_was_chosen_first() -> None:
    visitor = Visitor(OFFICE)
    visitor.do(ServiceChosen("N"))
    visitor.screen = CodeEntry(visitor.screen.around, "N")
    (question,) = visitor.do(Scanned(QR))
    assert question.service == "N"
    visitor.do(Problem(question.ask, Refusal.LAPSED))
    assert visitor.screen.service is None


@pytest.mark.parametrize(
    "value",
    [
        Scanned(CODE),
        SubmitCode(1, CODE, None, None),
        WhichService(around(), CODE),
        CodeEntry(around(), digits=CODE),
        Problem(1, Refusal.LAPSED, {"code": CODE}),
    ],
)
def test_what_a_visitor_scanned_or_typed_is_not_in_what_a_log_says(value: object) -> None:
    assert CODE not in repr(value)


def test_a_ticket_is_new_unless_the_server_says_otherwise() -> None:
    visitor = Visitor()
    (question,) = visitor.do(Scanned(QR))
    (slip,) = visitor.do(Answered(question.ask, ticket()))
    assert (visitor.screen.repeat, visitor.screen.reinstated, slip.copy) == (False, False, False)


def test_a_service_is_open_when_it_is_offered_and_nothing_speaks_against_it() -> None:
    pick_up = OFFERS[1]
    assert is_open(pick_up)
    assert not is_open(pick_up.model_copy(update={"refusal": Refusal.LIMIT_REACHED}))
    assert not is_open(pick_up.model_copy(update={"walk_in": False}))


@pytest.mark.parametrize(("service", "offered"), [("T", OFFERS[2]), ("L", None), ("X", None), (None, None)])
def test_staff_answer_questions_only_where_their_service_is_open(
    service: str | None, offered: object
) -> None:
    assert around(replace(OFFICE, information_service=service)).information_offer == offered
