"""A reservation becomes a ticket becomes a call: whole visits on real parts."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
import zxingcpp
from PIL import Image
from PySide6.QtCore import Qt

from deploy.demo.offscreen.visitors import ink
from deploy.demo.offscreen.waiting import until
from kiosk.slips import slip_of
from kiosk.visit.effects import PrintSlip
from kiosk.visit.events import Press
from kiosk.visit.screens import Refused, SlipState, TicketShown
from printers.layout import preview
from tests.journeys.conftest import Hall, MovedClock
from wire.vocabulary import TicketStatus

MOST_SCAN_MS = 2000


def paper_of(hall: Hall, *, copy: bool) -> tuple[tuple[int, int], bytes]:
    """Draw the slip of the ticket on the screen, as it ought to stand on the paper."""
    order = PrintSlip(0, hall.ticket(), copy, hall.kiosk.screen.around.language)
    return ink(preview(slip_of(order, hall.kiosk.window.place, hall.kiosk.running.presenter._texts)))


def scan(hall: Hall, text: str, degrees: float = 9.0) -> float:
    """Hold a code before the camera until its number is on the screen; return the milliseconds."""
    hall.kiosk.camera.hold(text, degrees)
    took = hall.kiosk.until_shows(TicketShown)
    hall.kiosk.camera.take_away()
    return took


def test_a_visitor_with_a_qr_gets_a_slip_and_is_called_to_a_counter(hall: Hall) -> None:
    hall.ready_kiosk()
    board, counter = hall.board, hall.counter
    until(lambda: board.face.place, "the board's hall")
    counter.sign_in(hall.folder.clerk())
    before = len(hall.printer.machine.slips)
    took = scan(hall, hall.visitor()["qr"])
    number, track_url = hall.ticket().number, hall.ticket().track_url
    print(f"\nscan -> number on the kiosk's screen: {took:.0f} ms")
    assert took <= MOST_SCAN_MS
    until(lambda: hall.slip_is(SlipState.PRINTED), "the slip printed")
    (slip,) = hall.printer.machine.wait_for_slips(before + 1, 5)[before:]
    assert [code.text for code in zxingcpp.read_barcodes(slip.convert("L"))] == [track_url]
    assert ink(slip) == paper_of(hall, copy=False), "the paper shows the ticket of the screen"
    until(lambda: any(row.number == number for row in counter.desk.rows), "the counter lists the visitor")
    while counter.number != number:
        counter.press(Qt.Key.Key_F8)
        until(lambda: counter.desk.is_ready and counter.number, "somebody is called")
    until(lambda: board.shown() == number, f"the board shows {number}")
    assert [call.number for call in board.announced].count(number) == 1
    assert board.announced[-1].counter == 7
    counter.press(Qt.Key.Key_F8)
    until(lambda: counter.desk.current and counter.desk.current.status is TicketStatus.SERVING, "served")


def test_a_visitor_who_scans_over_the_staffs_code_page_sees_the_number(hall: Hall) -> None:
    hall.ready_kiosk()
    menu = hall.kiosk.running.menu
    menu.ask()
    assert hall.kiosk.window.is_covered
    scan(hall, hall.visitor()["qr"])
    assert menu.page is None
    assert not hall.kiosk.window.is_covered
    hall.kiosk.go_home()
    menu._open()
    before = hall.kiosk.screen
    hall.kiosk.running.scanners.scanned.emit(hall.visitor()["qr"])
    hall.kiosk.running.scanners.foreign.emit("payment")
    assert type(hall.kiosk.screen) is type(before), "behind the menu nobody would see what comes of it"
    menu.close()


@pytest.mark.parametrize("degrees", [-40.0, 0.0, 170.0])
def test_a_code_is_read_however_it_is_held(hall: Hall, degrees: float) -> None:
    hall.ready_kiosk()
    assert scan(hall, hall.visitor("L")["qr"], degrees) <= MOST_SCAN_MS
    until(lambda: hall.slip_is(SlipState.PRINTED), "the slip printed")


def test_the_same_code_twice_gives_one_number_and_a_copy(hall: Hall) -> None:
    hall.ready_kiosk()
    visitor = hall.visitor()
    before = len(hall.printer.machine.slips)
    scan(hall, visitor["qr"])
    number = hall.ticket().number
    until(lambda: hall.slip_is(SlipState.PRINTED), "the slip printed")
    hall.kiosk.go_home()
    hall.kiosk.enter_code(visitor["code"])
    hall.kiosk.until_shows(TicketShown)
    assert hall.ticket().number == number
    assert hall.kiosk.screen.repeat
    until(lambda: hall.slip_is(SlipState.PRINTED), "the copy printed")
    first, second = hall.printer.machine.wait_for_slips(before + 2, 5)[before:]
    assert ink(second) == paper_of(hall, copy=True), "marked as a copy"
    assert ink(first) != ink(second)
    status, answer = hall.kiosk_asks("/api/v1/check-ins", {"code": visitor["qr"]})
    assert (status, answer["ticket"]["number"], answer["repeat"]) == (200, number, True)


def test_a_printer_killed_in_mid_slip_prints_a_copy_by_itself_when_it_is_back(hall: Hall) -> None:
    hall.ready_kiosk()
    machine = hall.printer.machine
    before = len(machine.slips)
    machine.set(dies_after=machine.received + 9_000)
    scan(hall, hall.visitor()["qr"])
    until(lambda: hall.slip_is(SlipState.TROUBLE), "the kiosk tells the trouble")
    machine.set(dead=False, dies_after=None)
    until(lambda: hall.slip_is(SlipState.PRINTED), "the copy printed, with no touch")
    assert ink(machine.wait_for_slips(before + 1, 5)[-1]) == paper_of(hall, copy=True)


def test_paper_out_in_mid_slip_still_gives_a_number_and_a_reprint(hall: Hall) -> None:
    hall.ready_kiosk()
    machine, counter = hall.printer.machine, hall.counter
    if counter.desk.clerk is None:
        counter.sign_in(hall.folder.clerk())
    before = len(machine.slips)
    visitor = hall.visitor()
    machine.set(paper_left=260)
    scan(hall, visitor["qr"])
    number = hall.ticket().number
    until(lambda: hall.slip_is(SlipState.TROUBLE), "the kiosk tells the trouble")
    assert hall.ticket().number == number, "the number stands"
    until(lambda: counter.has_trouble("printer"), "the clerks are told", 2)
    assert len(machine.slips) == before, "only a part of the slip was on the paper"
    machine.set(paper="in", paper_left=None)
    machine.wait_for_slips(before + 1, 10)
    until(lambda: hall.kiosk.running.paper.state.can_print, "the printer is ready")
    if hall.slip_is(SlipState.TROUBLE):
        hall.kiosk.touch(Press.COPY)
    else:
        # The printer told in time that the slip came out after all: the visitor asks with the code.
        hall.kiosk.go_home()
        hall.kiosk.enter_code(visitor["code"])
        hall.kiosk.until_shows(TicketShown)
    until(lambda: hall.slip_is(SlipState.PRINTED), "the copy printed")
    assert hall.ticket().number == number
    assert ink(machine.wait_for_slips(before + 2, 5)[-1]) == paper_of(hall, copy=True)
    until(lambda: not counter.has_trouble("printer"), "the trouble is over")


def test_two_clerks_never_get_the_same_ticket(hall: Hall) -> None:
    for _ in range(24):
        assert hall.kiosk_asks("/api/v1/tickets", {"service": "T"})[0] == 201
    got: dict[int, list[str]] = {1: [], 3: []}
    clerks = {counter: hall.clerk_at(counter) for counter in got}
    together = threading.Barrier(len(got))

    def work(counter: int) -> None:
        together.wait(10)
        for _ in range(12):
            got[counter].append(hall.call(counter, clerks[counter]))

    threads = [threading.Thread(target=work, args=(counter,)) for counter in got]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    called = got[1] + got[3]
    assert len(called) == 24
    assert len(set(called)) == 24


@pytest.fixture
def booked(hall_at_ten: Hall, stopped_clock: MovedClock) -> dict:
    """Book a visit of a hall whose time stands, and give what its owner was told."""
    told = next(each for each in hall_at_ten.folder.admitted("P")[4:])
    body = {
        "branch": "wroclaw",
        "service": "P",
        "appointment_at": told["appointment_at"],
        "applicant": {"name": "Jan Nowak", "document": "ABC123456", "language": "pl"},
    }
    status, answer = hall_at_ten.ask(
        "POST", "/api/v1/reservations", hall_at_ten.told["integrator_token"], body
    )
    assert status == 201, answer
    return answer


def test_fourteen_minutes_fifty_nine_early_is_refused_and_lapses(
    hall_at_ten: Hall, stopped_clock: MovedClock, booked: dict
) -> None:
    hall, at = hall_at_ten, datetime.fromisoformat(booked["appointment_at"])
    hall.ready_kiosk()
    stopped_clock.is_now(at - timedelta(minutes=14, seconds=59))
    hall.kiosk.enter_code(booked["code"])
    hall.kiosk.until_shows(Refused)
    assert hall.kiosk.screen.reason == "too_late"
    assert hall.kiosk.screen.facts.check_in_until == at - timedelta(minutes=15)
    path, token = f"/api/v1/reservations/{booked['id']}", hall.told["integrator_token"]
    until(lambda: hall.ask("GET", path, token)[1]["status"] == "lapsed", "the reservation has lapsed")


def test_fifteen_minutes_early_is_served(hall_at_ten: Hall, stopped_clock: MovedClock, booked: dict) -> None:
    hall, at = hall_at_ten, datetime.fromisoformat(booked["appointment_at"])
    hall.ready_kiosk()
    stopped_clock.is_now(at - timedelta(minutes=15))
    hall.kiosk.enter_code(booked["code"])
    hall.kiosk.until_shows(TicketShown)
    assert hall.ticket().appointment_at == at
    status, answer = hall.ask("GET", f"/api/v1/reservations/{booked['id']}", hall.told["integrator_token"])
    assert (status, answer["status"]) == (200, "checked_in")


def test_the_slip_is_kept_as_the_bytes_that_went_to_the_printer(hall: Hall) -> None:
    hall.ready_kiosk()
    before = len(hall.printer.machine.slips)
    scan(hall, hall.visitor("N")["qr"])
    until(lambda: hall.slip_is(SlipState.PRINTED), "the slip printed")
    hall.printer.machine.wait_for_slips(before + 1, 5)
    newest = max(hall.folder.slips.glob("slip-*.png"))
    with Image.open(newest) as paper:
        assert paper.width == 576
    assert 2_000 < newest.with_suffix(".escpos").stat().st_size <= 30_000
