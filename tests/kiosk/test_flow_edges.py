"""The edges of the conversation: to the second, to the last touch, and what is kept on each way back."""

from __future__ import annotations

from dataclasses import replace

from kiosk.flow import advance, seconds_left
from kiosk.visit.effects import Forget, LoadServices
from kiosk.visit.events import (
    Answered,
    Digit,
    LanguageChosen,
    Press,
    Printed,
    Problem,
    Scanned,
    ServiceChosen,
    ServicesLoaded,
    Tick,
    Unreachable,
)
from kiosk.visit.refusals import PAUSED
from kiosk.visit.screens import (
    Checking,
    CodeEntry,
    Help,
    OutOfOrder,
    PriorityQuestion,
    Refused,
    Start,
    StillThere,
    TicketShown,
    WalkInMenu,
)
from kiosk.visit.surroundings import Manner, Office, Surroundings
from tests.kiosk.samples import CODE, OFFERS, OFFICE, PLAIN_OFFICE, QR, around, ticket
from tests.kiosk.visitor import Visitor
from wire.vocabulary import Refusal


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


def test_an_answer_is_awaited_for_fifteen_seconds_and_then_the_server_counts_as_lost() -> None:
    visitor = Visitor()
    (question,) = visitor.do(Scanned(QR))
    asked_s = visitor.screen.since_s
    assert isinstance(advance(visitor.screen, Tick(), asked_s + 15.0)[0], Checking)
    after, effects = advance(visitor.screen, Tick(), asked_s + 15.5)
    assert after == OutOfOrder(replace(after.around, reachable=False), question)
    assert effects == ()


def test_the_warning_lasts_to_its_last_second_even_where_visits_are_short() -> None:
    visitor = Visitor(replace(PLAIN_OFFICE, idle_seconds=10.0))
    visitor.do(Press.RESERVATION)
    visitor.wait(1)
    assert isinstance(visitor.screen, StillThere)
    assert seconds_left(visitor.screen) == 20
    visitor.wait(19)
    assert isinstance(visitor.screen, StillThere)
    assert visitor.effects == []
    visitor.wait(1)
    assert isinstance(visitor.screen, Start)


def test_of_a_visit_that_is_long_over_no_seconds_are_left() -> None:
    entry = CodeEntry(replace(around(), now_s=1000.0, touched_s=100.0))
    assert seconds_left(entry) == 0.0


def test_typed_codes_pause_as_long_as_the_server_says_or_half_a_minute() -> None:
    for said, pause in ((5.0, 5.0), (None, 30.0)):
        visitor = Visitor()
        (question,) = visitor.do(Scanned(CODE))
        visitor.do(Problem(question.ask, PAUSED, {}, retry_after_s=said))
        assert visitor.screen.around.typing_paused_s == pause
        visitor.wait(pause - 1)
        assert isinstance(visitor.screen, Refused)
        visitor.wait(1)
        assert isinstance(visitor.screen, CodeEntry)


def test_after_another_refusal_typed_codes_do_not_pause() -> None:
    visitor = Visitor()
    (question,) = visitor.do(Scanned(CODE))
    visitor.do(Problem(question.ask, Refusal.UNKNOWN_CODE))
    assert visitor.screen.around.typing_paused_s == 0


def test_only_the_refusal_of_a_service_that_was_chosen_names_it() -> None:
    visitor = Visitor()
    visitor.do(Press.WALK_IN)
    (question,) = visitor.do(ServiceChosen("N"))
    visitor.do(Problem(question.ask, Refusal.LIMIT_REACHED))
    assert visitor.screen.service == "N"
    (question,) = visitor.do(Scanned(QR))
    visitor.do(Problem(question.ask, Refusal.LAPSED))
    assert visitor.screen.service is None


def test_help_stays_while_the_screen_beneath_hears_news() -> None:
    visitor = Visitor()
    visitor.do(Press.WALK_IN, Press.HELP, ServicesLoaded(OFFERS[1:]))
    assert isinstance(visitor.screen, Help)
    visitor.do(Press.BACK)
    assert visitor.screen.around.offers == OFFERS[1:]


def test_the_failure_of_a_question_that_nobody_waits_for_changes_nothing() -> None:
    start = Start(around())
    for event in (Unreachable(99), Problem(99, Refusal.CLOSED)):
        after, effects = advance(start, event, 10.0)
        assert (type(after), after.around.reachable, effects) == (Start, True, ())
    after, _ = advance(start, Problem(None, "internal_error"), 10.0)
    assert isinstance(after, OutOfOrder)


def test_services_that_come_back_leave_a_question_that_waits() -> None:
    visitor = Visitor()
    (question,) = visitor.do(Scanned(QR))
    visitor.do(Unreachable(question.ask), ServicesLoaded(OFFERS))
    assert visitor.screen == OutOfOrder(visitor.screen.around, question)


def test_a_scan_gives_all_extensions_again() -> None:
    visitor = Visitor()
    visitor.do(Press.RESERVATION)
    visitor.wait(40)
    visitor.do(Press.MORE_TIME)
    assert visitor.screen.around.extensions == 1
    visitor.do(Scanned(QR))
    assert visitor.screen.around.extensions == 0


def test_whoever_comes_next_has_all_extensions() -> None:
    visitor = Visitor()
    visitor.do(Press.RESERVATION)
    visitor.wait(40)
    visitor.do(Press.MORE_TIME)
    visitor.wait(60)
    assert visitor.screen == Start(replace(visitor.screen.around, extensions=0))


def test_questions_and_slips_are_counted() -> None:
    visitor = Visitor()
    visitor.do(Scanned(QR))
    visitor.do(Answered(1, ticket()))
    visitor.do(Printed(2), Press.COPY)
    visitor.do(Press.HOME, Press.WALK_IN, ServiceChosen("N"))
    asks = [effect.ask for effect in visitor.effects if not isinstance(effect, Forget | LoadServices)]
    assert asks == [1, 2, 3, 4]


def test_before_the_office_is_known_a_kiosk_asks_nothing_that_it_may_not_want() -> None:
    office, surroundings = Office(), Surroundings()
    assert (office.languages, office.ask_service_first, office.priorities) == (("pl", "en"), False, ())
    assert (office.check_in_lead_minutes, office.idle_seconds, office.touch_pause_seconds) == (15, 60.0, 0.4)
    assert (surroundings.reachable, surroundings.language, surroundings.typing_paused_s) == (True, "pl", 0.0)
    assert (surroundings.manner.larger_text, surroundings.manner.high_contrast) == (False, False)
    assert (surroundings.extensions, surroundings.asks) == (0, 0)
    assert (surroundings.now_s, surroundings.touched_s, surroundings.typing_from_s) == (0.0, 0.0, 0.0)
