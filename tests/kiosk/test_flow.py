"""The conversation with a visitor, told as stories."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from kiosk.flow import advance, seconds_left
from kiosk.visit.effects import Forget, IssueTicket, LoadServices, PrintSlip, SubmitCode
from kiosk.visit.events import (
    Answered,
    Digit,
    LanguageChosen,
    Press,
    Printed,
    PrinterTrouble,
    PriorityChosen,
    Problem,
    Scanned,
    ServiceChosen,
    ServicesLoaded,
    Tick,
    Unreachable,
)
from kiosk.visit.refusals import NOT_KNOWN_HERE, PAUSED, WAYS, Way, ways_on
from kiosk.visit.screens import (
    Checking,
    CodeEntry,
    Help,
    Mistake,
    OtherService,
    OutOfOrder,
    PriorityQuestion,
    Refused,
    SlipState,
    Start,
    StillThere,
    TicketShown,
    WalkInMenu,
    WhichService,
)
from kiosk.visit.surroundings import Manner
from tests.kiosk.samples import CODE, OFFERS, OFFICE, OTHER_QR, PLAIN_OFFICE, QR, around, ticket
from tests.kiosk.visitor import Visitor
from wire.vocabulary import Priority, Refusal


@pytest.fixture
def visitor() -> Visitor:
    return Visitor()


def test_a_scan_needs_no_touch_from_start_to_ticket(visitor: Visitor) -> None:
    slip = visitor.get_ticket()
    assert isinstance(visitor.screen, TicketShown)
    assert visitor.screen.ticket.number == "P042"
    assert not slip.copy
    assert visitor.touches == 0


def test_a_typed_code_needs_eleven_touches(visitor: Visitor) -> None:
    visitor.do(Press.RESERVATION, *(Digit(digit) for digit in CODE))
    (question,) = visitor.do(Press.NEXT)
    assert question == SubmitCode(question.ask, CODE, None, None)
    visitor.do(Answered(question.ask, ticket()))
    assert isinstance(visitor.screen, TicketShown)
    assert visitor.touches == 11


def test_a_mistyped_code_is_told_without_asking_the_server(visitor: Visitor) -> None:
    wrong = CODE[:-1] + str((int(CODE[-1]) + 1) % 10)
    visitor.do(Press.RESERVATION, *(Digit(digit) for digit in wrong), Press.NEXT)
    assert isinstance(visitor.screen, CodeEntry)
    assert visitor.screen.mistake is Mistake.MISTYPED
    assert visitor.effects == []
    visitor.do(Press.ERASE, Digit(CODE[-1]))
    (question,) = visitor.do(Press.NEXT)
    assert question.text == CODE


def test_too_few_digits_are_told_and_the_tenth_is_not_taken(visitor: Visitor) -> None:
    visitor.do(Press.RESERVATION, Digit("4"), Press.NEXT)
    assert visitor.screen.mistake is Mistake.INCOMPLETE
    visitor.do(*(Digit("1") for _ in range(12)))
    assert len(visitor.screen.digits) == 9


def test_a_double_scan_asks_once(visitor: Visitor) -> None:
    visitor.do(Scanned(QR), Scanned(QR), Scanned(OTHER_QR))
    assert len(visitor.effects) == 1
    visitor.do(Answered(visitor.effects[0].ask, ticket()), Scanned(QR))
    assert isinstance(visitor.screen, TicketShown)
    assert [type(effect) for effect in visitor.effects] == [SubmitCode, PrintSlip]


def test_a_scan_while_a_ticket_is_shown_starts_the_next_visit(visitor: Visitor) -> None:
    visitor.do(LanguageChosen("en"))
    visitor.get_ticket()
    forget, question = visitor.do(Scanned(OTHER_QR))
    assert forget == Forget()
    assert question.text == OTHER_QR
    assert question.language is None
    assert isinstance(visitor.screen, Checking)


def test_the_same_code_again_gives_the_same_ticket_and_a_copy(visitor: Visitor) -> None:
    (question,) = visitor.do(Scanned(QR))
    (slip,) = visitor.do(Answered(question.ask, ticket(), repeat=True))
    assert slip.copy
    assert visitor.screen.repeat


def test_the_reservations_language_counts_until_the_visitor_chooses(visitor: Visitor) -> None:
    (question,) = visitor.do(Scanned(QR))
    (slip,) = visitor.do(Answered(question.ask, ticket(language="en")))
    assert slip.language == visitor.screen.around.language == "en"
    visitor.do(Press.HOME, LanguageChosen("pl"))
    (question,) = visitor.do(Scanned(QR))
    assert question.language == "pl"
    (slip,) = visitor.do(Answered(question.ask, ticket(language="en")))
    assert slip.language == "pl"


def test_the_number_stands_when_the_printer_is_in_trouble(visitor: Visitor) -> None:
    slip = visitor.get_ticket()
    visitor.do(PrinterTrouble(slip.ask))
    assert visitor.screen.slip is SlipState.TROUBLE
    assert visitor.screen.ticket.number == "P042"
    (copy,) = visitor.do(Press.COPY)
    assert copy.copy
    visitor.do(Printed(slip.ask))
    assert visitor.screen.slip is SlipState.PRINTING
    visitor.do(Printed(copy.ask))
    assert visitor.screen.slip is SlipState.PRINTED


def test_the_code_of_another_service_goes_on_after_a_yes() -> None:
    visitor = Visitor()
    visitor.do(Press.WALK_IN, ServiceChosen("L"))
    visitor.do(Press.BACK, Press.WALK_IN, ServiceChosen("P"))
    assert visitor.screen.reason == Refusal.NOT_OFFERED
    visitor.do(Press.RESERVATION)
    (question,) = visitor.do(Scanned(QR))
    assert question.service == "P"
    visitor.do(Problem(question.ask, "other_service", {"service": "N"}))
    assert isinstance(visitor.screen, OtherService)
    assert visitor.screen.right_service == "N"
    (second,) = visitor.do(Press.YES)
    assert (second.text, second.service) == (QR, "N")
    assert second.ask != question.ask


def test_a_branch_may_ask_for_the_service_first() -> None:
    visitor = Visitor(replace(PLAIN_OFFICE, ask_service_first=True))
    visitor.do(Press.RESERVATION)
    assert isinstance(visitor.screen, WhichService)
    visitor.do(ServiceChosen("P"))
    assert visitor.screen.service == "P"
    visitor.do(Press.BACK, Scanned(QR))
    assert isinstance(visitor.screen, WhichService)
    (question,) = visitor.do(ServiceChosen("P"))
    assert (question.text, question.service) == (QR, "P")


def test_a_ticket_without_a_reservation(visitor: Visitor) -> None:
    assert visitor.do(Press.WALK_IN) == (LoadServices(),)
    (question,) = visitor.do(ServiceChosen("N"))
    assert question == IssueTicket(question.ask, "N", "pl", None)
    visitor.do(Answered(question.ask, ticket("N007", booked=False)))
    assert visitor.screen.ticket.number == "N007"


def test_priority_is_asked_once_and_nothing_more() -> None:
    visitor = Visitor(OFFICE)
    visitor.do(Press.WALK_IN, ServiceChosen("N"))
    assert isinstance(visitor.screen, PriorityQuestion)
    (question,) = visitor.do(PriorityChosen(Priority.PREGNANCY))
    assert question.priority is Priority.PREGNANCY


@pytest.mark.parametrize("reason", [*Refusal, "malformed_code", PAUSED])
def test_every_refusal_has_a_screen_with_facts_and_a_way_on(reason: str) -> None:
    visitor = Visitor(OFFICE)
    (question,) = visitor.do(Scanned(QR))
    facts = {
        "appointment_at": "2026-11-24T10:00:00+01:00",
        "now": "2026-11-24T08:52:00Z",
        "branch_name": "W",
    }
    visitor.do(Problem(question.ask, reason, facts))
    screen = visitor.screen
    assert isinstance(screen, Refused)
    assert screen.facts.appointment_at == datetime(2026, 11, 24, 9, tzinfo=UTC)
    assert screen.facts.branch == "W"
    assert ways_on(screen)
    assert visitor.do(Press.BACK) == (Forget(),)
    assert isinstance(visitor.screen, Start)


@pytest.mark.parametrize(
    "facts",
    [{"now": 7}, {"now": "soon"}, {"now": "2026-01-01T00:00:00"}, {"branch_name": ["x"]}, {"date": "x"}],
)
def test_facts_of_a_wrong_kind_are_left_out(visitor: Visitor, facts: dict) -> None:
    (question,) = visitor.do(Scanned(QR))
    visitor.do(Problem(question.ask, "too_late", facts))
    assert (visitor.screen.facts.now, visitor.screen.facts.branch) == (None, None)


def test_after_a_refusal_the_information_ticket_is_one_touch_away(visitor: Visitor) -> None:
    (question,) = visitor.do(Scanned(QR))
    visitor.do(Problem(question.ask, "too_late"))
    assert Way.INFORMATION in ways_on(visitor.screen)
    (issue,) = visitor.do(Press.INFORMATION)
    assert issue.service == "T"


def test_what_the_branch_does_not_offer_is_not_a_way_on(visitor: Visitor) -> None:
    visitor.do(ServicesLoaded(tuple(offer for offer in OFFERS if offer.code != "T")))
    (question,) = visitor.do(Scanned(QR))
    visitor.do(Problem(question.ask, "too_late"))
    assert ways_on(visitor.screen) == ()
    assert visitor.do(Press.INFORMATION, Press.BOOKING_QR) == ()


def test_typed_codes_pause_while_scans_go_on(visitor: Visitor) -> None:
    (question,) = visitor.do(Scanned(CODE))
    visitor.do(Problem(question.ask, PAUSED, {}, retry_after_s=40))
    assert isinstance(visitor.screen, Refused)
    visitor.do(Press.BACK, Press.RESERVATION, Digit("4"), Press.NEXT)
    assert visitor.screen.digits == ""
    assert visitor.screen.mistake is None
    assert visitor.screen.around.typing_paused_s == 40 - 4 * 0.5
    visitor.do(Scanned(QR))
    assert isinstance(visitor.screen, Checking)


def test_when_the_pause_is_over_the_keys_come_back(visitor: Visitor) -> None:
    (question,) = visitor.do(Scanned(CODE))
    visitor.do(Problem(question.ask, PAUSED, {}, retry_after_s=5))
    visitor.wait(5)
    assert isinstance(visitor.screen, CodeEntry)
    visitor.do(Digit("4"))
    assert visitor.screen.digits == "4"


def test_a_code_of_somebody_else_is_told_at_the_screen(visitor: Visitor) -> None:
    visitor.do(Scanned("https://example.com/menu"))
    assert visitor.screen.reason == "malformed_code"
    assert visitor.effects == []


def test_a_strange_code_does_not_take_a_ticket_off_the_screen(visitor: Visitor) -> None:
    visitor.get_ticket()
    visitor.do(Scanned("5901234123457x"))
    assert isinstance(visitor.screen, TicketShown)


def test_nobody_is_rushed(visitor: Visitor) -> None:
    visitor.do(Press.RESERVATION, Digit("4"))
    visitor.wait(40)
    assert isinstance(visitor.screen, StillThere)
    assert seconds_left(visitor.screen) == 20
    for _ in range(10):
        visitor.do(Press.MORE_TIME)
        assert visitor.screen.digits == "4"
        visitor.wait(39)
        assert isinstance(visitor.screen, CodeEntry)
        visitor.wait(1)
        assert isinstance(visitor.screen, StillThere)
    assert not visitor.screen.may_extend
    visitor.do(Press.MORE_TIME)
    assert isinstance(visitor.screen, StillThere)
    visitor.wait(20)
    assert isinstance(visitor.screen, Start)
    assert visitor.effects == [Forget()]


def test_any_touch_counts_and_something_done_gives_all_ten_again(visitor: Visitor) -> None:
    visitor.do(Press.RESERVATION)
    visitor.wait(39)
    visitor.do(Press.ANYWHERE)
    visitor.wait(39)
    assert isinstance(visitor.screen, CodeEntry)
    visitor.wait(1)
    visitor.do(Press.ANYWHERE)
    assert visitor.screen.around.extensions == 1
    visitor.do(Digit("1"))
    assert visitor.screen.around.extensions == 0


def test_the_manner_ends_with_the_visit(visitor: Visitor) -> None:
    visitor.do(LanguageChosen("en"), Press.TEXT_SIZE, Press.CONTRAST, LanguageChosen("xx"))
    manner = visitor.screen.around.manner
    assert (manner.language, manner.larger_text, manner.high_contrast) == ("en", True, True)
    visitor.do(Press.RESERVATION, Press.BACK)
    assert visitor.screen.around.manner == manner
    visitor.wait(60)
    assert visitor.screen == Start(replace(visitor.screen.around, manner=type(manner)()))
    assert seconds_left(visitor.screen) is None


def test_help_lies_over_the_screen_and_leaves_it_as_it_was(visitor: Visitor) -> None:
    visitor.do(Press.RESERVATION, Digit("4"), Press.HELP)
    assert isinstance(visitor.screen, Help)
    visitor.do(LanguageChosen("en"), Press.BACK)
    assert visitor.screen.digits == "4"
    assert visitor.screen.around.language == "en"


def test_an_answer_comes_through_help(visitor: Visitor) -> None:
    (question,) = visitor.do(Scanned(QR))
    visitor.do(Press.HELP, Answered(question.ask, ticket()))
    assert isinstance(visitor.screen, TicketShown)


def test_without_the_server_the_same_question_can_be_asked_again(visitor: Visitor) -> None:
    (question,) = visitor.do(Scanned(QR))
    visitor.do(Unreachable(question.ask))
    assert isinstance(visitor.screen, OutOfOrder)
    assert visitor.do(Press.TRY_AGAIN) == (question,)
    visitor.do(Answered(question.ask, ticket()))
    assert isinstance(visitor.screen, TicketShown)


def test_the_same_code_before_a_silent_server_is_the_same_question(visitor: Visitor) -> None:
    (question,) = visitor.do(Scanned(QR))
    visitor.do(Unreachable(question.ask))
    assert visitor.do(Scanned(QR)) == (question,)
    visitor.do(Unreachable(question.ask))
    (other,) = visitor.do(Scanned(OTHER_QR))
    assert isinstance(other, SubmitCode)
    assert other.ask != question.ask


def test_a_late_answer_still_counts(visitor: Visitor) -> None:
    (question,) = visitor.do(Scanned(QR))
    visitor.wait(16)
    assert isinstance(visitor.screen, OutOfOrder)
    visitor.do(Answered(question.ask, ticket()))
    assert isinstance(visitor.screen, TicketShown)


def test_the_answer_to_a_forgotten_question_is_not_shown(visitor: Visitor) -> None:
    (question,) = visitor.do(Scanned(QR))
    visitor.do(Unreachable(question.ask), Press.BACK, Answered(question.ask, ticket()))
    assert isinstance(visitor.screen, OutOfOrder)
    assert visitor.screen.question is None


def test_a_fault_of_the_server_is_not_blamed_on_the_visitor(visitor: Visitor) -> None:
    (question,) = visitor.do(Scanned(QR))
    visitor.do(Problem(question.ask, "internal_error"))
    assert visitor.screen == OutOfOrder(visitor.screen.around, question)


def test_the_start_screen_waits_for_the_server(visitor: Visitor) -> None:
    visitor.do(Unreachable())
    assert isinstance(visitor.screen, OutOfOrder)
    visitor.do(ServicesLoaded(OFFERS))
    assert isinstance(visitor.screen, Start)


def test_whoever_types_is_not_disturbed_by_a_lost_server(visitor: Visitor) -> None:
    visitor.do(Press.RESERVATION, Digit("4"), Unreachable())
    assert visitor.screen.digits == "4"
    visitor.do(Press.BACK)
    assert isinstance(visitor.screen, OutOfOrder)


def test_every_reason_of_the_wire_has_its_ways() -> None:
    assert set(WAYS) == {*Refusal, "malformed_code", PAUSED, NOT_KNOWN_HERE}


def test_menu_shows_why_a_service_is_closed(visitor: Visitor) -> None:
    visitor.do(Press.WALK_IN, ServiceChosen("L"))
    assert visitor.screen.reason == Refusal.CLOSED
    assert visitor.screen.facts.opens_at is not None
    visitor.do(Press.WALK_IN)
    assert isinstance(visitor.screen, WalkInMenu)


def test_the_second_tap_of_a_double_tap_chooses_nothing_on_the_next_screen() -> None:
    screen = Start(around(OFFICE))
    menu, _ = advance(screen, Press.WALK_IN, 10.0)
    assert isinstance(menu, WalkInMenu)
    after, effects = advance(menu, ServiceChosen("N"), 10.09)
    assert (after, effects) == (replace(menu, around=replace(menu.around, now_s=10.09)), ())
    later, _ = advance(menu, ServiceChosen("N"), 10.4)
    assert type(later) is not WalkInMenu


def test_control_without_the_pause_the_second_tap_chooses() -> None:
    office = replace(OFFICE, touch_pause_seconds=0.0)
    menu, _ = advance(Start(around(office)), Press.WALK_IN, 10.0)
    after, _ = advance(menu, ServiceChosen("N"), 10.09)
    assert type(after) is not WalkInMenu


@pytest.mark.parametrize("press", [Press.TEXT_SIZE, Press.CONTRAST])
def test_the_second_tap_on_a_wish_does_not_take_it_back(press: Press) -> None:
    wished, _ = advance(Start(around(OFFICE)), press, 10.0)
    assert wished.around.manner != Manner()
    after, _ = advance(wished, press, 10.09)
    assert after.around.manner == wished.around.manner
    later, _ = advance(wished, press, 10.4)
    assert later.around.manner == Manner()


def test_digits_typed_fast_on_one_screen_are_all_heard() -> None:
    entry, _ = advance(Start(around()), Press.RESERVATION, 10.0)
    for place, digit in enumerate(CODE):
        entry, _ = advance(entry, Digit(digit), 10.5 + place * 0.05)
    assert isinstance(entry, CodeEntry)
    assert entry.digits == CODE


def test_a_scan_is_heard_on_a_screen_that_has_just_come() -> None:
    entry, _ = advance(Start(around()), Press.RESERVATION, 10.0)
    after, (question,) = advance(entry, Scanned(QR), 10.01)
    assert isinstance(after, Checking)
    assert isinstance(question, SubmitCode)


def test_a_silent_server_is_asked_on_and_its_late_number_is_shown_and_printed(visitor: Visitor) -> None:
    (question,) = visitor.do(Scanned(QR))
    visitor.do(Unreachable(question.ask))
    assert isinstance(visitor.screen, OutOfOrder)
    assert visitor.do(Tick()) == (question,)
    (slip,) = visitor.do(Answered(question.ask, ticket()))
    assert isinstance(visitor.screen, TicketShown)
    assert isinstance(slip, PrintSlip)


def test_a_kiosk_without_a_visitor_asks_nothing_again(visitor: Visitor) -> None:
    visitor.do(Unreachable(None))
    assert isinstance(visitor.screen, OutOfOrder)
    assert visitor.do(Tick()) == ()


def test_a_ticket_that_waits_again_is_told_as_that(visitor: Visitor) -> None:
    (question,) = visitor.do(Scanned(QR))
    visitor.do(Answered(question.ask, ticket(), repeat=True, reinstated=True))
    assert visitor.screen.reinstated
