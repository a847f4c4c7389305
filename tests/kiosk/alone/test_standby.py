"""The list on the disk: used only if the server signed it for this device, today, and not too long ago."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.alone import kept
from kiosk.alone.standby import Standby
from kiosk.visit.events import Answered, Problem, Unreachable
from terminal.client import UNREADABLE, Client
from terminal.clock import ServerClock
from terminal.private_file import keep_private
from tests.kiosk.alone.samples import HOUR, MADE, TOKEN, listed, scans, shows, signed, visit, walks_in
from tests.kiosk.test_presenter import DEVICE
from wire import messages as wire
from wire.vocabulary import Refusal, ReservationStatus

AT_THE_OFFICE = DEVICE.model_copy(update={"now": MADE})


class Machine:
    """A kiosk's machine with its disk and its own clock, which may be wrong."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.local = folder, MADE - timedelta(minutes=3)
        self.counter = 0.0
        self.started: list[Standby] = []

    def start(self, token: str = TOKEN) -> Standby:
        """Start the program anew; no server is heard."""
        client = Client("http://127.0.0.1:9", token, ServerClock(lambda: self.counter))
        self.started.append(Standby(client, self.folder / "kiosk.token", lambda: self.local))
        return self.started[-1]

    def passes(self, length: timedelta) -> None:
        """Let time pass on both clocks."""
        self.counter += length.total_seconds()
        self.local += length


@pytest.fixture
def machine(qapp, tmp_path: Path) -> Iterator[Machine]:
    made = Machine(tmp_path)
    yield made
    for each in made.started:
        each.stop()  # else what it has under way goes on in another test


def ready(machine: Machine, of: wire.OfflineList | None = None) -> Standby:
    """Return a standby that the server told its time, its list and its office."""
    standby = machine.start()
    standby._client.clock.heard(MADE)
    standby._listed(signed(of or listed()))
    standby.remember(AT_THE_OFFICE)
    return standby


def test_after_a_restart_without_the_server_the_kiosk_still_answers(machine: Machine) -> None:
    first = ready(machine)
    given = first.desk.answer(shows(1), None)
    assert isinstance(given, Answered)
    assert (given.ticket.number, given.alone, given.ticket.issued_at) == ("PX01", True, MADE)
    first.stop()
    machine.passes(timedelta(minutes=5))
    machine.counter = 3.0
    second = machine.start()
    assert second.desk.is_open
    assert second.device == AT_THE_OFFICE
    assert second.now() == MADE + timedelta(minutes=5), (
        "its own clock, and by how much the server's was ahead"
    )
    again, new = second.desk.answer(scans(1), None), second.desk.answer(scans(2), None)
    assert isinstance(again, Answered)
    assert (again.ticket.number, again.repeat, again.ticket.appointment_at) == ("PX01", True, HOUR)
    assert isinstance(new, Answered)
    assert (new.ticket.number, new.repeat) == ("PX02", False)
    second.stop()


def test_a_clock_that_went_back_does_not_turn_time_back(machine: Machine) -> None:
    first = ready(machine)
    machine.passes(timedelta(minutes=20))
    first.desk.answer(shows(1), None)
    first.stop()
    machine.local = datetime(2001, 1, 1, tzinfo=UTC)
    second = machine.start()
    assert second.now() == MADE + timedelta(minutes=20), "never earlier than the newest entry"
    machine.passes(timedelta(minutes=6))
    told = second.desk.answer(shows(2), None)
    assert isinstance(told, Problem)
    assert told.reason == Refusal.TOO_LATE
    second.stop()


def _edited(file: Path) -> None:
    read = json.loads(file.read_text())
    assert "PX" not in read["signed"]["body"]
    read["signed"]["body"] = read["signed"]["body"].replace('"lead_minutes":15', '"lead_minutes":0')
    file.write_text(json.dumps(read))


@pytest.mark.parametrize(
    ("harm", "token"),
    [
        (_edited, TOKEN),
        (lambda file: file.write_bytes(b"\x00" * 40), TOKEN),
        (lambda file: file.unlink(), TOKEN),
        (lambda file: None, "nd-of-another-device"),
    ],
    ids=["edited", "damaged", "gone", "of another device"],
)
def test_a_list_that_is_not_the_servers_for_this_device_is_not_used(
    machine: Machine, harm: Callable[[Path], None], token: str
) -> None:
    ready(machine).stop()
    file = machine.folder / "kiosk.offline"
    assert file.stat().st_mode & 0o777 == 0o600
    control = machine.start()
    assert control.desk.is_open, "as it was kept it is used"
    harm(file)
    standby = machine.start(token)
    assert not standby.desk.is_open


def test_a_list_of_another_branch_is_not_used(machine: Machine) -> None:
    ready(machine, listed(branch="legnica")).stop()
    assert not machine.start().desk.is_open


@pytest.mark.parametrize("later", [timedelta(hours=8), timedelta(days=1)])
def test_a_list_is_not_used_after_its_hours_and_not_on_another_day(
    machine: Machine, later: timedelta
) -> None:
    of = listed(valid_until=MADE + (timedelta(hours=8) if later < timedelta(days=1) else timedelta(days=3)))
    ready(machine, of).stop()
    machine.passes(later - timedelta(hours=16 if later == timedelta(days=1) else 1))
    assert machine.start().desk.is_open
    machine.passes(timedelta(hours=16 if later == timedelta(days=1) else 1))
    assert not machine.start().desk.is_open


