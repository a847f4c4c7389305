"""Server and kiosk on two machines, as namespaces of the network: the cable is pulled in mid-word."""

from __future__ import annotations

import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from deploy.demo.asking import ask, sign_in
from deploy.demo.folder import DemoFolder, toml_of
from deploy.demo.offscreen.evening import EarlierClock, is_late
from deploy.demo.offscreen.programs import Counter
from deploy.demo.offscreen.waiting import until
from tests.journeys.kiosk_in_a_namespace import LINE_PORT
from wire.vocabulary import TicketStatus

PATIENCE_S = 90.0
PORT = 8080
NAME = f"nq{os.getpid()}"
# Each process has addresses of its own: two may lay cables at once.
NETS = [f"10.{100 + os.getpid() // 80 % 100}.{os.getpid() % 80 * 3 + each}" for each in range(3)]
ROOT = Path(__file__).resolve().parents[2]


def ip(*words: str) -> subprocess.CompletedProcess[str]:
    """Run iproute2."""
    return subprocess.run(["ip", *words], capture_output=True, text=True, check=False)


def _why_not() -> str:
    if shutil.which("ip") is None:
        return "iproute2 is not there"
    probe = f"{NAME}p"
    made = ip("netns", "add", probe)
    entered = ip("netns", "exec", probe, "true") if made.returncode == 0 else made
    ip("netns", "del", probe)
    return "" if entered.returncode == 0 else f"no namespaces of the network here: {entered.stderr.strip()}"


WHY_NOT = _why_not() if sys.platform == "linux" else "Linux has them"
pytestmark = [pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "-"), pytest.mark.timeout(600)]


def clear_up() -> None:
    """Take away what a run left behind that was killed."""
    for line in ip("netns", "list").stdout.splitlines():
        left = re.match(r"nq(\d+)[okp]\b", line)
        if left and not Path(f"/proc/{left[1]}").exists():
            ip("netns", "del", left[0])


class Cables:
    """Two machines and a cable; the test, where a counter stands, has one of its own to each."""

    office, kiosk = f"{NAME}o", f"{NAME}k"
    base_url, seen_from_here = f"http://{NETS[0]}.1:{PORT}", f"http://{NETS[1]}.1:{PORT}"

    def __init__(self) -> None:
        clear_up()
        for each in (self.office, self.kiosk):
            self._do("netns", "add", each)
            self._do("-n", each, "link", "set", "lo", "up")
        self._join((self.office, f"{NETS[0]}.1"), (self.kiosk, f"{NETS[0]}.2"), f"{NAME}a", f"{NAME}b")
        self._join((self.office, f"{NETS[1]}.1"), (None, f"{NETS[1]}.2"), f"{NAME}c", f"{NAME}d")
        self._join((self.kiosk, f"{NETS[2]}.1"), (None, f"{NETS[2]}.2"), f"{NAME}e", f"{NAME}f")

    def _do(self, *words: str) -> None:
        done = ip(*words)
        assert done.returncode == 0, (words, done.stderr)

    def _join(self, one: tuple[str | None, str], other: tuple[str | None, str], *names: str) -> None:
        self._do("link", "add", names[0], "type", "veth", "peer", "name", names[1])
        for (place, address), name in zip((one, other), names, strict=True):
            inside = ["-n", place] if place else []
            if place:
                self._do("link", "set", name, "netns", place)
            self._do(*inside, "address", "add", f"{address}/30", "dev", name)
            self._do(*inside, "link", "set", name, "up")

    def pull(self, *others: str) -> None:
        """Pull the kiosk's cable out of the office's side, and `others`."""
        for end in ("a", *others):
            self._do("-n", self.office, "link", "set", f"{NAME}{end}", "down")

    def plug(self, *others: str) -> None:
        """Plug it in again."""
        for end in ("a", *others):
            self._do("-n", self.office, "link", "set", f"{NAME}{end}", "up")

    def is_whole(self) -> bool:
        """Say whether the kiosk's machine reaches the server."""
        tried = f"import socket; socket.create_connection(('{NETS[0]}.1', {PORT}), 2)"
        command = ["ip", "netns", "exec", self.kiosk, sys.executable, "-c", tried]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def close(self) -> None:
        """Take the machines away, and their cables with them."""
        for each in (self.office, self.kiosk):
            ip("netns", "del", each)


