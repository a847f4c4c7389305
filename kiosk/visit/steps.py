"""Steps that several screens take: ask the server, print, end a visit."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from kiosk.visit.effects import Effect, Forget, IssueTicket, PrintSlip, Question, SubmitCode
from kiosk.visit.events import Answered
from kiosk.visit.screens import (
    Checking,
    Help,
    OutOfOrder,
    Plain,
    Screen,
    SlipState,
    Start,
    StillThere,
    TicketShown,
)
from kiosk.visit.surroundings import Manner, Surroundings

Step = tuple[Screen, tuple[Effect, ...]]
AnyScreen = TypeVar("AnyScreen", bound=Screen)


def surround(screen: AnyScreen, around: Surroundings) -> AnyScreen:
    """Return the screen with other surroundings, those of the screens beneath it too."""
    if isinstance(screen, Help | StillThere):
        return replace(screen, around=around, beneath=surround(screen.beneath, around))
    return replace(screen, around=around)


def plain(screen: Screen) -> Plain:
    """Return the screen without the help or the warning that lie over it."""
    while isinstance(screen, Help | StillThere):
        screen = screen.beneath
    return screen


def has_visitor(screen: Screen) -> bool:
    """Tell whether anything of a visitor is left: more than a start screen in the office's own manner."""
    beneath = plain(screen)
    is_resting = isinstance(beneath, Start) or (isinstance(beneath, OutOfOrder) and beneath.question is None)
    return not is_resting or isinstance(screen, Help | StillThere) or screen.around.manner != Manner()


def rest(around: Surroundings) -> Start | OutOfOrder:
    """Return the screen of a kiosk that nobody uses, in the surroundings given."""
    return Start(around) if around.reachable else OutOfOrder(around)


def end(around: Surroundings) -> Step:
    """End the visit: nothing of the visitor stays, not even the language."""
    return rest(replace(around, manner=Manner(), extensions=0)), (Forget(),)


def submit(around: Surroundings, text: str, service: str | None) -> Step:
    """Ask the server about a code, as a new question."""
    around = replace(around, asks=around.asks + 1)
    return await_answer(around, SubmitCode(around.asks, text, service, around.manner.language))


def issue(around: Surroundings, service: str, priority: str | None) -> Step:
    """Ask the server for a ticket without a reservation, as a new question."""
    around = replace(around, asks=around.asks + 1)
    return await_answer(around, IssueTicket(around.asks, service, around.language, priority))


def await_answer(around: Surroundings, question: Question) -> Step:
    """Ask a question, for the first time or again."""
    return Checking(around, question, around.now_s), (question,)


def show_ticket(around: Surroundings, question: Question, answer: Answered) -> Step:
    """Show the number and have the slip printed, in the visitor's choice of language or the reservation's."""
    ticket, repeat = answer.ticket, answer.repeat
    if around.manner.language is None and ticket.language in around.office.languages:
        around = replace(around, manner=replace(around.manner, language=ticket.language))
    shown = TicketShown(
        around, question, ticket, repeat, SlipState.PRINTING, 0, around.now_s, answer.reinstated
    )
    return print_slip(replace(shown, alone=answer.alone), copy=repeat)


def print_slip(screen: TicketShown, copy: bool) -> tuple[TicketShown, tuple[Effect, ...]]:
    """Have the slip of the ticket on the screen printed."""
    around = replace(screen.around, asks=screen.around.asks + 1)
    slip = PrintSlip(around.asks, screen.ticket, copy, around.language, screen.alone)
    printing = replace(screen, around=around, slip=SlipState.PRINTING, slip_ask=slip.ask)
    return replace(printing, is_copy=copy, elsewhere=False), (slip,)


def print_again(screen: TicketShown, nothing_sent: bool) -> Step:
    """Have a lost slip printed anew by itself, marked as a copy once anything of it may be on paper."""
    after, effects = print_slip(screen, copy=screen.is_copy or not nothing_sent)
    return replace(after, slip=SlipState.PRINTING_AGAIN, again=screen.again + 1), effects
