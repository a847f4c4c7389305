"""The edges of the conversation: to the second, to the last touch, and what is kept on each way back."""

from __future__ import annotations

from dataclasses import replace

from kiosk.flow import advance
from kiosk.visit.effects import Forget
from kiosk.visit.events import (
    Digit,
    LanguageChosen,
    Press,
    Scanned,
    ServiceChosen,
    ServicesLoaded,
)
from kiosk.visit.screens import (
    Checking,
    CodeEntry,
    PriorityQuestion,
    Refused,
    Start,
    StillThere,
    TicketShown,
    WalkInMenu,
)
from kiosk.visit.surroundings import Manner
from tests.kiosk.samples import OFFERS, OFFICE, QR, around
from tests.kiosk.visitor import Visitor


def test_the_code_of_the_ticket_on_the_screen_counts_again_after_eight_seconds() -> None:
    visitor = Visitor()
    visitor.get_ticket()
    shown = visitor.screen
    assert isinstance(shown, TicketShown)
    assert advance(shown, Scanned(QR), shown.shown_s + 7.5)[1] == ()
    after, (forget, question) = advance(shown, Scanned(QR), shown.shown_s + 8.0)
    assert isinstance(after, Checking)
    assert (forget, question.text) == (Forget(), QR)


def test_a_touch_is_heard_from_the_end_of_the_pause_on() -> None:
    menu, _ = advance(Start(around(replace(OFFICE, touch_pause_seconds=0.5))), Press.WALK_IN, 10.0)
    assert isinstance(advance(menu, ServiceChosen("N"), 10.25)[0], WalkInMenu)
    assert isinstance(advance(menu, ServiceChosen("N"), 10.5)[0], PriorityQuestion)


def test_a_touch_just_after_other_services_came_into_the_menu_is_not_heard() -> None:
    menu, _ = advance(Start(around(OFFICE)), Press.WALK_IN, 10.0)
    same, _ = advance(menu, ServicesLoaded(OFFERS), 20.0)
    assert isinstance(advance(same, ServiceChosen("N"), 20.1)[0], PriorityQuestion)
    other, _ = advance(menu, ServicesLoaded(OFFERS[1:]), 20.0)
    assert isinstance(advance(other, ServiceChosen("N"), 20.1)[0], WalkInMenu)


def test_where_no_services_are_shown_other_services_stop_no_touch() -> None:
    start, _ = advance(Start(around(OFFICE)), ServicesLoaded(OFFERS[1:]), 20.0)
    assert isinstance(advance(start, Press.WALK_IN, 20.1)[0], WalkInMenu)


def test_the_way_home_out_of_the_warning_ends_the_visit() -> None:
    for press in (Press.HOME, Press.BACK):
        visitor = Visitor()
        visitor.do(LanguageChosen("en"), Press.RESERVATION, Digit("4"))
        visitor.wait(40)
        assert isinstance(visitor.screen, StillThere)
        assert visitor.do(press) == (Forget(),)
        assert isinstance(visitor.screen, Start)
        assert visitor.screen.around.manner == Manner()


def test_a_scan_during_the_warning_is_asked() -> None:
    visitor = Visitor()
    visitor.do(Press.RESERVATION)
    visitor.wait(40)
    assert isinstance(visitor.screen, StillThere)
    (question,) = visitor.do(Scanned(QR))
    assert question.text == QR
    assert isinstance(visitor.screen, Checking)


def test_the_way_home_forgets_the_language_and_one_step_back_keeps_it() -> None:
    visitor = Visitor()
    visitor.do(LanguageChosen("en"), Press.RESERVATION)
    assert isinstance(visitor.screen, CodeEntry)
    assert visitor.do(Press.BACK) == (Forget(),)
    assert visitor.screen.around.manner.language == "en"
    visitor.do(Press.RESERVATION, Press.HOME)
    assert isinstance(visitor.screen, Start)
    assert visitor.screen.around.manner == Manner()


def test_one_step_back_from_the_priority_question_is_the_menu() -> None:
    visitor = Visitor(OFFICE)
    visitor.do(Press.WALK_IN, ServiceChosen("N"))
    assert isinstance(visitor.screen, PriorityQuestion)
    assert visitor.do(Press.BACK) == ()
    assert isinstance(visitor.screen, WalkInMenu)
    visitor.do(ServiceChosen("N"), Press.HOME)
    assert isinstance(visitor.screen, Start)


def test_the_address_of_the_booking_page_opens_and_closes_over_a_refusal() -> None:
    visitor = Visitor(OFFICE)
    visitor.do(Press.WALK_IN, ServiceChosen("L"))
    refused = visitor.screen
    assert isinstance(refused, Refused)
    shown = []
    for press in (Press.BOOKING_QR, Press.BOOKING_QR, Press.BOOKING_QR, Press.BACK):
        visitor.do(press)
        assert isinstance(visitor.screen, Refused)
        shown.append(visitor.screen.shows_booking_qr)
    assert shown == [True, False, True, False]
    visitor.do(Press.BACK)
    assert isinstance(visitor.screen, Start)
