"""The presenter between a server, a printer and the conversation: one key until answered, nothing kept after."""

from __future__ import annotations

import json
import threading
from collections.abc import ItemsView, Iterator
from datetime import timedelta
from typing import Any

import pytest
import zxingcpp
from PIL import Image, ImageOps
from PySide6.QtGui import QGuiApplication

from kiosk.presenter import BEAT_MS, BEAT_PATIENCE_S, Presenter
from kiosk.scanners.scanner import ScannerState
from kiosk.screens.look import Place
from kiosk.slips import Paper, layout_of, slip_of
from kiosk.visit.effects import PrintSlip
from kiosk.visit.events import Digit, LanguageChosen, Press, PriorityChosen, ServiceChosen
from kiosk.visit.screens import CodeEntry, OutOfOrder, Refused, SlipState, Start, TicketShown, WalkInMenu
from printers import PrinterSettings
from printers.layout import preview
from printers.virtual import VirtualPrinter
from terminal.client import Client
from terminal.clock import ServerClock
from terminal.texts import Texts
from tests.kiosk.samples import CODE, NOON, NOT_TODAY, OFFERS, OTHER_QR, QR, ticket
from tests.terminal.fake_server import Exchange, FakeServer
from wire import messages as wire
from wire.vocabulary import DeviceRole, Priority, SlipRow

SERVICES = wire.ServicesAnswer(services=list(OFFERS), now=NOON)
SETTINGS = wire.DeviceSettings(
    languages=["pl", "en", "xx"],
    check_in_lead_minutes=20,
    ask_service_first=False,
    priority_classes=[Priority.PREGNANCY],
    help_counter=3,
    information_service="T",
    portal_url="https://wizyty.example.pl/",
)
DEVICE = wire.Device(
    id=1,
    name="Kiosk 1",
    role=DeviceRole.KIOSK,
    branch=wire.BranchName(code="wroclaw", name="Urząd Wojewódzki", zone="Europe/Warsaw"),
    hall=wire.HallName(code="A", name="Sala A"),
    settings=SETTINGS,
    now=NOON,
)


