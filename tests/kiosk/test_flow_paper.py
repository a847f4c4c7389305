"""A slip that the printer lost is printed anew by itself: once a trouble, bounded, for its own visitor only."""

from __future__ import annotations

import pytest

from kiosk.visit.effects import PrintSlip
from kiosk.visit.events import OtherPrinter, Press, Printed, PrinterBack, PrinterTrouble, Scanned, Tick
from kiosk.visit.screens import Help, SlipState, Start, StillThere
from tests.kiosk.samples import OTHER_QR
from tests.kiosk.visitor import Visitor


def in_trouble() -> tuple[Visitor, PrintSlip]:
    """Return a visitor whose slip did not come out."""
    visitor = Visitor()
    slip = visitor.get_ticket()
    visitor.do(PrinterTrouble(slip.ask))
    return visitor, slip


@pytest.mark.parametrize("nothing_sent", [True, False])
def test_a_lost_slip_is_printed_anew_and_says_copy_once_any_of_it_went_out(nothing_sent: bool) -> None:
    visitor, slip = in_trouble()
    (again,) = visitor.do(PrinterBack(slip.ask, nothing_sent))
    assert isinstance(again, PrintSlip)
    assert (again.ticket, again.copy) == (slip.ticket, not nothing_sent)
    assert visitor.screen.slip is SlipState.PRINTING_AGAIN
    visitor.do(Printed(again.ask))
    assert visitor.screen.slip is SlipState.PRINTED


def test_a_copy_stays_a_copy() -> None:
    visitor, _ = in_trouble()
    (copy,) = visitor.do(Press.COPY)
    visitor.do(PrinterTrouble(copy.ask))
    (again,) = visitor.do(PrinterBack(copy.ask, nothing_sent=True))
    assert again.copy


def test_it_happens_once_for_each_trouble_and_at_most_twice_in_all() -> None:
    visitor, slip = in_trouble()
    for _ in range(2):
        (slip,) = visitor.do(PrinterBack(slip.ask, nothing_sent=False))
        assert visitor.do(PrinterBack(slip.ask - 1, nothing_sent=False)) == ()
        assert visitor.do(PrinterBack(slip.ask, nothing_sent=False)) == (), "it is still on its way"
        visitor.do(PrinterTrouble(slip.ask))
    assert visitor.do(PrinterBack(slip.ask, nothing_sent=False)) == ()
    assert visitor.screen.slip is SlipState.TROUBLE, "the visitor may still press the key"
    (own,) = visitor.do(Press.COPY)
    assert own.copy


def test_a_slip_on_its_way_anew_is_not_asked_for_by_the_key() -> None:
    visitor, slip = in_trouble()
    visitor.do(PrinterBack(slip.ask, nothing_sent=False))
    assert visitor.do(Press.COPY) == ()


@pytest.mark.parametrize("leave", [[Press.HOME], [Scanned(OTHER_QR)]], ids=["done", "another visitor"])
def test_it_never_happens_for_a_visitor_who_has_gone(leave: list) -> None:
    visitor, slip = in_trouble()
    visitor.do(*leave)
    assert not any(isinstance(effect, PrintSlip) for effect in visitor.do(PrinterBack(slip.ask, False)))


def test_a_visitor_who_went_without_a_word_gets_none_when_the_screen_is_gone() -> None:
    visitor, slip = in_trouble()
    visitor.wait(visitor.screen.around.office.idle_seconds + 25)
    assert isinstance(visitor.screen, Start)
    assert visitor.do(PrinterBack(slip.ask, nothing_sent=False)) == ()


@pytest.mark.parametrize("over", [Help, StillThere])
def test_it_happens_beneath_help_and_warning(over: type) -> None:
    visitor, slip = in_trouble()
    if over is Help:
        visitor.do(Press.HELP)
    else:
        visitor.wait(visitor.screen.around.office.idle_seconds - 15)
    assert isinstance(visitor.screen, over)
    (again,) = visitor.do(PrinterBack(slip.ask, nothing_sent=True))
    assert isinstance(again, PrintSlip)
    assert isinstance(visitor.screen, over)
    assert visitor.screen.beneath.slip is SlipState.PRINTING_AGAIN


def test_a_slip_that_came_out_after_all_is_not_printed_anew() -> None:
    visitor, slip = in_trouble()
    visitor.do(Printed(slip.ask))
    assert visitor.do(PrinterBack(slip.ask, nothing_sent=False)) == ()


def test_the_other_printer_is_told_for_its_slip_only() -> None:
    visitor = Visitor()
    slip = visitor.get_ticket()
    visitor.do(OtherPrinter(slip.ask + 1))
    assert not visitor.screen.elsewhere
    visitor.do(OtherPrinter(slip.ask), Printed(slip.ask), Tick())
    assert visitor.screen.elsewhere
    visitor.do(Press.COPY)
    assert not visitor.screen.elsewhere, "the next slip may come out of the first"
