"""The story's first part: what visitors do at the kiosk, and what it says to them."""

from __future__ import annotations

import zxingcpp
from PIL import Image

from deploy.demo.offscreen.record import Record
from deploy.demo.offscreen.stage import Stage
from deploy.demo.offscreen.waiting import NotSeen, until
from kiosk.slips import slip_of
from kiosk.visit.effects import PrintSlip
from kiosk.visit.events import LanguageChosen, Press, PriorityChosen, ServiceChosen
from kiosk.visit.screens import (
    CodeEntry,
    Help,
    Mistake,
    OtherService,
    PriorityQuestion,
    Refused,
    SlipState,
    TicketShown,
    WalkInMenu,
)
from printers.layout import preview
from wire.codes import check_digit, new_code
from wire.messages import Ticket
from wire.vocabulary import Priority


def opens(stage: Stage, record: Record) -> None:
    """Kiosk and board start, in Polish; a touch changes the language."""
    kiosk = stage.kiosk
    until(lambda: kiosk.screen.around.offers and kiosk.window.place.office, "the kiosk knows its branch")
    until(lambda: kiosk.running.paper.state.can_print, "the kiosk's printer is ready")
    record.picture(kiosk.window, "kiosk-start-pl")
    until(lambda: stage.board.face.place, "the board knows its hall")
    record.picture(stage.board.view, "board-nobody-waits")
    kiosk.touch(LanguageChosen("en"))
    until(lambda: kiosk.screen.around.language == "en", "the kiosk speaks English")
    record.picture(kiosk.window, "kiosk-start-en")


def scans(stage: Stage, record: Record) -> None:
    """A QR before the camera, the one that was booked on the web if any was, becomes a number and a slip."""
    kiosk = stage.kiosk
    kiosk.camera.hold(stage.booked_qr or stage.folder.admitted("N")[0]["qr"])
    shown = kiosk.until_shows(TicketShown)
    kiosk.camera.take_away()
    record.say(f"QR before the camera -> {_ticket(stage).number} on the screen: {shown:.0f} ms")
    record.picture(kiosk.window, "kiosk-ticket-printing-en")
    out = printed(stage, record, 1)
    record.say(f"number on the screen -> slip printed, as the printer reports it: {out:.0f} ms")
    record.picture(kiosk.window, "kiosk-ticket-en")
    kiosk.go_home()
    if kiosk.screen.around.language != "pl":
        raise NotSeen("the language of a visit ends with the visit")


def types(stage: Stage, record: Record) -> None:
    """A typed code becomes a number; the same code again gives the same number, and a slip marked as a copy."""
    kiosk, reservation = stage.kiosk, stage.folder.admitted("P")[1]
    kiosk.touch(Press.RESERVATION)
    kiosk.type(reservation["code"][:5])
    until(lambda: isinstance(kiosk.screen, CodeEntry) and len(kiosk.screen.digits) == 5, "five digits")
    record.picture(kiosk.window, "kiosk-code-half-typed")
    kiosk.type(reservation["code"][5:])
    kiosk.touch(Press.NEXT)
    shown = kiosk.until_shows(TicketShown)
    number = _ticket(stage).number
    record.say(f"last touch of a typed code -> {number} on the screen: {shown:.0f} ms")
    printed(stage, record, 2)
    record.picture(kiosk.window, "kiosk-ticket-pl")
    kiosk.go_home()
    kiosk.enter_code(reservation["code"])
    kiosk.until_shows(TicketShown)
    if _ticket(stage).number != number:
        raise NotSeen(f"the same code again gives {number}, not {_ticket(stage).number}")
    printed(stage, record, 3, copy=True)
    record.say(f"the same code again -> {number} again, its slip marked as a copy")
    record.picture(kiosk.window, "kiosk-ticket-again")
    kiosk.go_home()


def walk_in(stage: Stage, record: Record) -> None:
    """Somebody without a reservation chooses a service and says that a priority applies."""
    kiosk = stage.kiosk
    kiosk.touch(Press.WALK_IN)
    kiosk.until_shows(WalkInMenu)
    record.picture(kiosk.window, "kiosk-menu")
    kiosk.touch(ServiceChosen("N"))
    kiosk.until_shows(PriorityQuestion)
    record.picture(kiosk.window, "kiosk-priority")
    kiosk.touch(PriorityChosen(Priority.SMALL_CHILDREN))
    shown = kiosk.until_shows(TicketShown)
    record.say(f"walk-in -> {_ticket(stage).number} on the screen: {shown:.0f} ms")
    printed(stage, record, 4)
    record.picture(kiosk.window, "kiosk-ticket-walk-in")
    kiosk.go_home()
    for priority in (None, "elderly", None):
        stage.kiosk_asks("/api/v1/tickets", {"service": "N", **({"priority": priority} if priority else {})})
    stage.kiosk_asks("/api/v1/tickets", {"service": "T"})
    until(lambda: stage.board.waiting() >= 7, "the board shows who waits")
    record.picture(stage.board.view, "board-people-wait")


