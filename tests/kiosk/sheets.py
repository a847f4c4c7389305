"""`python -m tests.kiosk.sheets`: screens, slip and board in each language, drawn for docs/pictures/hall."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from PIL import Image
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtWidgets import QApplication, QWidget

import kiosk
from display_board.__main__ import TEXTS as BOARD_TEXTS
from display_board.board import Board, Moment
from display_board.views.board_view import BoardView
from display_board.wording import Wording
from kiosk.screens.look import Place
from kiosk.screens.window import KioskWindow
from kiosk.visit.steps import surround
from kiosk.visit.surroundings import Manner
from printers.layout import preview
from printers.ticket import SlipLayout, Ticket, ticket_slip
from terminal.clock import ServerClock
from terminal.texts import Texts
from terminal.theme import NORMAL
from tests.display_board.samples import call, snapshot
from tests.house.tracked import ROOT
from tests.kiosk.samples import NOON, OFFICE, every_screen, settle

FOLDER = ROOT / "docs/pictures/hall"
LANGUAGES = ("pl", "en", "uk", "ru", "be", "vi", "ar", "ka")
# One row of the sheet each: usual, larger letters, high contrast.
LOOKS = ((False, False), (True, False), (False, True))
SCREENS = (
    "start",
    "code",
    "menu",
    "priority",
    "ticket_printed",
    "refused_too_early",
    "refused_too_late",
    "help",
)
WIDE, HIGH, GAP, COLOURS = 270, 480, 8, 128


def main() -> int:
    """Write one sheet a language."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication([])
    FOLDER.mkdir(parents=True, exist_ok=True)
    for language in LANGUAGES:
        rows = [[_small(each) for each in _kiosk(language, larger, high)] for larger, high in LOOKS]
        rows.append([_slip(language), *_boards(language)])
        _sheet(rows).quantize(COLOURS).save(FOLDER / f"{language}.png", optimize=True)
    start = _small(next(_kiosk(LANGUAGES[0], larger=False, high=False)), 2)
    start.quantize(COLOURS).save(FOLDER.parent / "kiosk-start.png", optimize=True)
    del app
    return 0


def _kiosk(language: str, larger: bool, high: bool) -> Iterator[Image.Image]:
    clock = ServerClock(lambda: 0.0)
    clock.heard(NOON)
    window = KioskWindow(
        Texts(Path(kiosk.__file__).parent / "texts"), clock, Place("Urząd Wojewódzki", "Sala A")
    )
    window.resize(1080, 1920)
    window.show()
    screens = every_screen(language, replace(OFFICE, languages=LANGUAGES))
    for name in SCREENS:
        screen = screens[name]
        window.show_screen(surround(screen, replace(screen.around, manner=Manner(language, larger, high))))
        settle()
        yield _picture(window)
    window.close()


def _small(picture: Image.Image, times: int = 1) -> Image.Image:
    return picture.resize((WIDE * times, HIGH * times), Image.Resampling.LANCZOS)


def _slip(language: str) -> Image.Image:
    ticket = Ticket(
        "P042", "Urząd Wojewódzki", "Sala A", "Paszport – wniosek", NOON, prepare="paszport, 4 fotografie",
        appointment_at=NOON + timedelta(minutes=20), people_ahead=3, expected_from=NOON + timedelta(minutes=20),
        expected_until=NOON + timedelta(minutes=26), track_url="https://wizyty.example.pl/t/1-abc",
    )  # fmt: skip
    drawn = preview(ticket_slip(ticket, SlipLayout(), language, ZoneInfo("Europe/Warsaw"))).convert("RGB")
    drawn.thumbnail((WIDE, HIGH), Image.Resampling.LANCZOS)
    return drawn


def _boards(language: str) -> Iterator[Image.Image]:
    wording, view = Wording(Texts(BOARD_TEXTS)), BoardView(NORMAL)
    wording.use_languages([*dict.fromkeys(("pl", language))])
    view.resize(1920, 1080)
    view.show()
    told = snapshot(call(41), call(40))
    board = Board(snapshot=told, recent=tuple(told.called), waiting=tuple(told.waiting))
    for shown in (None, call(42, language=language)):
        view.show_face(wording.face(replace(board, shown=shown), Moment(50.0, NOON), is_time_known=True))
        settle()
        yield _picture(view).resize((HIGH * 16 // 9, HIGH), Image.Resampling.LANCZOS)
    view.close()


def _picture(widget: QWidget) -> Image.Image:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    widget.grab().save(buffer, "PNG")
    return Image.open(BytesIO(buffer.data().data())).convert("RGB")


def _sheet(rows: list[list[Image.Image]]) -> Image.Image:
    width = max(sum(each.width + GAP for each in row) for row in rows) + GAP
    sheet = Image.new("RGB", (width, len(rows) * (HIGH + GAP) + GAP), "#8A94A3")
    for down, row in enumerate(rows):
        left = GAP
        for each in row:
            sheet.paste(each, (left, GAP + down * (HIGH + GAP)))
            left += each.width + GAP
    return sheet


if __name__ == "__main__":
    sys.exit(main())