@pytest.mark.parametrize(
    ("status", "reason"),
    [(409, "offline_off"), (409, "no_letter"), (401, "unauthorized"), (403, "forbidden")],
)
def test_an_office_that_wants_no_list_has_it_forgotten(machine: Machine, status: int, reason: str) -> None:
    standby = ready(machine)
    standby._refused(wire.Problem(title="x", status=status, reason=reason))
    assert not standby.desk.is_open
    standby.stop()
    assert not (machine.folder / "kiosk.offline").exists()


@pytest.mark.parametrize(
    ("status", "reason"),
    [(503, "overloaded"), (404, "not_found"), (404, UNREADABLE), (403, UNREADABLE), (429, "too_many")],
)
def test_a_fault_or_the_page_of_a_proxy_lets_nothing_be_forgotten(
    machine: Machine, status: int, reason: str
) -> None:
    standby = ready(machine)
    standby._refused(wire.Problem(title="x", status=status, reason=reason))
    assert standby.desk.is_open
    standby.stop()
    assert (machine.folder / "kiosk.offline").exists()


def test_a_slow_disk_holds_up_nobody_and_keeps_the_order(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, order = threading.Event(), []

    def slow(file: Path, text: str) -> None:
        assert disk.wait(10)
        order.append(threading.current_thread() is threading.main_thread())
        keep_private(file, text)

    monkeypatch.setattr(kept, "keep_private", slow)
    standby = ready(machine)
    assert standby.desk.is_open
    assert order == [], "the list counts before it is on the disk"
    standby._refused(wire.Problem(title="x", status=409, reason="offline_off"))
    disk.set()
    standby.stop()
    assert order == [False]
    assert not (machine.folder / "kiosk.offline").exists(), "what was written late is dropped all the same"


def test_a_list_that_a_full_disk_did_not_take_is_kept_once_there_is_room(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tried = []

    def full(_file: Path, text: str) -> None:
        tried.append(text)
        raise OSError("no space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(kept, "keep_private", full)
        standby = ready(machine)
        standby._keeper._thread.submit(int).result(10)  # after all that was asked for before
    assert tried
    assert "no space left" in caplog.text
    standby._listed(None)  # the server has no other one
    standby.stop()
    found = kept.read(machine.folder / "kiosk.offline")
    assert found is not None
    assert found.device == AT_THE_OFFICE


def test_a_number_of_yesterday_that_is_still_unsent_is_not_shown_today(machine: Machine) -> None:
    standby = ready(machine)
    standby.desk.answer(shows(1), None)
    control = standby.desk.again(shows(1))
    assert control is not None
    assert control.ticket.number == "PX01"
    standby._listed(signed(listed(day=MADE.date() + timedelta(days=1))))
    assert standby.unsent == 1
    assert standby.desk.again(shows(1)) is None
    standby.stop()


def test_the_newest_of_journal_and_list_is_what_a_code_brings(machine: Machine) -> None:
    standby = ready(machine)
    (given,) = [standby.desk.answer(shows(1), None)]
    assert isinstance(given, Answered)
    (entry,) = standby.journal.pending()
    taken = wire.EntryTaken(number="P042", conflict=wire.Conflict.CHECKED_IN_ELSEWHERE)
    assert standby.desk.again(shows(1)) is not None
    standby.journal.taken(entry.key, taken, MADE + timedelta(minutes=1))
    assert standby.desk.again(shows(1)) is None, "the server knows it: it is asked"
    machine.passes(timedelta(minutes=2))
    told = standby.desk.answer(shows(1), None)
    assert isinstance(told, Answered)
    assert (told.ticket.number, told.repeat) == ("P042", True)
    later = listed(
        made_at=MADE + timedelta(minutes=2),
        reservations=[visit(1, status=ReservationStatus.CANCELLED)],
    )
    standby._listed(signed(later))
    refused = standby.desk.answer(shows(1), None)
    assert isinstance(refused, Problem)
    assert refused.reason == Refusal.CANCELLED
    standby.stop()


def test_walk_ins_of_the_journal_count_until_the_list_has_them(machine: Machine) -> None:
    limited = [each.model_copy(update={"daily_limit": 2}) for each in listed().services]
    standby = ready(machine, listed(services=limited))
    told = [standby.desk.answer(walks_in(), None) for _ in range(3)]
    assert [type(each) for each in told] == [Answered, Answered, Problem]
    assert standby.desk.offers()[1].refusal is Refusal.LIMIT_REACHED
    for each in standby.journal.pending():
        standby.journal.taken(each.key, wire.EntryTaken(number=each.number), MADE + timedelta(seconds=1))
    made_at = MADE + timedelta(minutes=1)
    standby._listed(signed(listed(services=limited, made_at=made_at)))
    assert standby.desk.offers()[1].refusal is None
    standby.stop()


def test_what_the_disk_does_not_take_is_not_told(machine: Machine) -> None:
    standby = ready(machine)
    standby.journal.close()
    no_folder = machine.folder / "no folder"
    no_folder.touch()
    standby.journal._file = no_folder / "in a file"
    question = walks_in()
    assert standby.desk.answer(question, None) == Unreachable(question.ask)
    standby.stop()


def test_a_list_that_has_not_changed_stays_and_one_that_was_dropped_is_asked_for_whole(
    machine: Machine,
) -> None:
    standby = ready(machine)
    standby._known.etag = '"1"'
    standby._listed(None)
    assert (standby.desk.is_open, standby._known.etag) == (True, '"1"')
    standby._refused(wire.Problem(title="off", status=409, reason="offline_off"))
    assert (standby.desk.is_open, standby._known.etag) == (False, "")
    standby.stop()
