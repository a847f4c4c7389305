"""The visitor's conversation at the kiosk: pure, one event at a time, with effects for others to run."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

from kiosk.visit.answers import seconds_left, ticked, told
from kiosk.visit.effects import Forget, LoadServices, SayAgain, SubmitCode
from kiosk.visit.events import (
    Digit,
    Event,
    HeadsetChanged,
    Heard,
    LanguageChosen,
    Press,
    PriorityChosen,
    Scan,
    Scanned,
    ServiceChosen,
    Tick,
    Told,
    Touch,
)
from kiosk.visit.foreign import kind_of
from kiosk.visit.refusals import not_ours
from kiosk.visit.screens import (
    Checking,
    CodeEntry,
    Facts,
    Help,
    Mistake,
    OtherService,
    OutOfOrder,
    Plain,
    PriorityQuestion,
    Refused,
    Screen,
    SlipState,
    Start,
    StillThere,
    TicketShown,
    WalkInMenu,
    WhichService,
)
from kiosk.visit.steps import (
    Step,
    await_answer,
    end,
    has_visitor,
    issue,
    plain,
    print_slip,
    rest,
    submit,
    surround,
)
from kiosk.visit.surroundings import VOLUMES, Manner, Surroundings, is_open
from wire.codes import MalformedCode, parse_scan
from wire.messages import ServiceOffer
from wire.vocabulary import Refusal

__all__ = ["advance", "seconds_left"]

CODE_DIGITS = 9
SAME_SCAN_SECONDS = 8.0


def advance(screen: Screen, event: Event, now_s: float) -> Step:
    """Return the next screen and what is to be done for it.

    `now_s` is the present on a monotonic clock, in seconds. Every event is fit for every screen: one that
    means nothing there changes nothing but the idle clock, which every touch starts anew (screens.md). Touches
    and keys are not heard just after another screen came (EN 301 549, 5.8); scans are.
    """
    screen = surround(screen, replace(screen.around, now_s=now_s))
    if isinstance(event, get_args(Touch)) and _has_just_come(screen):
        return screen, ()
    is_arrival = isinstance(event, get_args(Touch)) and not has_visitor(screen)
    if is_arrival and screen.around.has_headset and event is not Press.READ_ALOUD:
        screen = _reading(screen, True)
    after, effects = _heard(screen, event)
    if _face(after) != _face(screen):
        after = surround(after, replace(after.around, changed_s=now_s))
    is_touch = isinstance(event, (*get_args(Touch), *get_args(Scan)))
    if not isinstance(after, StillThere) and (is_touch or type(plain(after)) is not type(plain(screen))):
        after = surround(after, replace(after.around, touched_s=now_s))
    return after, effects


def _has_just_come(screen: Screen) -> bool:
    around = screen.around
    return around.now_s - around.changed_s < around.office.touch_pause_seconds


def _face(screen: Screen) -> tuple[object, ...]:
    """Return what makes one screen another for a finger: other tiles at the same place, or the same made anew."""
    beneath = plain(screen)
    offers = beneath.around.offers if isinstance(beneath, WalkInMenu | WhichService) else ()
    tiles = tuple((offer.code, is_open(offer)) for offer in offers)
    own = (
        getattr(beneath, "reason", ""),
        getattr(beneath, "shows_booking_qr", False),
        getattr(beneath, "slip", None) is SlipState.TROUBLE,
    )
    return type(screen), type(beneath), tiles, own, screen.around.manner


def _heard(screen: Screen, event: Event) -> Step:
    if isinstance(event, Tick):
        return ticked(screen)
    if isinstance(event, Told):
        return told(screen, event)
    if isinstance(event, HeadsetChanged):
        has_headset = surround(screen, replace(screen.around, has_headset=event.is_there))
        return _reading(has_headset, event.is_there), ()
    if isinstance(event, Heard):
        # Reading may take longer than looking: nobody is rushed who listens.
        return surround(screen, replace(screen.around, touched_s=screen.around.now_s)), ()
    if isinstance(screen, StillThere):
        return _warned(screen, event)
    if isinstance(event, Scan):
        return _scanned(screen, event)
    if isinstance(screen, Help):
        return _helped(screen, event)
    return _touched(screen, event)


# --- over the other screens --------------------------------------------------------------------------


def _warned(screen: StillThere, event: Touch | Scan) -> Step:
    """Any touch brings the screen beneath back, ten times in a row; a scan and the way back always work."""
    if event in (Press.HOME, Press.BACK):
        return end(screen.around)
    if isinstance(event, Scan):
        return _scanned(screen, event)
    if not screen.may_extend:
        return _manner_changed(screen, event)
    longer = replace(screen.around, extensions=screen.around.extensions + 1)
    return _manner_changed(surround(screen.beneath, longer), event)


def _helped(screen: Help, event: Touch) -> Step:
    if event in (Press.HELP, Press.BACK, Press.HOME):
        return screen.beneath, ()
    return _manner_changed(screen, event)


def _reading(screen: Screen, is_on: bool) -> Screen:
    manner = replace(screen.around.manner, read_aloud=is_on)
    return surround(screen, replace(screen.around, manner=manner))


def _manner_changed(screen: Screen, event: Touch) -> Step:
    around = screen.around
    manner = around.manner
    match event:
        case LanguageChosen(language) if language in around.office.languages:
            manner = replace(manner, language=language)
        case Press.TEXT_SIZE:
            manner = replace(manner, larger_text=not manner.larger_text)
        case Press.CONTRAST:
            manner = replace(manner, high_contrast=not manner.high_contrast)
        case Press.READ_ALOUD:
            manner = replace(manner, read_aloud=not manner.read_aloud)
        case Press.QUIETER:
            manner = replace(manner, volume=max(1, manner.volume - 1))
        case Press.LOUDER:
            manner = replace(manner, volume=min(VOLUMES, manner.volume + 1))
        case Press.SAY_AGAIN:
            return screen, (SayAgain(),)
    return surround(screen, replace(around, manner=manner)), ()


# --- touches -----------------------------------------------------------------------------------------


def _touched(screen: Plain, event: Touch) -> Step:
    screen = surround(screen, replace(screen.around, extensions=0))
    match event:
        case Digit(digit):
            return _digit(screen, digit)
        case ServiceChosen(code):
            return _service_chosen(screen, code)
        case PriorityChosen(priority):
            if isinstance(screen, PriorityQuestion):
                return issue(screen.around, screen.service, priority)
            return screen, ()
        case Press.HELP:
            return Help(screen.around, screen), ()
        case Press.BACK | Press.HOME:
            return _back(screen, event)
        case Press():
            return _pressed(screen, event)
    return _manner_changed(screen, event)


def _pressed(screen: Plain, press: Press) -> Step:
    around = screen.around
    match press, screen:
        case (Press.RESERVATION, Start() | WalkInMenu() | Refused()):
            return _have_code(screen)
        case (Press.WALK_IN, Start() | CodeEntry() | Refused()):
            return WalkInMenu(around), (LoadServices(),)
        case (Press.INFORMATION, CodeEntry() | Refused()) if offer := around.information_offer:
            return _service_chosen(WalkInMenu(around), offer.code)
        case (Press.ERASE, CodeEntry()):
            return replace(screen, digits=screen.digits[:-1], mistake=None), ()
        case (Press.NEXT, CodeEntry()):
            return _code_sent(screen)
        case (Press.YES, OtherService()):
            return submit(around, screen.question.text, screen.right_service)
        case (Press.TRY_AGAIN, OutOfOrder()) if screen.question:
            return await_answer(around, screen.question)
        case (Press.COPY, TicketShown()) if screen.slip in (SlipState.PRINTED, SlipState.TROUBLE):
            return print_slip(screen, copy=True)
        case (Press.BOOKING_QR, Refused()):
            return replace(screen, shows_booking_qr=not screen.shows_booking_qr), ()
    return _manner_changed(screen, press)


def _back(screen: Plain, press: Press) -> Step:
    """Go one step back, language kept, or end the visit. A question on its way is awaited."""
    match screen:
        case Checking():
            return screen, ()
        case PriorityQuestion() if press is Press.BACK:
            return WalkInMenu(screen.around), ()
        case Refused(shows_booking_qr=True) if press is Press.BACK:
            return replace(screen, shows_booking_qr=False), ()
        case TicketShown():
            return end(screen.around)
    if press is Press.HOME or not has_visitor(screen):
        return end(screen.around)
    return rest(screen.around), (Forget(),)


# --- with a reservation ------------------------------------------------------------------------------


def _have_code(screen: Start | WalkInMenu | Refused) -> Step:
    service = screen.service if isinstance(screen, Refused) else None
    if service is None and _asks_service(screen.around):
        return WhichService(screen.around), ()
    return CodeEntry(screen.around, service), ()


def _asks_service(around: Surroundings) -> bool:
    return around.office.ask_service_first and bool(around.offers)


def _digit(screen: Plain, digit: str) -> Step:
    if not isinstance(screen, CodeEntry) or screen.around.typing_paused_s:
        return screen, ()
    return replace(screen, digits=(screen.digits + digit)[:CODE_DIGITS], mistake=None), ()


def _code_sent(screen: CodeEntry) -> Step:
    if screen.around.typing_paused_s:
        return screen, ()
    if len(screen.digits) < CODE_DIGITS:
        return replace(screen, mistake=Mistake.INCOMPLETE), ()
    try:
        parse_scan(screen.digits)
    except MalformedCode:
        return replace(screen, mistake=Mistake.MISTYPED), ()
    return submit(screen.around, screen.digits, screen.service)


def _scanned(over: Screen, scan: Scan) -> Step:
    """A scan starts the next check wherever the visitor is; while one is on its way it is not asked twice."""
    screen = plain(over)
    if not isinstance(scan, Scanned):
        return not_ours(over, scan.kind), ()
    text = scan.text
    if isinstance(screen, Checking) or _is_same_scan(screen, text):
        return over, ()
    around = replace(screen.around, extensions=0)
    if (
        isinstance(screen, OutOfOrder)
        and isinstance(screen.question, SubmitCode)
        and screen.question.text == text
    ):
        return await_answer(around, screen.question)
    try:
        parse_scan(text)
    except MalformedCode:
        return not_ours(over, kind_of(text)), ()
    if isinstance(screen, TicketShown):
        next_visit, effects = submit(replace(around, manner=Manner()), text, None)
        return next_visit, (Forget(), *effects)
    if isinstance(screen, CodeEntry):
        return submit(around, text, screen.service)
    if _asks_service(around):
        return WhichService(around, text), ()
    return submit(around, text, None)


def _is_same_scan(screen: Plain, text: str) -> bool:
    """Tell whether the code of the ticket on the screen is merely still before the scanner."""
    if not isinstance(screen, TicketShown) or not isinstance(screen.question, SubmitCode):
        return False
    is_recent = screen.around.now_s - screen.shown_s < SAME_SCAN_SECONDS
    return is_recent and screen.question.text == text


# --- without a reservation ---------------------------------------------------------------------------


def _service_chosen(screen: Plain, code: str) -> Step:
    around = screen.around
    offer = around.offer(code)
    match screen:
        case WhichService(text=None) if offer:
            return CodeEntry(around, code), ()
        case WhichService(text=str(text)) if offer:
            return submit(around, text, code)
        case WalkInMenu() if offer and not is_open(offer):
            return _not_open(around, offer), ()
        case WalkInMenu() if offer and around.office.priorities:
            return PriorityQuestion(around, code), ()
        case WalkInMenu() if offer:
            return issue(around, code, None)
    return screen, ()


def _not_open(around: Surroundings, offer: ServiceOffer) -> Refused:
    facts = Facts(opens_at=offer.opens_at, service=offer.code)
    return Refused(around, offer.refusal or Refusal.NOT_OFFERED, facts, offer.code)
