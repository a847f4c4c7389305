"""Reads the screens aloud: follows the window, stops at a touch, and keeps codes to a headset."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtMultimedia import QMediaDevices

from kiosk.screens.window import KioskWindow
from kiosk.speech import Heard, Sentence, focus_words, words_for
from kiosk.visit import events
from terminal.speech.speaker import Speaker, Utterance
from terminal.texts import Texts

ALWAYS = "always"


class Headset(QObject):
    """Tells whether a headset is plugged in: a sound device whose description holds `name`.

    `always` stands for a headset that cannot be pulled out or told of; an empty name for none.
    """

    changed = Signal(bool)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self.is_there = False
        if self.device_name:
            # Only where there is something to look for: it asks all sound services of the machine.
            self._devices = QMediaDevices(self)
            self._devices.audioOutputsChanged.connect(self.look)

    @property
    def device_name(self) -> str:
        """Return what the description of its sound device holds; empty: the machine's own device."""
        return "" if self._name == ALWAYS else self._name

    def look(self) -> None:
        """Look whether it is there now."""
        is_there = self._name == ALWAYS or (bool(self._name) and any(map(self._is_it, self.descriptions())))
        if is_there != self.is_there:
            self.is_there = is_there
            self.changed.emit(is_there)

    def descriptions(self) -> list[str]:
        """List the sound devices of this machine."""
        return [device.description() for device in QMediaDevices.audioOutputs()]

    def _is_it(self, description: str) -> bool:
        return self._name.casefold() in description.casefold()


class ReadAloud(QObject):
    """Between the window and the speaker; `happened` carries what the conversation has to know."""

    happened = Signal(object)

    def __init__(
        self,
        window: KioskWindow,
        speaker: Speaker,
        headset: Headset,
        texts: Texts,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._window, self._speaker, self._headset, self._texts = window, speaker, headset, texts
        self._before: Heard | None = None
        self._is_stopping = self._is_touched = False
        # What changes together is told together.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.look)
        window.happened.connect(self._touched)
        window.changed.connect(self._soon.start)
        speaker.ended.connect(self._sentence_ended)
        headset.changed.connect(self._headset_changed)
        window.voiceless = frozenset(each for each in texts.languages if not speaker.can_speak(each))

    def start(self) -> None:
        """Look for a headset, and begin."""
        self._headset.look()

    def stop(self) -> None:
        """Be silent from now on."""
        self._soon.stop()
        self._hush()

    def say_again(self) -> None:
        """Read the whole screen once more."""
        self._before = None
        self._soon.start()

    def look(self) -> None:
        """Say what is new on the screen, where somebody wants to hear it."""
        manner = self._window.around().manner
        if not manner.read_aloud:
            self._before = None
            self._hush()
            return
        before, now = self._before, self._window.heard()
        # A key that changed nothing is answered too: it tells where one is.
        words = words_for(before, now) or (focus_words(now) if self._is_touched else ())
        self._before, self._is_touched = now, False
        if not words:
            return
        if before is None or before.face != now.face:
            self._hush()
            words = (*self._lack_of_voice(), *words)
        self._speaker.volume_db = manner.volume_db
        self._speaker.use_device(self._headset.device_name if now.has_headset else "")
        can_speak = self._speaker.can_speak
        self._speaker.say([Utterance(each.text, each.language) for each in words if can_speak(each.language)])

    def _lack_of_voice(self) -> tuple[Sentence, ...]:
        """Say in a language that has a voice that the chosen one has none."""
        around = self._window.around()
        if around.language not in self._window.voiceless:
            return ()
        voiced = [each for each in around.office.languages if each not in self._window.voiceless]
        return tuple(Sentence(self._texts.say(each, "speech.no_voice"), each) for each in voiced[:1])

    def _touched(self, _: object) -> None:
        """Stop at a touch or a key: what it changed is told next."""
        self._hush()
        self._is_touched = True
        self._soon.start()

    def _hush(self) -> None:
        self._is_stopping = True
        self._speaker.stop()
        self._is_stopping = False

    def _sentence_ended(self, _: object) -> None:
        if not self._is_stopping:
            self.happened.emit(events.Heard())

    def _headset_changed(self, is_there: bool) -> None:
        # At once: the rest of a word must not come out of a loudspeaker.
        self._hush()
        self.happened.emit(events.HeadsetChanged(is_there))