class Office:
    """A server of one branch that remembers what it was asked; `reply` says what a question gets."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None, dict]] = []
        self.statuses: list[dict] = []
        self.reply = lambda exchange: exchange.reply(201, wire.IssueAnswer(ticket=ticket()))
        self.lock = threading.Lock()
        self.device = DEVICE
        self.codes = wire.PaperlessAnswer(codes=[], now=NOON)

    def said(self) -> ItemsView[str, Any]:
        """Return what the kiosk last said of its devices."""
        return (self.statuses[-1] if self.statuses else {}).items()

    def answer(self, exchange: Exchange) -> None:
        if exchange.path == "/api/v1/services":
            exchange.reply(200, SERVICES, Numerek_Time=NOON.isoformat())
        elif exchange.path == "/healthz":
            exchange.reply(200, wire.Alive(status="ok"))
        elif exchange.path == "/api/v1/paperless-codes":
            exchange.reply(200, self.codes)
        elif exchange.path == "/api/v1/devices/me/status":
            with self.lock:
                self.statuses.append(json.loads(exchange.body))
            exchange.reply(200, self.device)
        else:
            with self.lock:
                key = exchange.headers["Idempotency-Key"]
                self.asked.append((exchange.path, key, json.loads(exchange.body)))
            self.reply(exchange)


@pytest.fixture
def office(server: FakeServer) -> Office:
    office = Office()
    server.answer = office.answer
    return office


@pytest.fixture
def printer() -> Iterator[VirtualPrinter]:
    with VirtualPrinter() as virtual:
        yield virtual


@pytest.fixture
def presenter(qtbot, server: FakeServer, office: Office, texts: Texts) -> Iterator[Presenter]:
    presenter = Presenter(
        Client(server.url, "a-token", ServerClock()), texts, idle_seconds=60, touch_pause_seconds=0
    )
    presenter.start()
    qtbot.waitUntil(lambda: presenter.screen.around.office.help_counter == 3)
    assert presenter.screen.around.office.information_service == "T"
    qtbot.waitUntil(lambda: len(presenter.screen.around.offers) == len(OFFERS))
    yield presenter
    presenter.stop()


@pytest.fixture
def paper(qtbot, presenter: Presenter, printer: VirtualPrinter) -> Iterator[Paper]:
    paper = Paper(PrinterSettings(printer.address, poll_seconds=0.05, answer_seconds=0.3, start_seconds=1.0))
    presenter.use_paper(paper)
    qtbot.waitUntil(lambda: paper.state.can_print)
    yield paper
    paper.close()


def shows(presenter: Presenter, screen: type) -> bool:
    return isinstance(presenter.screen, screen)


def ink(picture: Image.Image) -> bytes:
    """Return what is printed, without the white around it."""
    return picture.crop(ImageOps.invert(picture.convert("L")).getbbox()).convert("1").tobytes()


def drawn_slip(presenter: Presenter, *, copy: bool) -> Image.Image:
    """Return the slip of the ticket on the screen as it ought to come out."""
    order = PrintSlip(1, ticket(), copy, "pl")
    return preview(slip_of(order, presenter.place, presenter._texts, presenter.slip_layout))


def slip_is(presenter: Presenter, state: SlipState) -> bool:
    return isinstance(presenter.screen, TicketShown) and presenter.screen.slip is state


def test_where_the_office_wants_it_phones_get_a_code(qtbot, presenter: Presenter, office: Office) -> None:
    assert presenter.screen.around.hall_code is None
    code = wire.PaperlessCode(
        address="https://o.test/w/1", shown_from=NOON, shown_until=NOON + timedelta(minutes=1)
    )
    office.codes = wire.PaperlessAnswer(codes=[code], now=NOON)
    settings = SETTINGS.model_copy(update={"paperless_tickets": True})
    office.device = DEVICE.model_copy(update={"settings": settings})
    presenter.report_status()
    qtbot.waitUntil(lambda: presenter.screen.around.hall_code == "https://o.test/w/1")
    office.device = DEVICE
    presenter.report_status()
    qtbot.waitUntil(lambda: presenter.screen.around.hall_code is None)


def test_the_office_rules_what_the_kiosk_offers(presenter: Presenter) -> None:
    rules = presenter.screen.around.office
    assert rules.languages == ("pl", "en"), "a language without texts is left out"
    assert rules.check_in_lead_minutes == 20
    assert presenter.place == Place("Urząd Wojewódzki", "Sala A")


def test_a_scan_becomes_a_number_and_a_slip(qtbot, presenter, office, paper, printer) -> None:
    presenter.scanned(QR)
    qtbot.waitUntil(lambda: slip_is(presenter, SlipState.PRINTED), timeout=10_000)
    assert [(path, body) for path, _, body in office.asked] == [("/api/v1/check-ins", {"code": QR})]
    (slip,) = printer.machine.wait_for_slips(1, 30)
    assert [code.text for code in zxingcpp.read_barcodes(slip.convert("L"))] == [ticket().track_url]


def test_a_typed_code_and_the_language_go_to_the_server(qtbot, presenter, office) -> None:
    for event in (LanguageChosen("en"), Press.RESERVATION, *map(Digit, CODE), Press.NEXT):
        presenter.happened(event)
    qtbot.waitUntil(lambda: shows(presenter, TicketShown))
    assert office.asked[0][2] == {"code": CODE, "language": "en"}


def test_a_walk_in_ticket_goes_with_its_priority(qtbot, presenter, office) -> None:
    presenter.happened(Press.WALK_IN)
    assert shows(presenter, WalkInMenu)
    presenter.happened(ServiceChosen("N"))
    presenter.happened(PriorityChosen(Priority.PREGNANCY))
    qtbot.waitUntil(lambda: shows(presenter, TicketShown))
    expected = {"service": "N", "language": "pl", "priority": "pregnancy"}
    assert [(path, body) for path, _, body in office.asked] == [("/api/v1/tickets", expected)]


def test_the_same_key_is_used_until_there_is_an_answer(qtbot, presenter, office) -> None:
    cuts = iter([True, True])
    give = office.reply
    office.reply = lambda exchange: exchange.cut() if next(cuts, False) else give(exchange)
    presenter.scanned(QR)
    qtbot.waitUntil(lambda: shows(presenter, TicketShown), timeout=10_000)
    assert len(office.asked) == 3
    assert len({key for _, key, _ in office.asked}) == 1


def test_try_again_after_a_fault_asks_under_the_same_key(qtbot, presenter, office) -> None:
    give = office.reply
    fault = wire.Problem(title="A fault", status=500, reason="internal_error")
    office.reply = lambda exchange: exchange.reply(500, fault)
    presenter.scanned(QR)
    qtbot.waitUntil(lambda: shows(presenter, OutOfOrder))
    office.reply = give
    presenter.happened(Press.TRY_AGAIN)
    qtbot.waitUntil(lambda: shows(presenter, TicketShown))
    assert len({key for _, key, _ in office.asked}) == 1


def test_another_visitor_has_another_key(qtbot, presenter, office) -> None:
    presenter.scanned(QR)
    qtbot.waitUntil(lambda: shows(presenter, TicketShown))
    presenter.scanned(OTHER_QR)
    qtbot.waitUntil(lambda: len(office.asked) == 2 and shows(presenter, TicketShown))
    assert len({key for _, key, _ in office.asked}) == 2


def test_a_refusal_is_shown_with_its_facts(qtbot, presenter, office) -> None:
    facts = {"appointment_at": NOON.isoformat(), "service": "P"}
    refusal = wire.Problem(title="x", status=409, reason="too_late", facts=facts)
    office.reply = lambda exchange: exchange.reply(409, refusal)
    presenter.scanned(QR)
    qtbot.waitUntil(lambda: shows(presenter, Refused))
    assert presenter.screen.facts.appointment_at == NOON


def test_a_pause_counts_down_from_what_the_server_says(qtbot, presenter, office) -> None:
    paused = wire.Problem(title="x", status=429, reason="paused")
    office.reply = lambda exchange: exchange.reply(429, paused, Retry_After="40")
    presenter.scanned(CODE)
    qtbot.waitUntil(lambda: shows(presenter, Refused))
    assert 38 <= presenter.screen.around.typing_paused_s <= 40


def test_paper_out_is_told_at_once_and_the_slip_is_printed_by_itself_after_the_refill(
    qtbot, presenter, paper, printer, office
) -> None:
    ended: list[str] = []
    paper._job_heard.connect(lambda job, state: ended.append(state))
    printer.machine.set(paper="out")
    qtbot.waitUntil(lambda: office.statuses[-1]["printer"] == "paper_out")
    assert office.statuses[-1]["paper"] == "out"
    presenter.scanned(QR)
    qtbot.waitUntil(lambda: slip_is(presenter, SlipState.TROUBLE))
    assert presenter.screen.ticket.number == "P042"
    qtbot.waitUntil(lambda: ended == ["failed"])
    printer.machine.set(paper="in")
    qtbot.waitUntil(lambda: slip_is(presenter, SlipState.PRINTED), timeout=10_000)
    (slip,) = printer.machine.wait_for_slips(1, 30)
    assert ink(slip) == ink(drawn_slip(presenter, copy=False)), "nothing went out before: it is no copy"


def test_a_printer_that_died_in_mid_slip_prints_the_copy_by_itself_and_once(
    qtbot, presenter, paper, printer
) -> None:
    told: list[SlipState] = []
    presenter.shown.connect(lambda screen: told.append(getattr(screen, "slip", None)))
    printer.machine.set(dies_after=printer.machine.received + 9_000)
    presenter.scanned(QR)
    qtbot.waitUntil(lambda: slip_is(presenter, SlipState.TROUBLE), timeout=10_000)
    printer.machine.set(dead=False, dies_after=None)
    qtbot.waitUntil(lambda: slip_is(presenter, SlipState.PRINTED), timeout=10_000)
    assert SlipState.PRINTING_AGAIN in told
    slip = printer.machine.wait_for_slips(1, 30)[-1]
    assert ink(slip) == ink(drawn_slip(presenter, copy=True))
    again = presenter.screen.again
    qtbot.wait(500)
    assert (again, presenter.screen.again, paper._asks) == (1, 1, {})


def test_where_the_first_of_two_printers_fails_the_slip_comes_out_of_the_second(
    qtbot, presenter, office, printer
) -> None:
    limits = {"poll_seconds": 0.05, "answer_seconds": 1.0, "start_seconds": 2.0}
    with VirtualPrinter() as second:
        paper = Paper(PrinterSettings(printer.address, **limits), PrinterSettings(second.address, **limits))
        presenter.use_paper(paper)
        qtbot.waitUntil(lambda: {"printer": "ready", "second_printer": "ready"}.items() <= office.said())
        printer.machine.set(paper="out")
        qtbot.waitUntil(lambda: office.statuses[-1]["printer"] == "paper_out")
        assert {"paper": "out", "second_printer": "ready"}.items() <= office.said()
        presenter.scanned(QR)
        qtbot.waitUntil(lambda: slip_is(presenter, SlipState.PRINTED), timeout=10_000)
        assert presenter.screen.elsewhere
        assert (len(printer.machine.slips), len(second.machine.slips)) == (0, 1)
        printer.machine.set(paper="in")
        qtbot.waitUntil(lambda: office.statuses[-1]["printer"] == "ready")
        # In the middle of the next slip the first one dies: the copy comes out of the other by itself.
        printer.machine.set(dies_after=printer.machine.received + 9_000)
        presenter.scanned(OTHER_QR)
        qtbot.waitUntil(lambda: getattr(presenter.screen, "again", 0) == 1, timeout=10_000)
        qtbot.waitUntil(lambda: slip_is(presenter, SlipState.PRINTED), timeout=10_000)
        assert presenter.screen.elsewhere
        assert ink(second.machine.wait_for_slips(2, 30)[-1]) == ink(drawn_slip(presenter, copy=True))
        paper.close()


def test_a_lost_slip_is_not_printed_for_who_comes_next(qtbot, presenter, paper, printer) -> None:
    printer.machine.set(dies_after=printer.machine.received + 9_000)
    presenter.scanned(QR)
    qtbot.waitUntil(lambda: slip_is(presenter, SlipState.TROUBLE), timeout=10_000)
    presenter.happened(Press.HOME)
    printer.machine.set(dead=False, dies_after=None)
    qtbot.waitUntil(lambda: paper.state.can_print)
    before = len(printer.machine.slips)
    presenter.scanned(OTHER_QR)
    qtbot.waitUntil(lambda: slip_is(presenter, SlipState.PRINTED), timeout=10_000)
    assert len(printer.machine.slips) == before + 1


def test_nothing_of_a_visitor_is_kept(qtbot, presenter, office, paper) -> None:
    QGuiApplication.clipboard().setText(CODE)
    presenter.scanned(QR)
    qtbot.waitUntil(lambda: slip_is(presenter, SlipState.PRINTED), timeout=10_000)
    presenter.happened(Press.HOME)
    assert shows(presenter, Start)
    assert (presenter._asking._questions, presenter._asking._sendings, paper._asks) == ({}, {}, {})
    assert QGuiApplication.clipboard().text() == ""


def test_the_server_comes_and_goes(qtbot, presenter, server) -> None:
    server.stop()
    presenter._load_services()
    qtbot.waitUntil(lambda: shows(presenter, OutOfOrder), timeout=10_000)
    server.start()
    presenter._load_services()
    qtbot.waitUntil(lambda: shows(presenter, Start), timeout=10_000)


def test_a_lost_scanner_is_reported(qtbot, presenter, office) -> None:
    presenter.scanner_changed(ScannerState.LOST)
    qtbot.waitUntil(lambda: office.statuses[-1]["scanner"] == "lost")
    assert office.statuses[-1]["version"]
    assert office.statuses[-1]["clock"]


def reports(office: Office) -> list[dict]:
    return [body for path, _, body in office.asked if path == "/api/v1/not-handed-over"]


def test_a_visitor_who_leaves_before_the_answer_leaves_only_the_key(qtbot, presenter, office) -> None:
    office.reply = lambda exchange: exchange.cut()
    presenter.scanned(QR)
    qtbot.waitUntil(lambda: shows(presenter, OutOfOrder), timeout=15_000)
    assert reports(office) == []
    key = office.asked[0][1]
    presenter.happened(Press.HOME)
    assert presenter._asking._questions == {}
    qtbot.waitUntil(lambda: bool(reports(office)), timeout=10_000)
    office.reply = lambda exchange: exchange.reply(204)
    asked = len(reports(office))
    qtbot.waitUntil(
        lambda: len(reports(office)) > asked and not presenter._asking._lost_answers._left, timeout=20_000
    )
    assert {(body["command"], body["key"]) for body in reports(office)} == {("check-ins", key)}


def test_a_visitor_who_was_answered_leaves_nothing_to_report(qtbot, presenter, office) -> None:
    presenter.scanned(QR)
    qtbot.waitUntil(lambda: shows(presenter, TicketShown), timeout=10_000)
    presenter.happened(Press.HOME)
    assert not presenter._asking._lost_answers._left
    assert reports(office) == []


def test_a_kiosk_that_was_revoked_does_not_promise_tickets(qtbot, presenter, server) -> None:
    revoked = wire.Problem(title="x", status=401, reason="unknown_token")
    server.answer = lambda exchange: exchange.reply(401, revoked)
    presenter._load_services()
    qtbot.waitUntil(lambda: shows(presenter, OutOfOrder))


def test_a_server_that_fell_silent_is_noticed_within_three_seconds_while_nobody_asks(
    qtbot, presenter, server
) -> None:
    presenter._timers[1].stop()
    assert (BEAT_MS / 1000 + BEAT_PATIENCE_S) < 3
    again = threading.Event()
    answer, server.answer = server.answer, lambda exchange: again.wait(30)
    qtbot.waitUntil(lambda: shows(presenter, OutOfOrder), timeout=20_000)
    server.answer = answer
    again.set()
    qtbot.waitUntil(lambda: shows(presenter, Start), timeout=20_000)


def test_typing_goes_on_while_the_branch_is_looked_up(qtbot, presenter) -> None:
    presenter.happened(Press.RESERVATION)
    presenter.happened(Digit("4"))
    presenter._load_services()
    qtbot.waitUntil(lambda: presenter._loading is None)
    assert isinstance(presenter.screen, CodeEntry)
    assert presenter.screen.digits == "4"


@pytest.mark.parametrize("language", ["pl", "en"])
def test_the_slip_says_what_the_ticket_says(texts: Texts, language: str) -> None:
    order = PrintSlip(1, ticket(language=language), True, language)
    slip = slip_of(order, Place("Urząd Wojewódzki", "Sala A"), texts)
    assert (slip.number, slip.office, slip.hall) == ("P042", "Urząd Wojewódzki", "Sala A")
    values = [value for _, value in slip.rows]
    assert values[0] == "10:00"
    assert "09:41" in values[1]
    assert values[2:] == ["3", "10:00–10:05"]
    assert slip.qr == ticket().track_url
    assert slip.copy_mark == {"pl": "KOPIA", "en": "COPY"}[language]
    assert ticket(language=language).service.prepare in slip.prepare


@pytest.mark.parametrize(("language", "said"), [("pl", "już nie dziś"), ("en", "not today any more")])
def test_a_slip_whose_number_will_not_be_called_today_says_so(texts: Texts, language: str, said: str) -> None:
    late = ticket(language=language).model_copy(update=NOT_TODAY)
    slip = slip_of(PrintSlip(1, late, False, language), Place(), texts)
    assert slip.rows[-1][1] == said
    assert said not in {
        value for _, value in slip_of(PrintSlip(1, ticket(), False, language), Place(), texts).rows
    }


def test_a_change_of_the_slip_is_taken_over_without_a_restart(
    qtbot, presenter: Presenter, office: Office, paper: Paper, printer: VirtualPrinter
) -> None:
    presenter.scanned(QR)
    qtbot.waitUntil(lambda: slip_is(presenter, SlipState.PRINTED), timeout=10_000)
    (before,) = printer.machine.wait_for_slips(1, 30)
    slip = wire.SlipSettings(rows=[SlipRow.AHEAD], footer={"pl": "Toalety: parter"}, number_size="large")
    office.device = DEVICE.model_copy(update={"settings": SETTINGS.model_copy(update={"slip": slip})})
    presenter.report_status()
    qtbot.waitUntil(lambda: presenter.slip_layout.rows == ("ahead",))
    presenter.happened(Press.COPY)
    qtbot.waitUntil(lambda: slip_is(presenter, SlipState.PRINTED), timeout=10_000)
    _, after = printer.machine.wait_for_slips(2, 30)
    drawn = slip_of(PrintSlip(1, ticket(), True, "pl"), presenter.place, presenter._texts, layout_of(slip))
    assert ink(after) == ink(preview(drawn))
    assert ink(after) != ink(before)


def test_a_slip_without_a_visit_says_nothing_of_one(texts: Texts) -> None:
    slip = slip_of(PrintSlip(1, ticket("N007", booked=False), False, "pl"), Place(), texts)
    assert [label for label, _ in slip.rows] == ["Wydano", "Przed Tobą", "Wezwanie ok."]
    assert slip.copy_mark is None


@pytest.mark.parametrize("drawing_s", [0.0, 0.6], ids=["at once", "slowly"])
def test_a_tap_that_waited_while_the_screen_was_drawn_chooses_nothing(
    qtbot, server, texts, drawing_s
) -> None:
    now_s = 100.0
    client = Client(server.url, "a-token", ServerClock())
    presenter = Presenter(client, texts, idle_seconds=60, monotonic=lambda: now_s, touch_pause_seconds=0.4)

    def draw(_: object) -> None:
        nonlocal now_s
        now_s += drawing_s

    presenter.shown.connect(draw)
    presenter.happened(Press.RESERVATION)
    now_s += 0.09
    presenter.happened(Press.BACK)
    assert shows(presenter, CodeEntry)
    now_s += 0.4
    presenter.happened(Press.BACK)
    assert shows(presenter, Start)
    presenter.stop()


def test_the_presenter_tells_when_another_screen_stands(presenter: Presenter) -> None:
    came: list[float] = []
    presenter.came.connect(came.append)
    presenter.happened(Press.RESERVATION)
    assert len(came) == 1
    presenter.happened(Digit("1"))
    assert len(came) == 1, "the digits move within their screen"
