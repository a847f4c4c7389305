"""The voice at the kiosk's window: a touch stops it, a headset begins and ends it, a lack of voice is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtTest import QTest

from kiosk.flow import advance
from kiosk.read_aloud import Headset, ReadAloud
from kiosk.screens.parts import Words
from kiosk.screens.window import KioskWindow
from kiosk.visit.effects import SayAgain
from kiosk.visit.events import HeadsetChanged, Heard, LanguageChosen, Press
from kiosk.visit.screens import Screen
from terminal.speech.speaker import Utterance
from terminal.texts import Texts
from tests.kiosk.samples import every_screen, settle

pytestmark = pytest.mark.qt_log_ignore(
    "PulseAudioService", "Using Qt multimedia", "Couldn't (load|resolve) ", "[Pp]ipe[Ww]ire"
)


class Recorder(QObject):
    """Stands for the speaker: remembers what it is told to do, and has no voice for Georgian."""

    ended = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.did: list[str] = []
        self.volume_db, self.device = 0.0, ""
        self.is_speaking = False

    def can_speak(self, language: str) -> bool:
        return language != "ka"

    def use_device(self, name: str) -> None:
        self.device = name

    def say(self, parts: list[Utterance]) -> None:
        self.is_speaking = True
        self.did += [f"{part.language}: {part.text}" for part in parts]

    def stop(self) -> None:
        if self.is_speaking:
            self.is_speaking = False
            self.did.append("stop")
            self.ended.emit(None)


class Kiosk:
    """The window, the conversation and the reading, without server and devices."""

    def __init__(self, window: KioskWindow, texts: Texts, screen: Screen) -> None:
        self.window, self.screen, self.now_s = window, screen, screen.around.now_s
        self.speaker, self.headset = Recorder(), Headset("usb")
        self.reading = ReadAloud(window, self.speaker, self.headset, texts)
        self.events: list[object] = []
        self.reading.happened.connect(self.do)
        window.happened.connect(self.do)
        window.show_screen(screen)

    def do(self, event: object) -> None:
        """Let something happen, as the presenter does."""
        self.events.append(event)
        self.now_s += 0.5
        self.screen, effects = advance(self.screen, event, self.now_s)
        self.window.show_screen(self.screen)
        if SayAgain() in effects:
            self.reading.say_again()

    def plug(self, *descriptions: str) -> None:
        """Plug sound devices in, and pull all others out."""
        self.headset.descriptions = lambda: list(descriptions)
        self.headset.look()
        settle()

    def said(self) -> list[str]:
        """Return what was said and done since the last time."""
        settle()
        did, self.speaker.did = self.speaker.did, []
        return did


@pytest.fixture
def kiosk(window: KioskWindow, texts: Texts) -> Iterator[Kiosk]:
    kiosk = Kiosk(window, texts, every_screen()["start"])
    yield kiosk
    kiosk.reading.stop()


def test_it_is_silent_until_the_button_is_pressed(kiosk: Kiosk) -> None:
    assert kiosk.said() == []
    kiosk.window.happened.emit(Press.READ_ALOUD)
    said = kiosk.said()
    assert said[0] == "pl: Dzień dobry. Jak możemy pomóc?"
    assert "pl: Po ekranie można też chodzić strzałkami; klawisz OK wybiera." in said
    kiosk.window.happened.emit(Press.READ_ALOUD)
    assert kiosk.said() == ["stop"]
    kiosk.window.happened.emit(Press.WALK_IN)
    assert kiosk.said() == []


def test_a_touch_stops_it_and_it_can_be_said_again(kiosk: Kiosk) -> None:
    kiosk.do(Press.READ_ALOUD)
    first = kiosk.said()
    QTest.mousePress(kiosk.window, Qt.MouseButton.LeftButton)
    assert kiosk.said() == ["stop"]
    kiosk.window.happened.emit(Press.SAY_AGAIN)
    assert kiosk.said() == first


def test_a_stopped_sentence_was_not_listened_to(kiosk: Kiosk) -> None:
    kiosk.do(Press.READ_ALOUD)
    kiosk.said()
    kiosk.window.happened.emit(Press.ANYWHERE)
    assert kiosk.said() == ["stop"]
    assert Heard() not in kiosk.events
    kiosk.speaker.ended.emit(None)
    assert Heard() in kiosk.events


def test_it_follows_the_focus_and_the_language(kiosk: Kiosk) -> None:
    kiosk.do(Press.READ_ALOUD)
    kiosk.said()
    QTest.keyClick(kiosk.window, Qt.Key.Key_Down)
    (told,) = [each for each in kiosk.said() if each != "stop"]
    assert told.startswith("pl: Mam rezerwację")
    assert told.endswith("Przycisk 1, razem 11.")
    kiosk.window.happened.emit(LanguageChosen("en"))
    assert kiosk.said()[1].startswith("en: ")


def test_a_headset_begins_the_reading_on_its_own_device_and_silences_it_in_mid_word(kiosk: Kiosk) -> None:
    kiosk.plug("Built-in Audio")
    assert kiosk.events == []
    kiosk.plug("Built-in Audio", "USB Audio Device")
    assert kiosk.events == [HeadsetChanged(True)]
    assert kiosk.said()[0].startswith("pl: Dzień dobry")
    assert kiosk.speaker.device == "usb"
    kiosk.plug("Built-in Audio")
    assert kiosk.said() == ["stop"]
    kiosk.window.happened.emit(Press.RESERVATION)
    assert kiosk.said() == [], "nothing comes out of the loudspeaker by itself"


def test_the_volume_reaches_the_voice_and_is_told(kiosk: Kiosk) -> None:
    kiosk.do(Press.READ_ALOUD)
    kiosk.said()
    assert kiosk.speaker.volume_db == -12
    QTest.keyClick(kiosk.window, Qt.Key.Key_VolumeUp)
    assert "pl: Głośność 4 na 5" in kiosk.said()
    assert kiosk.speaker.volume_db == -6


def test_a_language_without_a_voice_is_told_on_the_screen_and_in_one_that_has(kiosk: Kiosk) -> None:
    office = kiosk.screen.around.office
    kiosk.do(Press.READ_ALOUD)
    kiosk.said()
    georgian = every_screen("ka", office.__class__(languages=("pl", "ka")))["start"]
    kiosk.screen, _ = advance(georgian, Press.READ_ALOUD, georgian.around.now_s + 1)
    kiosk.window.show_screen(kiosk.screen)
    assert [each for each in kiosk.said() if each != "stop"] == [
        "pl: W wybranym języku nie możemy tu czytać na głos."
    ]
    shown = [words.text() for words in kiosk.window.frame.speech.findChildren(Words)]
    assert any("ხმამაღლა წაკითხვა აქ შეუძლებელია" in text.replace("\u00a0", " ") for text in shown)
