"""What comes from outside the conversation: the server's answers, the printer's reports, the passing of time."""

from __future__ import annotations

from dataclasses import replace

from kiosk.visit.effects import Effect, Question, SubmitCode
from kiosk.visit.events import (
    Answered,
    GoesAlone,
    HallCodeChanged,
    OfficeLoaded,
    OtherPrinter,
    Printed,
    PrinterBack,
    PrinterTrouble,
    Problem,
    ServicesLoaded,
    Told,
    Unreachable,
)
from kiosk.visit.refusals import PAUSED, WAYS, read_facts
from kiosk.visit.screens import (
    WARNING_SECONDS,
    Checking,
    CodeEntry,
    Help,
    OtherService,
    OutOfOrder,
    Plain,
    Refused,
    Screen,
    SlipState,
    Start,
    StillThere,
    TicketShown,
)
from kiosk.visit.steps import Step, end, has_visitor, plain, print_again, rest, show_ticket, surround
from kiosk.visit.surroundings import Surroundings
from wire.vocabulary import Refusal

ANSWER_SECONDS = 15.0
PAUSE_SECONDS = 30.0
# A printer that fails each time is left alone after so many slips printed anew by themselves.
MOST_AGAIN = 2


def told(screen: Screen, event: Told) -> Step:
    """Take in what was told; help or a warning gives way only when the screen beneath becomes another one."""
    if isinstance(screen, Help | StillThere):
        beneath, effects = told(screen.beneath, event)
        if type(beneath) is type(screen.beneath):
            return replace(surround(screen, beneath.around), beneath=beneath), effects
        return beneath, effects
    if isinstance(event, Printed | PrinterTrouble | PrinterBack | OtherPrinter):
        return _paper_told(screen, event)
    if isinstance(event, OfficeLoaded):
        return surround(screen, replace(screen.around, office=event.office)), ()
    if isinstance(event, HallCodeChanged):
        return surround(screen, replace(screen.around, hall_code=event.address)), ()
    return _server_told(screen, event)


def _server_told(screen: Plain, event: Answered | Problem | Unreachable | ServicesLoaded | GoesAlone) -> Step:
    if isinstance(event, ServicesLoaded | GoesAlone):
        is_alone = isinstance(event, GoesAlone)
        called = event.called if isinstance(event, GoesAlone) else ()
        around = replace(screen.around, offers=event.offers, reachable=True, alone=is_alone, called=called)
        return _reached(surround(screen, around)), ()
    question = _awaited(screen, event.ask)
    if question is None:
        is_own = event.ask is None and not isinstance(event, Answered)
        return (_cut_off(screen) if is_own else screen), ()
    if isinstance(event, Unreachable):
        return OutOfOrder(replace(screen.around, reachable=False, alone=False), question), ()
    around = replace(screen.around, reachable=True)
    if isinstance(event, Answered):
        return show_ticket(around, question, event)
    return _refused(around, question, event), ()


def _awaited(screen: Plain, ask: int | None) -> Question | None:
    """Return the question that an answer belongs to, if this screen still waits for it."""
    if isinstance(screen, Checking | OutOfOrder) and screen.question and screen.question.ask == ask:
        return screen.question
    return None


def _reached(screen: Plain) -> Plain:
    is_waiting = isinstance(screen, OutOfOrder) and screen.question is None
    return rest(screen.around) if is_waiting else screen


def _cut_off(screen: Plain) -> Plain:
    """Without the server the start screen would promise too much; whoever is busy may go on."""
    around = replace(screen.around, reachable=False, alone=False)
    return OutOfOrder(around) if isinstance(screen, Start) else surround(screen, around)


def _refused(around: Surroundings, question: Question, problem: Problem) -> Screen:
    if problem.reason not in WAYS:
        return OutOfOrder(around, question)
    facts = read_facts(problem.facts)
    if problem.reason == Refusal.OTHER_SERVICE and isinstance(question, SubmitCode) and facts.service:
        return OtherService(around, question, facts.service, facts.appointment_at)
    if problem.reason == PAUSED:
        around = replace(around, typing_from_s=around.now_s + (problem.retry_after_s or PAUSE_SECONDS))
    service = None if isinstance(question, SubmitCode) else question.service
    return Refused(around, problem.reason, facts, service)


def _paper_told(screen: Plain, event: Printed | PrinterTrouble | PrinterBack | OtherPrinter) -> Step:
    """Take in what became of the slip on the screen; a lost one is printed anew once its printer is back."""
    if not isinstance(screen, TicketShown) or screen.slip_ask != event.ask:
        return screen, ()
    match event:
        case OtherPrinter():
            return replace(screen, elsewhere=event.is_used), ()
        case Printed():
            return replace(screen, slip=SlipState.PRINTED), ()
        case PrinterBack() if screen.slip is SlipState.TROUBLE and screen.again < MOST_AGAIN:
            return print_again(screen, event.nothing_sent)
        case PrinterTrouble():
            return replace(screen, slip=SlipState.TROUBLE), ()
    return screen, ()


# --- time --------------------------------------------------------------------------------------------


def ticked(screen: Screen) -> Step:
    """Let time pass: give up waiting, lift a pause, warn, and end a visit that nobody goes on with."""
    left, beneath = seconds_left(screen), plain(screen)
    if isinstance(beneath, Checking) and beneath.around.now_s - beneath.since_s > ANSWER_SECONDS:
        return OutOfOrder(replace(screen.around, reachable=False, alone=False), beneath.question), ()
    if isinstance(screen, StillThere):
        return end(screen.around) if left == 0 else (screen, _asked_again(beneath))
    if isinstance(screen, Refused) and screen.reason == PAUSED and not screen.around.typing_paused_s:
        return CodeEntry(screen.around), ()
    if left is not None and left <= WARNING_SECONDS:
        return StillThere(screen.around, screen, screen.around.now_s + WARNING_SECONDS), ()
    return screen, _asked_again(beneath)


def _asked_again(screen: Plain) -> tuple[Effect, ...]:
    """Ask on by itself while the server is silent: it may have given a number that nobody has been told yet."""
    if isinstance(screen, OutOfOrder) and screen.question is not None:
        return (screen.question,)
    return ()


def seconds_left(screen: Screen) -> float | None:
    """Return in how many seconds the screen goes back to the start, or None where it stays."""
    if isinstance(screen, StillThere):
        return max(0.0, screen.until_s - screen.around.now_s)
    if isinstance(plain(screen), Checking) or not has_visitor(screen):
        return None
    idle_s = screen.around.now_s - screen.around.touched_s
    return max(0.0, screen.around.office.idle_seconds - idle_s)
