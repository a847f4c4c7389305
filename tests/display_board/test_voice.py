"""What is heard in the hall, captured: chime and voice in order, one at a time, as loud as the hour allows."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from display_board import board as board_module
from display_board import voice as voice_module
from display_board.__main__ import TEXTS
from display_board.memory import Memory
from display_board.presenter import BoardPresenter
from display_board.voice import Voice
from display_board.wording import Wording
from terminal.client import Client
from terminal.clock import ServerClock
from terminal.speech.outputs import JOURNAL
from terminal.speech.sounds import loudness_db, read_wav
from terminal.speech.speaker import Speaker
from terminal.texts import Texts
from tests.display_board.samples import call, fact
from tests.terminal.speech.programs import settings as speech_settings
from tests.terminal.speech.programs import speaking, tone
from wire.settings import BoardSettings, VoiceSettings, VolumeByHour


class Heard:
    """A board with its voice, and the folder that takes what is heard."""

    def __init__(self, office, folder, board=None, speech=None):
        clock = ServerClock()
        client = Client(office.server.url, "a-token", clock)
        wording = Wording(Texts(TEXTS))
        self.folder = folder / "heard"
        self.presenter = BoardPresenter(client, wording, Memory(folder / "announced.json"))
        self.shown, self.events = [], []
        self.presenter.face_changed.connect(self._show)
        given = speech or speech_settings(folder=self.folder)
        self.voice = Voice(self.presenter, wording, clock, board or BoardSettings(), Speaker(given))
        self.voice.begun.connect(lambda call: self.events.append(("voice", call.number)))

    def _show(self, face):
        number = face.called.number if face.called else None
        if number and ("screen", number) not in self.events:
            self.events.append(("screen", number))

    def lines(self):
        file = self.folder / JOURNAL
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def sound(self, line):
        return read_wav((self.folder / line["file"]).read_bytes())


@pytest.fixture
def heard(office, tmp_path):
    """Give a maker of boards that are heard."""
    made = []

    def make(**more):
        made.append(Heard(office, tmp_path, **more))
        made[-1].presenter.start()
        return made[-1]

    yield make
    for each in made:
        each.presenter.stop()
        each.voice.stop()


def ends(lines):
    return [datetime.fromisoformat(line["at"]) + timedelta(seconds=line["seconds"]) for line in lines]


def test_a_call_is_heard_in_two_languages_twice(qtbot, office, heard):
    board = heard()
    office.call(call(42, counter=7, language="uk"))
    qtbot.waitUntil(lambda: len(board.lines()) >= 6)
    lines = board.lines()
    once = [
        ("chime", ""),
        ("pl", "pe czterdzieści dwa, stanowisko siedem"),
        ("uk", "пе сорок два, віконце номер сім"),
    ]
    assert [(line["name"], line["text"]) for line in lines] == once * 2
    assert all(1 < line["seconds"] < 6 for line in lines)
    assert all(loudness_db(board.sound(line)) > -26 for line in lines)
    assert board.events == [("screen", "P042"), ("voice", "P042"), ("voice", "P042")]


def test_a_call_whose_visitor_came_is_not_repeated(qtbot, office, heard, short):
    board = heard()
    office.call(call(1))
    qtbot.waitUntil(lambda: bool(board.lines()))
    office.feed.add(2, "ticket.started", fact(call(1)))
    qtbot.waitUntil(lambda: not board.voice._speaker.is_speaking)
    assert board.events == [("screen", "P001"), ("voice", "P001")]


@pytest.fixture
def short(monkeypatch):
    """Let the chime and each text last a tenth of a second, and the screen go on quickly."""
    monkeypatch.setattr(voice_module, "chime", lambda: tone(0.1))
    monkeypatch.setattr(board_module, "SHOW_SECONDS", 0.05)
    monkeypatch.setattr(board_module, "SHOW_SECONDS_IN_A_RUSH", 0.05)


def test_a_rush_of_twelve_calls_is_heard_in_order_one_at_a_time(qtbot, office, heard, tmp_path, short):
    piper = speaking(tmp_path, tone(0.1))
    board = heard(speech=speech_settings(piper, tmp_path / "heard", pl=tmp_path / "v", en=tmp_path / "v"))
    for number in range(1, 13):
        office.call(call(number, language="en" if number % 3 == 0 else "pl"))
    numbers = [f"P{number:03}" for number in range(1, 13)]
    qtbot.waitUntil(lambda: len([said for kind, said in board.events if kind == "voice"]) >= 13)
    qtbot.waitUntil(lambda: len(board.lines()) >= 31)
    assert [said for kind, said in board.events if kind == "voice"] == [*numbers, "P012"]
    for number in numbers:
        assert board.events.index(("screen", number)) < board.events.index(("voice", number))
    lines = board.lines()
    begun = [datetime.fromisoformat(line["at"]) for line in lines]
    assert all(
        after >= end - timedelta(milliseconds=20) for end, after in zip(ends(lines), begun[1:], strict=False)
    )
    polish = [line["text"].split(",")[0] for line in lines if line["name"] == "pl"]
    assert polish[:4] == ["pe jeden", "pe dwa", "pe trzy", "pe cztery"]
    assert [line["name"] for line in lines[:7]] == ["chime", "pl", "chime", "pl", "chime", "pl", "en"]


def test_a_call_that_was_taken_back_is_not_heard_any_more(qtbot, office, heard, short):
    board = heard(board=BoardSettings(voice=VoiceSettings(times=1)))
    for number in (1, 2, 3):
        office.call(call(number))
    qtbot.waitUntil(lambda: ("screen", "P003") in board.events)
    office.called[1] = office.called[1].model_copy(update={"active": False})
    office.feed.add(4, "ticket.withdrawn", fact(call(2)))
    qtbot.waitUntil(lambda: ("voice", "P003") in board.events)
    assert [said for kind, said in board.events if kind == "voice"] == ["P001", "P003"]


def test_a_softer_hour_is_softer_by_as_much(qtbot, office, heard, monkeypatch):
    monkeypatch.setattr(voice_module, "volume_at", lambda hour, settings: volumes[0])
    volumes = [100]
    board = heard(board=BoardSettings(chime=False, voice=VoiceSettings(times=1)))
    office.call(call(1))
    qtbot.waitUntil(lambda: len(board.lines()) == 1 and not board.voice._speaker.is_speaking)
    volumes[0] = 25
    office.call(call(1).model_copy(update={"id": 2}))
    qtbot.waitUntil(lambda: len(board.lines()) == 2)
    loud, soft = (loudness_db(board.sound(line)) for line in board.lines())
    assert loud - soft == pytest.approx(20, abs=0.1)


def test_a_silent_hour_is_silent_chime_and_all_and_the_log_says_so(qtbot, office, heard, caplog):
    caplog.set_level("INFO")
    row = VolumeByHour(**{"from": "00:00", "until": "00:00", "volume": 0})
    board = heard(board=BoardSettings(voice=VoiceSettings(volume_by_hour=(row,))))
    office.call(call(1))
    qtbot.waitUntil(lambda: ("screen", "P001") in board.events)
    qtbot.wait(50)
    assert board.lines() == []
    assert "silent from 00:00 until 00:00" in caplog.text


def test_a_board_may_only_chime(qtbot, office, heard, short):
    board = heard(board=BoardSettings(voice=VoiceSettings(enabled=False, times=1)))
    office.call(call(1))
    qtbot.waitUntil(lambda: bool(board.lines()))
    qtbot.wait(150)
    assert [line["name"] for line in board.lines()] == ["chime"]


def test_a_voice_that_hangs_does_not_hold_the_screen(qtbot, office, heard, tmp_path, short):
    (tmp_path / "piper").write_text("#!/bin/sh\nexec sleep 60\n")
    (tmp_path / "piper").chmod(0o755)
    board = heard(speech=speech_settings(str(tmp_path / "piper"), tmp_path / "heard", pl=tmp_path / "v"))
    for number in (1, 2, 3):
        office.call(call(number))
    qtbot.waitUntil(lambda: ("screen", "P003") in board.events)
    assert ("voice", "P002") not in board.events


def test_a_voice_that_was_stopped_stays_silent(qtbot, office, heard, short):
    board = heard()
    for number in (1, 2):
        office.call(call(number))
    qtbot.waitUntil(lambda: bool(board.lines()))
    board.presenter.stop()
    board.voice.stop()
    before = board.lines()
    qtbot.wait(300)
    assert board.lines() == before
