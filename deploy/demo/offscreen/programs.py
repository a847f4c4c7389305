"""Kiosk, board and counter client in one process, without a display: put together as their own starts do it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from PIL import Image
from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from counter_client.presenter import Presenter as CounterPresenter
from counter_client.shell import Shell
from counter_client.state import Desk
from counter_client.views.intents import Intents
from deploy.demo.offscreen.waiting import NotSeen, pause, until
from deploy.demo.pictures import camera_frame, hall_frame
from display_board.__main__ import TEXTS as BOARD_TEXTS
from display_board.memory import Memory
from display_board.presenter import BoardPresenter
from display_board.views.board_view import BoardView
from display_board.views.face import Face
from display_board.voice import Voice
from display_board.wording import Wording
from kiosk.__main__ import TEXTS as KIOSK_TEXTS
from kiosk.__main__ import Running, add_options
from kiosk.scanners.camera import CameraScanner
from kiosk.scanners.opened import is_booking_qr
from kiosk.screens.window import KioskWindow
from kiosk.slips import printer_settings
from kiosk.visit.events import Press
from kiosk.visit.screens import Refused, Screen, Start
from kiosk.visit.steps import plain
from terminal.launch import start
from terminal.speech.outputs import JOURNAL
from terminal.speech.speaker import Speaker
from terminal.texts import Texts
from terminal.theme import Theme
from wire.messages import BoardCall
from wire.vocabulary import DeviceRole

KIOSK_SIZE, BOARD_SIZE, COUNTER_SIZE = (1080, 1920), (1920, 1080), (1180, 760)
_FRAME_MS = 66


class Camera:
    """Frames of a hall, fifteen a second; `hold` puts a confirmation before the lens."""

    def __init__(self, scanner: CameraScanner) -> None:
        # Imported here as in the scanner itself: it asks for sound and video libraries while it loads.
        from PySide6.QtMultimedia import QVideoFrame, QVideoSink

        self._sink, self._as_frame = QVideoSink(), QVideoFrame
        self._looks = 0
        scanner.watch(self._sink)
        scanner.frame_read.connect(self._looked_at)
        self._hall = self._frame = _frame_of(hall_frame())
        # The sink's own child: who forgets to stop the camera leaves no timer behind.
        self._timer = QTimer(self._sink, interval=_FRAME_MS)
        self._timer.timeout.connect(self._send)
        self._timer.start()
        self._send()

    def hold(self, text: str, degrees: float = 9.0) -> None:
        """Show a sheet with this code from now on."""
        self.hold_up(camera_frame(text, degrees))

    def hold_up(self, picture: Image.Image) -> None:
        """Show a picture itself, such as a printed page, from now on."""
        self._frame = _frame_of(picture)
        self._send()

    def take_away(self) -> None:
        """Show the empty hall again; return when no look at what was held up is still under way."""
        self._frame = self._hall
        self._send()
        seen = self._looks
        # The first look to end may have begun before; the scanner's word on it is heard before the second ends.
        until(lambda: self._looks >= seen + 2, "the scanner looked at the empty hall")

    def stop(self) -> None:
        """Send nothing more."""
        self._timer.stop()

    def _looked_at(self) -> None:
        self._looks += 1

    def _send(self) -> None:
        self._sink.setVideoFrame(self._as_frame(self._frame))


class Kiosk:
    """The kiosk with its window, its camera and its printer."""

    def __init__(self, config: Path) -> None:
        station = start(DeviceRole.KIOSK, ["--config", str(config), "--window"], add_options)
        texts = Texts(KIOSK_TEXTS)
        self.window = KioskWindow(texts, station.clock)
        self.window.resize(*KIOSK_SIZE)
        self.window.show()
        self.running = Running(station, printer_settings(station.table.printer), texts, self.window)
        scanner = CameraScanner("the trial's own", is_booking_qr)
        self.running.scanners.add(scanner)
        self.camera = Camera(scanner)
        scanner.start()

    @property
    def screen(self) -> Screen:
        """Return the screen of the moment."""
        return self.running.presenter.screen

    def until_shows(self, kind: type[Screen], seconds: float = 30.0) -> float:
        """Wait for a screen; return the milliseconds. Raises NotSeen, with what is shown instead."""
        try:
            return until(
                lambda: isinstance(plain(self.screen), kind), f"the kiosk's screen {kind.__name__}", seconds
            )
        except NotSeen as other:
            shown = plain(self.screen)
            why = f": {shown.reason} {shown.facts}" if isinstance(shown, Refused) else ""
            raise NotSeen(f"{other}, but {type(shown).__name__}{why}") from None

    def touch(self, meaning: object) -> None:
        """Touch the tile with this meaning, in its middle. Raises NotSeen when there is none."""
        self._until_heard()
        frame = self.window.frame
        tiles = [tile for tile in (frame.tiles() if frame else []) if tile.meaning == meaning]
        if not tiles:
            raise NotSeen(f"the kiosk has nothing to touch for {meaning!r} on {type(self.screen).__name__}")
        QTest.mouseClick(tiles[0], Qt.MouseButton.LeftButton, pos=tiles[0].rect().center())

    def type(self, digits: str) -> None:
        """Type digits, one key after the other."""
        self._until_heard()
        QTest.keyClicks(self.window, digits)

    def enter_code(self, digits: str) -> None:
        """Go to the code's page from the start screen, type the code and press Enter."""
        self.touch(Press.RESERVATION)
        self.type(digits)
        QTest.keyClick(self.window, Qt.Key.Key_Return)

    def _until_heard(self) -> None:
        """Wait as long as touches are not heard after another screen came."""
        while (left := self._deaf_seconds()) > 0:
            pause(left + 0.02)

    def _deaf_seconds(self) -> float:
        around = self.screen.around
        return around.changed_s + around.office.touch_pause_seconds - time.monotonic()

    def go_home(self) -> None:
        """End the visit, whatever the screen is."""
        self._until_heard()
        self.running.presenter.happened(Press.HOME)
        self.until_shows(Start)

    def stop(self) -> None:
        """End it."""
        self.camera.stop()
        self.running.stop()
        self.window.close()


