"""The presenter while its server comes and goes: visitors are answered, and everything reaches the server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import zxingcpp

from kiosk.alone import sending
from kiosk.alone.standby import Standby
from kiosk.presenter import Presenter
from kiosk.screens.look import Place
from kiosk.slips import Paper, slip_of
from kiosk.visit.effects import PrintSlip
from kiosk.visit.events import LanguageChosen, Press, PriorityChosen, ServiceChosen
from kiosk.visit.screens import OutOfOrder, Refused, SlipState, Start, TicketShown, WalkInMenu
from printers import PrinterSettings
from printers.virtual import VirtualPrinter
from terminal.client import Client
from terminal.clock import ServerClock
from terminal.texts import Texts
from tests.kiosk.alone.samples import MADE, TOKEN, code, listed, qr, signed
from tests.kiosk.samples import ticket
from tests.kiosk.test_presenter import Office, shows
from tests.terminal.fake_server import Exchange, FakeServer
from wire import messages as wire

FAULTS = [(500, wire.Problem(title="x", status=500, reason="internal_error")), (404, wire.Alive(status="ok"))]


class OfficeWithLists(Office):
    """A server that signs lists and takes entries."""

    def __init__(self) -> None:
        super().__init__()
        self.listed = listed()
        self.entries: list[tuple[str, dict]] = []
        self.refuses: set[str] = set()
        self.services_fault: tuple[int, wire.Problem | wire.Alive] | None = None

    def answer(self, exchange: Exchange) -> None:
        if exchange.path == "/api/v1/offline/list":
            exchange.reply(200, signed(self.listed), Numerek_Time=MADE.isoformat())
        elif exchange.path == "/api/v1/offline/entries":
            self._take(exchange)
        elif exchange.path == "/api/v1/services" and self.services_fault:
            exchange.reply(*self.services_fault)
        elif exchange.path == "/api/v1/services":
            offers = [each.offer for each in self.listed.services]
            exchange.reply(200, wire.ServicesAnswer(services=offers, now=MADE), Numerek_Time=MADE.isoformat())
        else:
            super().answer(exchange)

    def _take(self, exchange: Exchange) -> None:
        body = json.loads(exchange.body)
        number = f"{body['series']}{body['ordinal']:02d}"
        with self.lock:
            self.entries.append((exchange.headers["Idempotency-Key"], body))
        if number in self.refuses:
            exchange.reply(500, wire.Problem(title="x", status=500, reason="internal_error"))
        else:
            exchange.reply(201, wire.EntryTaken(number=number, ticket=1))


@pytest.fixture
def office(server: FakeServer) -> OfficeWithLists:
    office = OfficeWithLists()
    server.answer = office.answer
    return office


@pytest.fixture
def standby(qapp, server: FakeServer, tmp_path: Path) -> Iterator[Standby]:
    clock = ServerClock(lambda: 0.0)
    clock.heard(MADE)
    made = Standby(Client(server.url, TOKEN, clock), tmp_path / "kiosk.token", lambda: MADE)
    yield made
    made.stop()


@pytest.fixture
def presenter(
    qtbot, office: OfficeWithLists, standby: Standby, texts: Texts, monkeypatch
) -> Iterator[Presenter]:
    monkeypatch.setattr(sending, "PAUSES_S", (1,))
    presenter = Presenter(standby._client, texts, idle_seconds=60, touch_pause_seconds=0, standby=standby)
    presenter.start()
    qtbot.waitUntil(lambda: standby.desk.is_open and presenter.screen.around.office.help_counter == 3)
    qtbot.waitUntil(lambda: len(presenter.screen.around.offers) == 2)
    yield presenter
    presenter.stop()


def cut(qtbot, presenter: Presenter, server: FakeServer) -> None:
    """Let the server go, and the kiosk notice it."""
    server.stop()
    qtbot.waitUntil(lambda: presenter.screen.around.alone, timeout=20_000)


def heal(qtbot, presenter: Presenter, server: FakeServer) -> None:
    """Let the server come back, and the kiosk notice it."""
    server.start()
    qtbot.waitUntil(lambda: not presenter.screen.around.alone, timeout=20_000)


def take(qtbot, presenter: Presenter, text: str) -> str:
    """Show a code; return the number."""
    presenter.scanned(text)
    qtbot.waitUntil(lambda: shows(presenter, TicketShown), timeout=20_000)
    number = presenter.screen.ticket.number
    presenter.happened(Press.HOME)
    return number


def test_a_visitor_is_answered_without_the_server_and_the_entry_arrives(
    qtbot, presenter, office, server, standby
) -> None:
    cut(qtbot, presenter, server)
    assert shows(presenter, Start)
    presenter.happened(LanguageChosen("en"))
    assert take(qtbot, presenter, code(1).digits) == "PX01"
    presenter.happened(Press.WALK_IN)
    assert isinstance(presenter.screen, WalkInMenu)
    presenter.happened(ServiceChosen("N"))
    presenter.happened(PriorityChosen(None))
    qtbot.waitUntil(lambda: shows(presenter, TicketShown))
    assert presenter.screen.ticket.number == "NX01"
    assert presenter.screen.alone
    assert standby.unsent == 2
    heal(qtbot, presenter, server)
    qtbot.waitUntil(lambda: standby.unsent == 0, timeout=20_000)
    bodies = [body for _, body in office.entries]
    assert [(each["series"], each["ordinal"], each.get("reservation")) for each in bodies] == [
        ("PX", 1, 1),
        ("NX", 1, None),
    ]
    assert all(each["at"] == MADE.isoformat().replace("+00:00", "Z") for each in bodies)
    assert len({key for key, _ in office.entries}) == 2
    assert office.asked == [], "nobody asked the server in vain"


def test_a_question_that_was_cut_takes_its_key_into_the_entry_and_is_not_lost(
    qtbot, presenter, office, server, standby
) -> None:
    office.reply = lambda exchange: exchange.cut()
    number = take(qtbot, presenter, qr(1).qr)
    assert number == "PX01"
    asked = {key for path, key, _ in office.asked if path == "/api/v1/check-ins"}
    assert len(asked) == 1
    qtbot.waitUntil(lambda: standby.unsent == 0, timeout=20_000)
    assert {body.get("unanswered") for _, body in office.entries} == asked
    assert not presenter._asking._lost_answers._left
    assert not [path for path, _, _ in office.asked if path == "/api/v1/not-handed-over"]


@pytest.mark.parametrize("fault", FAULTS, ids=["a fault", "a proxy's page"])
def test_a_question_at_which_the_server_fails_is_answered_here(
    qtbot, presenter, office, standby, fault
) -> None:
    office.reply = lambda exchange: exchange.reply(*fault)
    assert take(qtbot, presenter, qr(1).qr) == "PX01"
    asked = {key for path, key, _ in office.asked if path == "/api/v1/check-ins"}
    qtbot.waitUntil(lambda: standby.unsent == 0, timeout=20_000)
    assert {body.get("unanswered") for _, body in office.entries} == asked, "it may have given a number"
    qtbot.waitUntil(lambda: not presenter.screen.around.alone, timeout=20_000)


@pytest.mark.parametrize("fault", FAULTS, ids=["a fault", "a proxy's page"])
def test_a_server_that_fails_is_as_good_as_silent(qtbot, presenter, office, standby, fault) -> None:
    office.services_fault = fault
    qtbot.waitUntil(lambda: presenter.screen.around.alone, timeout=20_000)
    assert shows(presenter, Start)
    assert take(qtbot, presenter, qr(1).qr) == "PX01"
    assert office.asked == []
    office.services_fault = None
    qtbot.waitUntil(lambda: not presenter.screen.around.alone, timeout=20_000)


def test_a_refusal_of_the_server_is_its_answer(qtbot, presenter, office, standby) -> None:
    refusal = wire.Problem(title="x", status=409, reason="too_late")
    office.reply = lambda exchange: exchange.reply(409, refusal)
    presenter.scanned(qr(1).qr)
    qtbot.waitUntil(lambda: shows(presenter, Refused), timeout=20_000)
    assert (presenter.screen.reason, standby.journal.of(MADE.date())) == ("too_late", [])


def test_a_cut_question_that_is_refused_here_is_told_to_the_server(
    qtbot, presenter, office, server, standby
) -> None:
    office.reply = lambda exchange: exchange.cut()
    presenter.scanned(qr(9).qr)
    qtbot.waitUntil(lambda: shows(presenter, Refused), timeout=20_000)
    assert presenter.screen.reason == "not_known_here"
    assert presenter.screen.facts.listed_at == MADE
    lost = "/api/v1/not-handed-over"
    qtbot.waitUntil(lambda: any(path == lost for path, _, _ in office.asked), timeout=20_000)
    assert standby.journal.of(MADE.date()) == []


def test_while_an_entry_is_unsent_its_code_brings_its_number(
    qtbot, presenter, office, server, standby
) -> None:
    cut(qtbot, presenter, server)
    office.refuses = {"PX01"}
    assert take(qtbot, presenter, qr(1).qr) == "PX01"
    assert take(qtbot, presenter, qr(2).qr) == "PX02"
    heal(qtbot, presenter, server)
    qtbot.waitUntil(lambda: standby.unsent == 1, timeout=20_000)
    presenter.report_status()
    qtbot.waitUntil(lambda: office.statuses[-1]["offline_entries"] == 1)
    assert take(qtbot, presenter, qr(1).qr) == "PX01"
    assert take(qtbot, presenter, qr(3).qr) == ticket().number, "all others are for the server"
    assert [body["code"] for path, _, body in office.asked if path == "/api/v1/check-ins"] == [qr(3).qr]
    qtbot.waitUntil(
        lambda: len([1 for _, body in office.entries if body["ordinal"] == 1]) >= 2, timeout=20_000
    )
    office.refuses = set()
    qtbot.waitUntil(lambda: standby.unsent == 0, timeout=20_000)
    keys = {body["ordinal"]: set() for _, body in office.entries}
    for key, body in office.entries:
        keys[body["ordinal"]].add(key)
    assert [len(each) for each in keys.values()] == [1, 1], "each goes under its own key, however often"


def test_without_a_list_the_kiosk_is_out_of_order_as_before(qtbot, presenter, server, standby) -> None:
    standby.desk.listed = None
    server.stop()
    qtbot.waitUntil(lambda: shows(presenter, OutOfOrder), timeout=20_000)
    server.start()
    qtbot.waitUntil(lambda: shows(presenter, Start), timeout=20_000)


def test_a_list_that_ends_while_the_kiosk_is_alone_ends_that(qtbot, presenter, server, standby) -> None:
    cut(qtbot, presenter, server)
    standby.desk.listed = listed(valid_until=MADE)
    qtbot.waitUntil(lambda: shows(presenter, OutOfOrder), timeout=20_000)


def test_a_journal_that_fails_gives_no_number(qtbot, presenter, server, standby, tmp_path: Path) -> None:
    cut(qtbot, presenter, server)
    standby.journal.close()
    no_folder = tmp_path / "no folder"
    no_folder.touch()
    standby.journal._file = no_folder / "in a file"
    presenter.scanned(qr(1).qr)
    qtbot.waitUntil(lambda: shows(presenter, OutOfOrder), timeout=20_000)


@pytest.mark.parametrize(("language", "said"), [("pl", "Wydano bez połączenia"), ("en", "Given without")])
def test_a_slip_says_plainly_that_it_was_given_alone(texts: Texts, language: str, said: str) -> None:
    given = ticket(language=language).model_copy(update={"track_url": ""})
    slip = slip_of(PrintSlip(1, given, False, language, alone=True), Place(), texts)
    assert slip.lines[0].startswith(said)
    assert slip.lines[0].endswith("09:41")
    assert slip_of(PrintSlip(1, given, False, language), Place(), texts).lines == ()


def test_a_slip_given_alone_is_printed_without_a_code_for_the_phone(
    qtbot, presenter, server, standby
) -> None:
    with VirtualPrinter() as printer:
        paper = Paper(
            PrinterSettings(printer.address, poll_seconds=0.05, answer_seconds=0.3, start_seconds=1.0)
        )
        presenter.use_paper(paper)
        qtbot.waitUntil(lambda: paper.state.can_print)
        cut(qtbot, presenter, server)
        presenter.scanned(qr(1).qr)
        qtbot.waitUntil(
            lambda: shows(presenter, TicketShown) and presenter.screen.slip is SlipState.PRINTED,
            timeout=20_000,
        )
        (slip,) = printer.machine.wait_for_slips(1, 30)
        assert zxingcpp.read_barcodes(slip.convert("L")) == []
        paper.close()
