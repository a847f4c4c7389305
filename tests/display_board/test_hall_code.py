"""The code for phones on the board: read from its picture, gone when it is too old, and room for all else."""

from __future__ import annotations

from dataclasses import replace

import pytest
import zxingcpp
from PIL import Image
from PySide6.QtGui import QImage

from display_board.__main__ import TEXTS
from display_board.board import Board, HallCodeChanged, Moment, advance
from terminal.texts import Texts
from tests.display_board.samples import NINE
from tests.display_board.test_layouts import CALLS, EIGHT, face_of, faults, shown

ADDRESS = "https://wizyty.example.pl/w/1f-1c8a3b2-0123456789abcdefghijkl"


def face_with(language: str, calls: int, address: str = ADDRESS):
    """Write a face with a code for phones."""
    second = "en" if language != "en" else "pl"
    lines = tuple(Texts(TEXTS).say(each, "paperless") for each in (language, second))
    return replace(face_of(language, calls), hall_code=address, hall_code_lines=lines)


def read(view) -> list[str]:
    """Read what a phone would read from the wall."""
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    pixels = Image.frombuffer(
        "L", (image.width(), image.height()), bytes(image.constBits()), "raw", "L", image.bytesPerLine(), 1
    )
    return [found.text for found in zxingcpp.read_barcodes(pixels)]


@pytest.mark.parametrize("name", ["landscape", "portrait"])
@pytest.mark.parametrize("calls", CALLS)
def test_the_code_has_room_beside_all_else_in_any_language(qtbot, name, calls):
    wrong = {}
    for language in EIGHT:
        view = shown(qtbot, name, [face_with(language, CALLS[calls])])
        if found := faults(view):
            wrong[language] = found
    assert wrong == {}
    assert read(view) == [ADDRESS]


def test_without_a_code_the_board_is_the_one_it_was(qtbot):
    view = shown(qtbot, "landscape", [face_with("pl", 3, "")])
    assert view.pieces() == shown(qtbot, "landscape", [face_of("pl", 3)]).pieces()
    assert read(view) == []


def test_the_board_knows_the_code_of_the_minute():
    moment = Moment(0.0, NINE)
    board, effects = advance(Board(), HallCodeChanged(ADDRESS), moment)
    assert (board.hall_code, effects) == (ADDRESS, [])
    assert advance(board, HallCodeChanged(""), moment)[0].hall_code == ""


@pytest.mark.parametrize("is_wanted", [True, False])
def test_a_board_asks_for_codes_where_the_office_wants_them(qtbot, office, screens, is_wanted):
    settings = office.device.settings.model_copy(update={"paperless_tickets": is_wanted})
    office.device = office.device.model_copy(update={"settings": settings})
    screen = screens()
    qtbot.waitUntil(lambda: bool(screen.face.place))
    if is_wanted:
        qtbot.waitUntil(lambda: screen.face.hall_code == "https://o.test/w/1")
        assert screen.face.hall_code_lines[0] == Texts(TEXTS).say("pl", "paperless")
    else:
        qtbot.wait(200)
        assert screen.face.hall_code == ""


def test_media_of_the_office_have_the_place(qtbot):
    face = replace(face_with("pl", 3), has_media=True)
    view = shown(qtbot, "landscape", [face])
    assert view.pieces() == shown(qtbot, "landscape", [replace(face, hall_code="")]).pieces()
