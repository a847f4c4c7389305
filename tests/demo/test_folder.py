"""The demo's folder: its day, its pictures, and its paper slot."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import Mock

import pytest
import zxingcpp
from PIL import Image
from pytestqt.qtbot import QtBot

from deploy.demo.folder import DemoFolder, free_port
from deploy.demo.hall import open_hall, what_to_try
from deploy.demo.offscreen import stage, story
from deploy.demo.offscreen.evening import EARLIER, EarlierClock, is_late
from deploy.demo.offscreen.waiting import NotSeen
from deploy.demo.paper_window import PaperWindow
from deploy.demo.pictures import camera_frame
from deploy.demo.sample import write_told
from deploy.demo.serve import demo_settings, prepare, renew_day
from printers.virtual import VirtualPrinter
from printers.virtual.console import ControlPort
from server.clock import FileClock

URL = "http://127.0.0.1:8080"
NOON = datetime(2027, 5, 12, 10, 0, tzinfo=UTC)


class Data:
    """A prepared folder whose clock a test moves."""

    def __init__(self, root: Path) -> None:
        self.clock_file = root / "clock"
        self.is_now(NOON)
        self.folder = DemoFolder(root / "data")
        self.settings = demo_settings(self.folder.root, 8080, URL)
        self.clock = FileClock(self.clock_file)
        prepare(self.folder.root, URL, self.settings, self.clock)

    def is_now(self, at: datetime) -> None:
        self.clock_file.write_text(at.isoformat())

    def renewed(self) -> bool:
        return renew_day(self.folder.root, self.settings, self.clock)


@pytest.fixture
def data(tmp_path: Path) -> Data:
    return Data(tmp_path)


def test_a_folder_of_today_is_left_as_it_is(data: Data) -> None:
    before = data.folder.told()
    assert not data.renewed()
    assert data.folder.told() == before


def test_an_old_folder_gets_a_fresh_day(data: Data) -> None:
    old = {each["code"] for each in data.folder.admitted()}
    data.is_now(NOON + timedelta(days=3))
    assert data.renewed()
    fresh = data.folder.admitted()
    assert len(fresh) >= 8
    assert not old & {each["code"] for each in fresh}
    assert {each["expect"] for each in data.folder.told()["reservations"] if each["code"] in old} == {
        "lapsed"
    }
    assert not data.renewed(), "once is enough"


def test_secrets_are_for_their_owner_alone(data: Data) -> None:
    data.folder.prepare(URL, "tcp://127.0.0.1:9100")
    for name in ("demo.json", "kiosk.token", "board.token", "counter.token", "numerek.key"):
        assert stat.S_IMODE((data.folder.root / name).stat().st_mode) == 0o600


def test_every_reservation_has_a_picture_that_can_be_scanned(data: Data) -> None:
    data.folder.prepare(URL, "tcp://127.0.0.1:9100")
    told = {each["code"]: each for each in data.folder.told()["reservations"]}
    pictures = list(data.folder.qr.glob("*.png"))
    assert len(pictures) == len(told)
    for picture in pictures:
        expect, service, _, code = picture.stem.rsplit("-", 3)
        assert (told[code]["expect"], told[code]["service"]) == (expect, service)
    read = zxingcpp.read_barcodes(Image.open(pictures[0]))
    assert [code.text for code in read] == [told[pictures[0].stem.rsplit("-", 1)[1]]["qr"]]
    frame = camera_frame(read[0].text)
    assert [code.text for code in zxingcpp.read_barcodes(frame)] == [read[0].text]


def test_a_folder_that_cannot_be_used_is_told_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "demo.json").write_text("{")
    assert open_hall(tmp_path, 0) == 1
    assert f"the data in {tmp_path} cannot be used" in capsys.readouterr().out


def test_a_port_that_is_free_is_taken() -> None:
    port = free_port()
    assert free_port(port) == port


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_the_slip_comes_out_of_the_slot_and_the_paper_can_be_taken_out(qtbot: QtBot, tmp_path: Path) -> None:
    with VirtualPrinter() as printer:
        control = ControlPort(printer)
        window = PaperWindow(tmp_path, control.port)
        qtbot.addWidget(window)
        window.resize(500, 900)
        window.show()
        before = window.grab().toImage()
        Image.new("L", (576, 300), 255).save(tmp_path / "slip-0001.png")
        qtbot.waitUntil(lambda: window.slot.out == 1.0, timeout=5000)
        assert window.grab().toImage() != before
        window.button.click()
        assert printer.machine.condition.paper == "out"
        window.button.click()
        assert printer.machine.condition.paper == "in"
        control.close()


def test_a_story_that_is_not_seen_to_happen_fails_and_says_where(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def never(stage: object, record: object) -> None:
        """The sky falls."""
        raise NotSeen("a blue piece of it: not seen within 10 s")

    monkeypatch.setattr(story, "STEPS", (never,))
    assert story.play(tmp_path / "out") == 1
    assert "NOT SEEN. The sky falls. a blue piece of it" in capsys.readouterr().out
    assert (tmp_path / "out" / "server.log").exists()


def test_late_in_the_evening_the_story_plays_some_hours_earlier(tmp_path: Path) -> None:
    evening = datetime(2027, 5, 12, 20, 30, tzinfo=UTC)
    assert is_late(evening)
    assert not is_late(evening - EARLIER)
    earlier = EarlierClock(tmp_path / "clock", lambda: evening)
    assert FileClock(earlier.file).now() == evening - EARLIER
    earlier.close()


def test_so_late_that_no_code_is_admitted_the_hall_says_so(data: Data) -> None:
    told = data.folder.told()
    told["reservations"] = [each | {"expect": "other_day"} for each in told["reservations"]]
    write_told(data.folder.root / "demo.json", told)
    assert "no reservation can be used so late" in what_to_try(data.folder, URL, URL)


@pytest.mark.long
def test_the_whole_story_is_seen(tmp_path: Path) -> None:
    assert story.play(tmp_path / "out") == 0
    assert len(list((tmp_path / "out").glob("*.png"))) > 58


def test_a_stage_ends_its_server_though_a_program_of_it_cannot_be_ended(
    data: Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, phone = Mock(), Mock(stop=Mock(side_effect=RuntimeError("its window is gone")))
    monkeypatch.setattr(stage, "server_child", lambda *_: server)
    monkeypatch.setattr(stage, "Phone", lambda *_: phone)
    opened = stage.Stage(data.folder.root, data.clock_file)
    assert opened.phone is phone
    with pytest.raises(RuntimeError, match="its window is gone"):
        opened.close()
    server.stop.assert_called_once()
