"""Speaks texts one after another, each in its language, and stops at once when it is told to."""

from __future__ import annotations

import logging
import subprocess
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from terminal.speech.outputs import Folder, Loudspeaker, Output
from terminal.speech.render import Rendering
from terminal.speech.sounds import Sound, levelled
from terminal.speech.voices import ESPEAK, LISTING, Voice, languages_in, voices_for
from wire.settings import SpeechSettings

log = logging.getLogger(__name__)

# A voice that failed would let each text wait for its limit: it is left out for this long.
LEFT_OUT_SECONDS = 300.0


@dataclass(frozen=True)
class Utterance:
    """A text to be read aloud in a language."""

    text: str
    language: str


@dataclass(frozen=True)
class Tone:
    """A sound that is not read, such as a chime."""

    name: str
    sound: Sound


Part = Utterance | Tone


@dataclass
class _Waiting:
    part: Part
    sound: Sound | None = None
    is_rendered: bool = False


class Speaker(QObject):
    """Say what it is given, in order, never two things at once.

    `started` and `ended` tell of each part that is heard, `unspoken` of one for which no voice was found, and
    `finished` comes when nothing is left to say. `volume_db` (0 or less) counts from the next part on, `rate`
    (1: ordinary) from the next text that is rendered.
    """

    started = Signal(object)
    ended = Signal(object)
    unspoken = Signal(object)
    finished = Signal()

    def __init__(self, settings: SpeechSettings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.volume_db = 0.0
        self.rate = 1.0
        self._settings = settings
        self._espeak_languages = espeak_languages()
        folder = settings.folder
        self._output: Output = Folder(folder, self) if folder else Loudspeaker(self)
        self._output.ended.connect(self._part_ended)
        self._waiting: deque[_Waiting] = deque()
        self._speaking: Part | None = None
        self._rendering: Rendering | None = None
        self._left_out: dict[Voice, float] = {}
        self._without_voice: set[str] = set()

    def can_speak(self, language: str) -> bool:
        """Say whether there is a voice for a language."""
        return bool(voices_for(language, self._settings, self._espeak_languages))

    def use_device(self, name: str) -> None:
        """Speak only on the sound device whose description holds `name`; empty: the machine's own."""
        self._output.device_name = name

    @property
    def is_speaking(self) -> bool:
        """Say whether something is being said or waits for its turn."""
        return self._speaking is not None or bool(self._waiting)

    def say(self, parts: Iterable[Part]) -> None:
        """Say these parts after all that wait already."""
        self._waiting += (
            _Waiting(part, part.sound, True) if isinstance(part, Tone) else _Waiting(part) for part in parts
        )
        self._go_on()

    def stop(self) -> None:
        """Be silent at once, and forget what waits."""
        was_speaking, ended = self.is_speaking, self._speaking
        self._waiting.clear()
        self._speaking = None
        if self._rendering is not None:
            self._rendering.stop()
            self._rendering = None
        self._output.stop()
        if ended is not None:
            self.ended.emit(ended)
        if was_speaking:
            self.finished.emit()

    def _go_on(self) -> None:
        """Begin with the next part if its sound is there; render the one after it meanwhile."""
        while self._speaking is None and self._waiting and self._waiting[0].is_rendered:
            self._begin(self._waiting.popleft())
        next_texts = (each for each in self._waiting if not each.is_rendered)
        if self._rendering is None and (waiting := next(next_texts, None)) is not None:
            self._render(waiting)

    def _begin(self, waiting: _Waiting) -> None:
        part, sound = waiting.part, waiting.sound
        if sound is None:
            self.unspoken.emit(part)
            return
        self._speaking = part
        sound = levelled(sound, self.volume_db)
        if isinstance(part, Tone):
            self._output.play(sound, part.name, "")
        else:
            self._output.play(sound, part.language, part.text)
        self.started.emit(part)

    def _part_ended(self) -> None:
        part, self._speaking = self._speaking, None
        self.ended.emit(part)
        self._go_on()
        self._tell_if_finished()

    def _tell_if_finished(self) -> None:
        if not self.is_speaking:
            self.finished.emit()

    def _render(self, waiting: _Waiting) -> None:
        assert isinstance(waiting.part, Utterance)
        voices = self._voices(waiting.part.language)
        self._rendering = rendering = Rendering(waiting.part.text, voices, self)
        rendering.failed.connect(self._voice_failed)
        rendering.done.connect(lambda sound: self._rendered(waiting, sound))
        rendering.start()

    def _rendered(self, waiting: _Waiting, sound: Sound | None) -> None:
        assert self._rendering is not None
        self._rendering.deleteLater()
        self._rendering = None
        waiting.sound, waiting.is_rendered = sound, True
        self._go_on()
        self._tell_if_finished()

    def _voices(self, language: str) -> list[Voice]:
        found = voices_for(language, self._settings, self._espeak_languages, self.rate)
        if not found and language not in self._without_voice:
            self._without_voice.add(language)
            log.warning("No voice speaks %s: what is written in it is not read aloud", language)
        now = time.monotonic()
        # The last one is tried again each time: after it there is silence.
        return [voice for voice in found if voice is found[-1] or self._left_out.get(voice, 0.0) <= now]

    def _voice_failed(self, voice: Voice, why: str) -> None:
        log.warning("The voice %s %s failed: %s", voice.program, " ".join(voice.arguments[:2]), why)
        self._left_out[voice] = time.monotonic() + LEFT_OUT_SECONDS


def espeak_languages() -> frozenset[str]:
    """Ask the installed espeak-ng for its languages; none where it is missing."""
    try:
        listed = subprocess.run(
            (ESPEAK, *LISTING), capture_output=True, text=True, timeout=5, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        log.warning("%s cannot be asked for its languages: %s", ESPEAK, type(error).__name__)
        return frozenset()
    return languages_in(listed.stdout)
