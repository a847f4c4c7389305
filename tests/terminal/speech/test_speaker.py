"""What is said is heard in order, one after another; a voice that fails costs no visitor anything."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from PySide6.QtMultimedia import QMediaDevices

from terminal.speech import outputs, render, speaker
from terminal.speech.outputs import JOURNAL
from terminal.speech.sounds import loudness_db, read_wav
from terminal.speech.speaker import Speaker, Tone, Utterance
from tests.terminal.speech.programs import program, settings, speaking, tone


class Listener:
    """What a speaker told, in order."""

    def __init__(self, spoken: Speaker) -> None:
        self.heard: list[tuple[str, object]] = []
        for name in ("started", "ended", "unspoken"):
            getattr(spoken, name).connect(lambda part, name=name: self.heard.append((name, part)))
        spoken.finished.connect(lambda: self.heard.append(("finished", None)))

    def parts(self, name: str) -> list[object]:
        return [part for said, part in self.heard if said == name]


@pytest.fixture
def made(qapp):
    """Give a maker of speakers with what listens to them; they are silent at the end."""
    speakers = []

    def make(given):
        spoken = Speaker(given)
        speakers.append(spoken)
        return spoken, Listener(spoken)

    yield make
    for spoken in speakers:
        spoken.stop()


def journal(folder):
    """Read what was spoken into a folder."""
    return [json.loads(line) for line in (folder / JOURNAL).read_text().splitlines()]


def sound_of(folder, line):
    """Read the sound of a line of the journal."""
    return read_wav((folder / line["file"]).read_bytes())


POLISH = Utterance("Dzień dobry", "pl")
ENGLISH = Utterance("-v is no option here", "en")


def test_texts_and_tones_are_heard_in_order_and_never_at_once(qtbot, made, tmp_path):
    spoken, listener = made(settings(folder=tmp_path))
    chime = Tone("chime", tone(0.3))
    with qtbot.waitSignal(spoken.finished):
        spoken.say([chime, POLISH])
        spoken.say([ENGLISH])
    told = [each for part in (chime, POLISH, ENGLISH) for each in (("started", part), ("ended", part))]
    assert listener.heard == [*told, ("finished", None)]
    lines = journal(tmp_path)
    assert [(line["name"], line["text"]) for line in lines] == [
        ("chime", ""),
        ("pl", POLISH.text),
        ("en", ENGLISH.text),
    ]
    begun = [datetime.fromisoformat(line["at"]) for line in lines]
    for at, line, after in zip(begun, lines, begun[1:], strict=False):
        assert after - at >= timedelta(seconds=line["seconds"] - 0.02)
    for line in lines[1:]:
        assert sound_of(tmp_path, line).seconds == pytest.approx(line["seconds"], abs=0.001)
        assert 0.5 < line["seconds"] < 5
        assert loudness_db(sound_of(tmp_path, line)) > -26


def test_volume_is_a_step_of_what_is_heard(qtbot, made, tmp_path):
    spoken, _ = made(settings(folder=tmp_path))
    for volume in (0.0, -18.0):
        spoken.volume_db = volume
        with qtbot.waitSignal(spoken.finished):
            spoken.say([POLISH])
    loud, soft = (loudness_db(sound_of(tmp_path, line)) for line in journal(tmp_path))
    assert loud - soft == pytest.approx(18, abs=0.1)


def test_a_neural_voice_speaks_where_it_is_given(qtbot, made, tmp_path):
    piper = speaking(tmp_path)
    spoken, _ = made(settings(piper, tmp_path / "out", pl=tmp_path / "pl.onnx"))
    with qtbot.waitSignal(spoken.finished):
        spoken.say([Utterance("--help\nraz", "pl")])
    assert journal(tmp_path / "out")[0]["seconds"] == tone().seconds
    arguments, text = (tmp_path / "heard").read_text().splitlines()
    assert arguments.endswith("pl.onnx --length_scale 1.00 --output_file -")
    assert text == "--help raz"


BROKEN = {
    "hangs": ("exec sleep 60", "it takes too long"),
    "dies": ("kill -9 $$", "it died"),
    "ends with an error": ("exit 3", "it ended with 3"),
    "writes rubbish": ("echo rubbish", "it wrote no sound"),
    "writes nothing": ("cat > /dev/null", "it wrote no sound"),
    "writes without end": ("exec yes", "it writes without end"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_voice_that_fails_is_replaced_by_espeak(qtbot, made, tmp_path, monkeypatch, caplog, fault):
    monkeypatch.setattr(render, "LIMIT_MS", 2_000)
    monkeypatch.setattr(render, "MOST_BYTES", 1_000_000)
    script, why = BROKEN[fault]
    spoken, listener = made(
        settings(
            program(tmp_path, f"echo >> {tmp_path}/asked\n{script}"), tmp_path / "out", pl=tmp_path / "v"
        )
    )
    with qtbot.waitSignal(spoken.finished):
        spoken.say([POLISH, POLISH])
    assert listener.parts("ended") == [POLISH, POLISH]
    assert journal(tmp_path / "out")[0]["seconds"] > 0.5
    (record,) = caplog.records
    assert why in record.getMessage()
    assert (tmp_path / "asked").read_text().count("\n") == 1


def test_a_voice_that_is_missing_is_replaced_by_espeak(qtbot, made, tmp_path, caplog):
    spoken, listener = made(settings("no-such-piper", tmp_path, pl=tmp_path / "v"))
    with qtbot.waitSignal(spoken.finished):
        spoken.say([POLISH])
    assert listener.parts("ended") == [POLISH]
    assert "there is no such program" in caplog.text


def test_a_language_without_voice_is_told_and_logged_once(qtbot, made, tmp_path, caplog):
    spoken, listener = made(settings(folder=tmp_path))
    stranger = Utterance("?", "xx")
    with qtbot.waitSignal(spoken.finished):
        spoken.say([stranger, POLISH, stranger])
    assert listener.heard == [
        ("unspoken", stranger),
        ("started", POLISH),
        ("ended", POLISH),
        ("unspoken", stranger),
        ("finished", None),
    ]
    assert caplog.text.count("No voice speaks xx") == 1
    assert (spoken.can_speak("xx"), spoken.can_speak("pl")) == (False, True)


def test_without_espeak_it_is_silent_and_goes_on(qtbot, made, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(speaker, "ESPEAK", "no-such-espeak")
    spoken, listener = made(settings(folder=tmp_path))
    with qtbot.waitSignal(spoken.finished):
        spoken.say([POLISH])
    assert listener.parts("unspoken") == [POLISH]
    assert not spoken.can_speak("pl")
    assert "no-such-espeak cannot be asked" in caplog.text


def test_it_stops_at_once_and_speaks_again(qtbot, made, tmp_path):
    spoken, listener = made(settings(folder=tmp_path))
    with qtbot.waitSignal(spoken.started):
        spoken.say([POLISH, ENGLISH])
    spoken.stop()
    assert listener.heard == [("started", POLISH), ("ended", POLISH), ("finished", None)]
    assert not spoken.is_speaking
    spoken.stop()
    with qtbot.waitSignal(spoken.finished):
        spoken.say([ENGLISH])
    assert listener.parts("ended") == [POLISH, ENGLISH]


def test_it_stops_while_a_voice_still_writes(qtbot, made, tmp_path):
    spoken, listener = made(settings(program(tmp_path, "exec sleep 60"), tmp_path, pl=tmp_path / "v"))
    spoken.say([POLISH])
    qtbot.waitUntil(lambda: spoken._rendering is not None and spoken._rendering._process is not None)
    spoken.stop()
    qtbot.wait(50)
    assert listener.heard == [("finished", None)]
    assert not (tmp_path / JOURNAL).exists()


class Device:
    def __init__(self, is_there):
        self.isNull = lambda: not is_there


def test_without_a_loudspeaker_it_lasts_as_long(qtbot, made, monkeypatch):
    monkeypatch.setattr(QMediaDevices, "defaultAudioOutput", staticmethod(lambda: Device(False)))
    spoken, listener = made(settings())
    with qtbot.waitSignal(spoken.finished):
        spoken.say([Tone("chime", tone(0.1))])
    assert len(listener.parts("ended")) == 1
    assert spoken._output._players == []


def test_a_loudspeaker_that_stands_still_holds_nobody_up(qtbot, made, monkeypatch):
    class Player:
        def __getattr__(self, name):
            return lambda *_: self

    monkeypatch.setattr(QMediaDevices, "defaultAudioOutput", staticmethod(lambda: Device(True)))
    monkeypatch.setattr(outputs.Loudspeaker, "_made", lambda self: Player())
    spoken, listener = made(settings())
    with qtbot.waitSignal(spoken.finished):
        spoken.say([Tone("chime", tone(0.1)), Tone("chime", tone(0.1))])
    assert len(listener.parts("ended")) == 2


@pytest.mark.qt_log_ignore(".*")
def test_qts_player_plays_each_sound_to_its_end(qtbot, made, monkeypatch):
    """On the real player, with whatever device there is."""
    real = QMediaDevices.defaultAudioOutput()
    if real.isNull():
        monkeypatch.setattr(type(real), "isNull", lambda self: False)
    played = []
    make = outputs.Loudspeaker._made

    def watched(output):
        player = make(output)
        player.mediaStatusChanged.connect(
            lambda status: (
                played.append(player.duration()) if status == player.MediaStatus.EndOfMedia else None
            )
        )
        return player

    monkeypatch.setattr(outputs.Loudspeaker, "_made", watched)
    spoken, listener = made(settings())
    lengths = [100, 150, 200, 250, 300, 350]
    spoken.say([Tone("chime", tone(length / 1000)) for length in lengths])
    qtbot.waitUntil(lambda: len(played) == 6 and len(listener.parts("ended")) == 6)
    assert sorted(played) == pytest.approx(lengths, abs=2)