def other_service(stage: Stage, record: Record) -> None:
    """A service that needs a reservation, then a code for another service: the kiosk asks and goes on."""
    kiosk = stage.kiosk
    kiosk.touch(Press.WALK_IN)
    kiosk.touch(ServiceChosen("P"))
    kiosk.until_shows(Refused)
    record.picture(kiosk.window, "kiosk-only-with-reservation")
    kiosk.enter_code(stage.folder.admitted("L")[0]["code"])
    kiosk.until_shows(OtherService)
    record.picture(kiosk.window, "kiosk-other-service")
    kiosk.touch(Press.YES)
    kiosk.until_shows(TicketShown)
    if not _ticket(stage).number.startswith("L"):
        raise NotSeen(f"a ticket of the right service, L, not {_ticket(stage).number}")
    printed(stage, record, 5)
    kiosk.go_home()


def refusals(stage: Stage, record: Record) -> None:
    """Codes that the kiosk cannot serve: each is told with its facts and what can be done."""
    kiosk = stage.kiosk
    told = {
        each["expect"]: each["code"] for each in stage.told["reservations"] if each["expect"] != "admitted"
    }
    if "too_late" not in told:
        raise NotSeen("the sample has a reservation that is too late")
    for reason, code in [*sorted(told.items()), ("unknown_code", new_code().digits)]:
        kiosk.enter_code(code)
        kiosk.until_shows(Refused)
        seen = kiosk.screen.reason if isinstance(kiosk.screen, Refused) else ""
        if seen != reason:
            raise NotSeen(f"the refusal {reason}, not {seen}")
        record.say(f"refused: {reason}")
        record.picture(kiosk.window, f"kiosk-refused-{reason}")
        kiosk.go_home()


def mistakes(stage: Stage, record: Record) -> None:
    """A wrong digit is told at once, without the server; help, larger text and contrast are one touch away."""
    kiosk, code = stage.kiosk, new_code().digits
    wrong = str((int(check_digit(code[:8])) + 1) % 10)
    kiosk.enter_code(code[:8] + wrong)
    until(
        lambda: isinstance(kiosk.screen, CodeEntry) and kiosk.screen.mistake is Mistake.MISTYPED,
        "the kiosk tells a mistyped code",
    )
    record.picture(kiosk.window, "kiosk-mistyped")
    kiosk.touch(Press.HELP)
    until(lambda: isinstance(kiosk.screen, Help), "the kiosk's help")
    record.picture(kiosk.window, "kiosk-help")
    kiosk.touch(Press.BACK)
    kiosk.go_home()
    kiosk.touch(Press.TEXT_SIZE)
    kiosk.touch(Press.CONTRAST)
    record.picture(kiosk.window, "kiosk-larger-contrast")
    kiosk.go_home()


def printed(stage: Stage, record: Record, count: int, *, copy: bool = False) -> float:
    """Wait for the slip with this count, and hold it to what it ought to be; return the milliseconds.

    Its QR must be readable by another reader than the kiosk's, and the paper must show the ticket's number:
    it is compared with a drawing of that slip. Raises NotSeen.
    """
    kiosk = stage.kiosk
    took = until(lambda: _slip_state(stage) is SlipState.PRINTED, "the slip is printed", 15)
    slips = stage.printer.machine.wait_for_slips(count, 5)
    if len(slips) < count:
        raise NotSeen(f"slip {count} came out of the printer")
    screen, ticket = kiosk.screen, _ticket(stage)
    kept = record.slip(stage.folder.slips, f"{ticket.number}{'-copy' if copy else ''}")
    order = PrintSlip(0, ticket, copy, screen.around.language)
    presenter = kiosk.running.presenter
    drawn = slip_of(order, kiosk.window.place, presenter._texts, presenter.slip_layout)
    with Image.open(kept) as paper:
        if [code.text for code in zxingcpp.read_barcodes(paper.convert("L"))] != [ticket.track_url]:
            raise NotSeen(f"a second reader reads the slip's QR as {ticket.track_url}")
        if not is_same_slip(paper, preview(drawn)):
            raise NotSeen(f"the slip on the paper is that of {ticket.number}")
    return took


def is_same_slip(paper: Image.Image, drawn: Image.Image) -> bool:
    """Tell whether two slips show the same, whatever blank paper is above and below."""
    return ink(paper) == ink(drawn)


def ink(slip: Image.Image) -> tuple[tuple[int, int], bytes]:
    """Cut the blank edges off a slip and return what is left as size and dots."""
    dots = slip.convert("L").point(lambda value: 255 if value < 128 else 0)
    inked = dots.crop(dots.getbbox())
    return inked.size, inked.tobytes()


def _ticket(stage: Stage) -> Ticket:
    screen = stage.kiosk.screen
    if not isinstance(screen, TicketShown):
        raise NotSeen("the kiosk shows a ticket")
    return screen.ticket


def _slip_state(stage: Stage) -> SlipState | None:
    screen = stage.kiosk.screen
    return screen.slip if isinstance(screen, TicketShown) else None