class Board:
    """The board with its window; `announced` lists its calls, the folder `spoken` takes what is heard."""

    def __init__(self, config: Path) -> None:
        station = start(DeviceRole.BOARD, ["--config", str(config), "--window"])
        self.view = BoardView()
        self.view.resize(*BOARD_SIZE)
        memory = Memory(station.table.token_file.with_suffix(".announced.json"))
        wording = Wording(Texts(BOARD_TEXTS))
        self.presenter = BoardPresenter(station.client, wording, memory)
        self.presenter.face_changed.connect(self.view.show_face)
        self.presenter.face_changed.connect(self._keep)
        self.face = Face()
        self.announced: list[BoardCall] = []
        self.presenter.announced.connect(self.announced.append)
        self.spoken = config.parent / "spoken"
        speech = station.settings.speech.model_copy(update={"folder": self.spoken})
        speaker = Speaker(speech, self.presenter)
        self.voice = Voice(self.presenter, wording, station.clock, station.table, speaker)
        self.view.show()
        self.presenter.start()

    def _keep(self, face: Face) -> None:
        self.face = face

    def shown(self) -> str:
        """Return the huge number, or an empty text."""
        return self.face.called.number if self.face.called else ""

    def heard(self) -> list[dict[str, Any]]:
        """List the texts that were read aloud: `name` (its language), `text`, `file`, `seconds`."""
        journal = self.spoken / JOURNAL
        lines = journal.read_text("utf-8").splitlines() if journal.exists() else []
        return [line for line in map(json.loads, lines) if line["text"]]

    def waiting(self) -> int:
        """Return how many people wait, by the board."""
        return sum(row.total for row in self.face.waiting)

    def stop(self) -> None:
        """End it."""
        self.presenter.stop()
        self.voice.stop()
        self.view.close()


class Counter:
    """The clerk's program with its windows."""

    def __init__(self, config: Path) -> None:
        station = start(DeviceRole.COUNTER, ["--config", str(config)])
        station.application.setFont(Theme().font(16))
        memory = QSettings(str(station.table.token_file.with_suffix(".ini")), QSettings.Format.IniFormat)
        intents = Intents()
        self.presenter = CounterPresenter(station.client, kiosk_lines=station.table.kiosk_lines)
        self.presenter.listen(intents)
        self.shell = Shell(intents, station.clock, memory)
        self.shell.window.resize(*COUNTER_SIZE)
        self.presenter.changed.connect(self.shell.show_desk)
        self.shell.open()
        self.presenter.start()

    @property
    def desk(self) -> Desk:
        """Return what the window knows."""
        return self.presenter.desk

    @property
    def window(self) -> QWidget:
        """Return the large window."""
        return self.shell.window

    @property
    def number(self) -> str:
        """Return the number in hand, or an empty text."""
        return self.desk.current.number if self.desk.current else ""

    def has_trouble(self, part: str) -> bool:
        """Tell whether the clerk is told of a trouble with this part of a device."""
        snapshot = self.desk.snapshot
        return snapshot is not None and any(trouble.part == part for trouble in snapshot.troubles)

    def sign_in(self, clerk: dict[str, str]) -> None:
        """Fill the form in and press Enter."""
        until(lambda: self.desk.connected, "the counter's server")
        form = self.shell.window.sign_in
        QTest.keyClicks(form.login, clerk["login"])
        QTest.keyClicks(form.password, clerk["password"])
        QTest.keyClick(form.password, Qt.Key.Key_Return)
        until(lambda: self.desk.is_ready, "the clerk signed in")

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key as soon as the window takes one: not right after the ticket changed."""
        until(lambda: self.desk.is_ready and not self._settles(), "the counter takes a key")
        rested_at_ms = self.desk.acted_at_ms + self.desk.key_pause_ms
        pause(max(0.0, rested_at_ms / 1000 - time.monotonic() + 0.02))
        QTest.keyClick(self.window, key, modifier)

    def choose(self, place: int) -> None:
        """Choose a line of the question that is asked, by its digit."""
        until(lambda: self.desk.dialog is not None and self.desk.is_ready, "the counter's question")
        QTest.keyClick(self.shell.window.dialog, Qt.Key(Qt.Key.Key_0.value + place))
        until(lambda: self.desk.dialog is None and self.desk.is_ready, "the counter's question answered")

    def pick(self, number: str) -> None:
        """Choose a row of the list that is shown, and press Enter."""
        until(lambda: self.desk.is_ready and not self._settles(), "the counter takes a key")
        numbers = [row.number for row in self.desk.rows]
        rows = self.shell.window.side.rows
        rows.setCurrentRow(numbers.index(number))
        QTest.keyClick(rows, Qt.Key.Key_Return)

    def stop(self) -> None:
        """End it."""
        self.presenter.stop()
        self.shell.close()

    def _settles(self) -> bool:
        return time.monotonic() * 1000 < self.desk.changed_at_ms + self.desk.settle_ms + 20


def _frame_of(picture: Image.Image) -> QImage:
    gray = picture.convert("L")
    width, height = gray.size
    image = QImage(gray.tobytes(), width, height, width, QImage.Format.Format_Grayscale8)
    return image.convertToFormat(QImage.Format.Format_RGB32)
