"""The board's voice: a chime, then each call in one or two languages, in the order of the screen."""

from __future__ import annotations

import logging
import time

from PySide6.QtCore import QObject, Signal

from display_board.announcements import (
    Arrived,
    Called,
    Ended,
    Event,
    Queue,
    StillCalled,
    advance,
    decibels,
    volume_at,
)
from display_board.chime import chime
from display_board.halls import Halls
from display_board.presenter import BoardPresenter
from display_board.wording import Wording
from terminal.clock import ServerClock
from terminal.speech.speaker import Part, Speaker, Tone, Utterance
from wire.messages import BoardCall
from wire.settings import BoardSettings

log = logging.getLogger(__name__)


class Voice(QObject):
    """Read the calls of a hall, or of several, aloud; `begun` tells which one begins to be heard."""

    begun = Signal(object)

    def __init__(
        self,
        presenter: BoardPresenter | Halls,
        wording: Wording,
        clock: ServerClock,
        settings: BoardSettings,
        speaker: Speaker,
    ) -> None:
        super().__init__(presenter)
        self._wording, self._clock, self._speaker = wording, clock, speaker
        self._settings = settings.voice
        self._chime = [Tone("chime", chime())] if settings.chime else []
        self._queue = Queue()
        presenter.announced.connect(lambda call: self._take(Called(call)))
        presenter.calls_changed.connect(lambda numbers: self._take(StillCalled(numbers)))
        presenter.arrived.connect(lambda number: self._take(Arrived(number)))
        speaker.finished.connect(lambda: self._take(Ended()))
        _tell_of_silence(settings)

    def stop(self) -> None:
        """Be silent at once, and for good."""
        self._speaker.blockSignals(True)
        self._speaker.stop()

    def _take(self, event: Event) -> None:
        volume = volume_at(self._wording.wall_time(self._clock.now()), self._settings)
        self._queue, call = advance(self._queue, event, time.monotonic(), volume, self._settings)
        if call is not None:
            self._speaker.volume_db = decibels(volume)
            self._speaker.say(self._parts(call))
            self.begun.emit(call)

    def _parts(self, call: BoardCall) -> list[Part]:
        spoken = self._wording.spoken(call) if self._settings.enabled else []
        return [*self._chime, *(Utterance(text, language) for language, text in spoken)]


def _tell_of_silence(settings: BoardSettings) -> None:
    """Let the log say when this board is silent, so that nobody looks for a fault of the loudspeaker."""
    voice = settings.voice
    if voice.volume == 0:
        log.warning("The board is silent: board.voice.volume in config.toml is 0")
    for row in voice.volume_by_hour:
        if row.volume == 0:
            log.info("The board is silent from %s until %s", f"{row.from_:%H:%M}", f"{row.until:%H:%M}")


def is_wanted(settings: BoardSettings) -> bool:
    """Say whether the settings let a board be heard at all."""
    return settings.chime or settings.voice.enabled