class Program:
    """A process on one of the machines, which says lines and is told some."""

    def __init__(self, place: str, log: Path, *command: str) -> None:
        env = os.environ | {"PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                ["ip", "netns", "exec", place, sys.executable, "-m", *command],
                cwd=ROOT,
                env=env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                bufsize=0,
            )

    def hears(self) -> str:
        """Return its next line."""
        assert self.process.stdout is not None
        line = b""
        deadline = time.monotonic() + PATIENCE_S
        while not line.endswith(b"\n"):
            assert select.select([self.process.stdout], [], [], max(0.0, deadline - time.monotonic()))[0], (
                "it says nothing"
            )
            piece = self.process.stdout.read(1)
            assert piece, "it ended"
            line += piece
        return line.decode().strip()

    def told(self, *words: str) -> None:
        """Tell it a line."""
        assert self.process.stdin is not None
        self.process.stdin.write(" ".join(words).encode() + b"\n")

    def says(self, *words: str) -> Any:
        """Tell it a line, and return its answer."""
        self.told(*words)
        return json.loads(self.hears())

    def end(self) -> None:
        """End it as a power cut does."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()


class Office:
    """The hall: a server on one machine, a kiosk on the other."""

    def __init__(self, folder: Path, cables: Cables) -> None:
        self.folder, self.cables = folder, cables
        command = ["tests.journeys.office_in_a_namespace", str(folder), str(PORT), cables.base_url]
        self.server = Program(cables.office, folder / "server.log", *command)
        while self.server.hears() != "ready":
            pass
        self.kiosk = self.start_kiosk()
        self._given: set[str] = set()

    def start_kiosk(self) -> Program:
        """Start the kiosk's program; what it kept lies on its disk."""
        command = ["tests.journeys.kiosk_in_a_namespace", str(self.folder), self.cables.base_url]
        self.kiosk = Program(self.cables.kiosk, self.folder / "kiosk.log", *command)
        return self.kiosk

    def code(self) -> str:
        """Give the code of somebody who may check in now."""
        found = next(each for each in DemoFolder(self.folder).admitted() if each["code"] not in self._given)
        self._given.add(found["code"])
        return str(found["code"])

    def in_line(self) -> list[str]:
        """List the numbers that wait at the counter which serves P."""
        told = DemoFolder(self.folder).told()
        place = next(n for n, each in enumerate(told["counters"]) if each["number"] == 7)
        token = sign_in(self.cables.seen_from_here, told["counters"][place]["token"], told["clerks"][place])
        status, shown = ask(self.cables.seen_from_here, "GET", "/api/v1/counters/7", token)
        assert status == 200
        return [each["number"] for each in shown["waiting"]]

    def until_kiosk(self, is_so: Any, what: str) -> dict[str, Any]:
        """Wait until the kiosk is so."""
        deadline = time.monotonic() + PATIENCE_S
        while not is_so(found := self.kiosk.says("look")):
            assert time.monotonic() < deadline, (what, found)
            time.sleep(0.1)
        return dict(found)

    def stand_still(self) -> None:
        """Let the server's machine think for long: what reaches it waits."""
        self.server.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on."""
        self.server.process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        """End both."""
        self.go_on()
        for each in (self.kiosk, self.server):
            each.end()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("machines")
    with ExitStack() as stack:
        if is_late(datetime.now(UTC)):
            stack.callback(EarlierClock(folder / "clock").close)
        cables = Cables()
        stack.callback(cables.close)
        made = Office(folder, cables)
        stack.callback(made.close)
        assert made.kiosk.says("ready") == "ready"
        yield made


def asks_in_vain(office: Office, code: str) -> str:
    """Pull the cable between a question and its answer; return the number that the kiosk gives alone."""
    assert office.kiosk.says("halt", "/check-ins") == "will"
    office.stand_still()
    office.kiosk.told("take", code)
    assert json.loads(office.kiosk.hears()) == "sent"
    time.sleep(0.3)  # it leaves the machine in the next round of the kiosk's events
    office.cables.pull()
    office.go_on()
    return str(json.loads(office.kiosk.hears()))


def test_a_cable_that_is_pulled_in_mid_check_in_leaves_one_place_in_line(office: Office) -> None:
    assert office.cables.is_whole(), "control"
    before = office.in_line()
    number = asks_in_vain(office, office.code())
    assert not office.cables.is_whole(), "control"
    assert number.startswith("PX")
    second = office.kiosk.says("take", office.code())
    assert second.startswith("PX")
    unheard = [each for each in office.in_line() if each not in before]
    assert len(unheard) == 1, "the server carried out what it was asked"
    assert unheard[0] not in (number, second)
    office.cables.plug()
    office.until_kiosk(lambda kiosk: not kiosk["unsent"], "all is with the server")
    assert sorted(each for each in office.in_line() if each not in before) == sorted([number, second])


def test_without_the_key_asked_in_vain_the_visitor_would_have_two(office: Office) -> None:
    """The control: what the test before shows is not there by itself."""
    before = office.in_line()
    assert office.kiosk.says("forget") == "forgets"
    number = asks_in_vain(office, office.code())
    office.cables.plug()
    office.until_kiosk(lambda kiosk: not kiosk["unsent"], "all is with the server")
    other = [each for each in office.in_line() if each not in before]
    assert len(other) == 1
    assert other != [number], "the paper's number is in no line: staff are told of a conflict"
    office.kiosk.end()
    assert office.start_kiosk().says("ready") == "ready"


def test_a_cable_that_is_pulled_in_mid_list_leaves_the_list_before(office: Office) -> None:
    before = office.kiosk.says("look")["listed"]
    office.until_kiosk(lambda kiosk: not kiosk["alone"], "the server")
    office.kiosk.says("halt", "/offline/list")
    office.stand_still()
    office.kiosk.told("list")
    assert {json.loads(office.kiosk.hears()) for _ in range(2)} == {"sent", "asked"}
    office.cables.pull()
    office.go_on()
    office.until_kiosk(lambda kiosk: kiosk["alone"], "alone")
    # A power cut on top of it: the list that is on the disk is the whole one of before.
    office.kiosk.end()
    office.start_kiosk()
    office.until_kiosk(lambda kiosk: kiosk["alone"], "alone after a start without the server")
    assert office.kiosk.says("look")["listed"] >= before
    number = office.kiosk.says("take", office.code())
    assert number.startswith("PX")
    office.cables.plug()
    office.until_kiosk(lambda kiosk: not kiosk["unsent"], "all is with the server")
    assert office.in_line().count(number) == 1
    assert office.kiosk.says("ready") == "ready"


@pytest.mark.parametrize("has_arrived", [True, False], ids=["heard", "unheard"])
def test_a_cable_that_is_pulled_in_mid_sending_loses_and_doubles_nothing(
    office: Office, has_arrived: bool
) -> None:
    office.until_kiosk(lambda kiosk: not kiosk["alone"], "the server")
    before = office.in_line()
    office.cables.pull()
    office.until_kiosk(lambda kiosk: kiosk["alone"], "alone")
    numbers = [office.kiosk.says("take", office.code()) for _ in range(2)]
    assert all(each.startswith("PX") for each in numbers)
    kiosk = office.kiosk.says("look")
    assert (kiosk["unsent"], kiosk["asked"]) == (numbers, []), "nothing is sent to a server that is not heard"
    office.kiosk.says("halt", "/offline/entries")
    office.cables.plug()
    assert json.loads(office.kiosk.hears()) == "sent"
    if has_arrived:
        office.stand_still()
        time.sleep(0.3)
    office.cables.pull()
    office.go_on()
    time.sleep(1)
    office.cables.plug()
    office.until_kiosk(lambda kiosk: not kiosk["unsent"], "all is with the server")
    assert sorted(each for each in office.in_line() if each not in before) == sorted(numbers)


@pytest.fixture
def counter(qapp: QApplication, office: Office, tmp_path: Path) -> Iterator[Counter]:
    """A clerk is at work at counter 7, whose machine reaches the kiosk too."""
    told = DemoFolder(office.folder)
    shutil.copy(office.folder / "counter.token", tmp_path / "counter.token")
    table = {
        "server_url": office.cables.seen_from_here,
        "token_file": "counter.token",
        "full_screen": False,
        "kiosk_lines": [f"http://{NETS[2]}.1:{LINE_PORT}"],
    }
    (tmp_path / "config.toml").write_text(toml_of({"counter": table}))
    counter = Counter(tmp_path / "config.toml")
    counter.sign_in(told.clerk())
    until(lambda: counter.presenter._lines._key is not None, "the day's key", PATIENCE_S)
    yield counter
    counter.stop()


def test_a_clerk_calls_from_the_kiosk_and_has_the_visitor_in_hand_when_the_office_is_back(
    office: Office, counter: Counter
) -> None:
    office.until_kiosk(lambda kiosk: not kiosk["alone"], "the server")
    office.cables.pull("c")
    office.until_kiosk(lambda kiosk: kiosk["alone"], "alone")
    numbers = {office.kiosk.says("take", office.code()) for _ in range(2)}
    until(lambda: counter.desk.alone is not None and len(counter.desk.alone.waiting) == 2, "line", PATIENCE_S)
    until(lambda: not counter._settles(), "keys are heard in the line that has just come", PATIENCE_S)
    QTest.keyClick(counter.window, Qt.Key.Key_F8)
    until(lambda: counter.desk.alone is not None and counter.desk.alone.in_hand, "a call", PATIENCE_S)
    assert counter.desk.alone is not None
    assert counter.desk.alone.in_hand is not None
    called = counter.desk.alone.in_hand[1].number
    assert called in numbers
    assert office.kiosk.says("look")["called"] == [[called, 7]], "the kiosk shows it"
    office.cables.plug("c")
    office.until_kiosk(lambda kiosk: not kiosk["unsent"], "all is with the server")
    until(lambda: counter.number == called and counter.desk.alone is None, "in hand there", PATIENCE_S)
    counter.press(Qt.Key.Key_F8)
    until(lambda: counter.desk.current.status is TicketStatus.SERVING, "the visitor is served", PATIENCE_S)
    waiting = office.in_line()
    assert called not in waiting
    assert numbers - {called} <= set(waiting)
