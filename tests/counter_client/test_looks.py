"""Every state of the window in every language, size and contrast: nothing is clipped, nothing jumps."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from counter_client.portrait.faces import DialogFace, WindowFace
from counter_client.portrait.voice import Voice
from counter_client.portrait.window import window_face
from counter_client.shell import TEXTS
from counter_client.state import Desk
from counter_client.views.dialog_card import DialogCard
from counter_client.views.intents import Intents
from counter_client.views.mini_bar import HEIGHT, MiniBar
from counter_client.views.style import ElidedLabel
from counter_client.views.window import SMALLEST, DeskWindow
from printers import PrinterState
from terminal.texts import Texts
from terminal.theme import HIGH_CONTRAST, NORMAL, Palette, Theme, contrast
from tests.counter_client import samples
from tests.counter_client.scenes import at_work, scenes

SIZES = [SMALLEST, (1180, 760), (1366, 768), (1920, 1080)]
PALETTES = [NORMAL, HIGH_CONTRAST]
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


@pytest.fixture(scope="module")
def texts() -> Texts:
    """Read the sentences once."""
    return Texts(TEXTS)


@pytest.fixture(autouse=True)
def _type(qapp: QApplication) -> None:
    qapp.setFont(Theme().font(16))


def face_of(texts: Texts, language: str, desk: Desk, later: timedelta = timedelta(0)) -> WindowFace:
    """Describe a scene in one language."""
    return window_face(Voice(texts, language, samples.NOW + later), desk)


def clipped(window: QWidget) -> list[str]:
    """List the words that do not fit into their place."""
    found = []
    for label in window.findChildren(QLabel):
        if not label.isVisible() or not label.text() or isinstance(label, ElidedLabel):
            continue
        if label.wordWrap():
            fits = label.heightForWidth(label.width()) <= label.height()
        else:
            fits = label.sizeHint().width() <= label.width() and label.sizeHint().height() <= label.height()
        if not fits or not window.rect().contains(
            QRect(label.mapTo(window, label.rect().topLeft()), label.size())
        ):
            found.append(f"{label.objectName()}: {label.text()}")
    for button in window.findChildren(QPushButton):
        if button.isVisible() and button.text() and button.sizeHint().width() > button.width():
            found.append(f"button: {button.text()}")
    return found


@pytest.mark.parametrize("palette", PALETTES, ids=["normal", "high"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("language", ["pl", "en"])
def test_no_words_are_clipped(
    qapp: QApplication, texts: Texts, language: str, size: tuple[int, int], palette: Palette
):
    window = DeskWindow(Intents())
    window.resize(*size)
    window.restyle(palette)
    window.show()
    found = {}
    for name, desk in scenes().items():
        window.show_face(face_of(texts, language, desk))
        assert (window.width(), window.height()) == size, name
        if words := clipped(window):
            found[name] = words
    window.close()
    assert found == {}


@pytest.mark.parametrize("palette", PALETTES, ids=["normal", "high"])
@pytest.mark.parametrize("language", ["pl", "en"])
def test_the_mini_bar_clips_nothing_and_stays_low(
    qapp: QApplication, texts: Texts, language: str, palette: Palette
):
    mini = MiniBar(Intents())
    mini.restyle(palette)
    mini.show()
    found, mains = {}, set()
    for name, desk in scenes().items():
        if desk.clerk is None:
            continue
        face = face_of(texts, language, desk)
        mini.show_face(face)
        assert mini.bar.height() == HEIGHT
        if face.dialog is None and face.list.panel.value == "waiting":
            assert mini.height() == HEIGHT, name
        if mini.main.isVisible():
            mains.add(mini.main.geometry().getRect())
        if words := clipped(mini):
            found[name] = words
    mini.close()
    assert found == {}
    assert len(mains) == 1


@pytest.mark.parametrize("palette", PALETTES, ids=["normal", "high"])
@pytest.mark.parametrize("view", [DeskWindow, MiniBar])
def test_the_words_of_the_main_button_are_read_while_it_has_the_focus(
    qapp: QApplication, qtbot: QtBot, texts: Texts, view: type[DeskWindow | MiniBar], palette: Palette
):
    window = view(Intents())
    window.restyle(palette)
    window.show()
    window.show_face(face_of(texts, "pl", scenes()["called"]))
    window.activateWindow()
    main = window.findChild(QPushButton, "main")
    main.setFocus()
    qtbot.waitUntil(main.hasFocus)
    shown = main.grab().toImage()
    ground = shown.pixelColor(shown.width() // 2, 5).name()
    inside = (range(8, shown.width() - 8), range(8, shown.height() - 8))
    colours = {shown.pixelColor(x, y).name() for x in inside[0] for y in inside[1]}
    assert max(contrast(each, ground) for each in colours) >= 4.5
    window.close()


def test_the_mini_bar_says_what_is_wrong_with_a_kiosk(qapp: QApplication, texts: Texts):
    mini = MiniBar(Intents())
    mini.show_face(face_of(texts, "en", scenes()["alone_no_answer"]))
    assert mini._told.text() == "Kiosk 1 does not answer: its numbers cannot be called now."
    mini.show_face(face_of(texts, "en", scenes()["alone"]))
    assert mini._told.text() == "○ no connection"
    mini.close()


def test_the_main_button_never_moves(qapp: QApplication, texts: Texts):
    window = DeskWindow(Intents())
    window.resize(*SIZES[0])
    window.show()
    places = set()
    for desk in scenes().values():
        if desk.clerk is None or desk.snapshot is None:
            continue
        window.show_face(face_of(texts, "pl", desk))
        main = window.buttons.findChild(QPushButton, "main")
        places.add((main.width(), main.mapTo(window, main.rect().bottomLeft()).toTuple()))
    window.close()
    assert len(places) == 1


def test_running_figures_do_not_move_their_neighbours(qapp: QApplication, texts: Texts):
    window = DeskWindow(Intents())
    window.resize(*SIZES[0])
    window.show()
    pill = window.findChild(QLabel, "pill")
    widths = set()
    for seconds in range(0, 19):
        later = timedelta(seconds=seconds)
        window.show_face(face_of(texts, "pl", scenes()["called"], later))
        widths.add(pill.width())
    window.close()
    assert len(widths) == 1


def test_a_wait_over_the_target_is_told_in_words(texts: Texts):
    rows = face_of(texts, "pl", scenes()["idle_many"]).list.rows
    assert {row.number: row.late for row in rows if row.late} == {"N032": "za długo"}


@pytest.mark.parametrize(("hour", "late"), [(5, ""), (-30, ""), (-31, "za długo")])
def test_whoever_came_before_the_hour_begins_to_wait_at_it(texts: Texts, hour: int, late: str) -> None:
    booked = samples.row(43, "P", 90, appointment_at=samples.NOW + timedelta(minutes=hour))
    desk = replace(at_work(), snapshot=samples.snapshot(waiting=[booked]))
    (row,) = face_of(texts, "pl", desk).list.rows
    assert (row.wait, row.late) == ("90 min", late)


def test_what_a_visitor_said_from_the_phone_stands_beside_the_number(texts: Texts) -> None:
    until = samples.NOW + timedelta(minutes=10)
    rows = [
        samples.row(1, "P", 5, announced=True),
        samples.row(2, "P", 5, paused_until=until),
        samples.row(3, "P", 5),
    ]
    desk = at_work(waiting=rows, waiting_total=3)
    extra = [row.extra for row in face_of(texts, "pl", desk).list.rows]
    assert extra == ["osoba zgłasza, że jest na miejscu", "prosi o czas do 10:28", ""]
    current = samples.ticket(announced=True, note="Dzwoni do domu")
    note = face_of(texts, "en", at_work(current)).ticket.note
    assert note.startswith("the visitor says: I am here · ")
    assert note.endswith("Dzwoni do domu")
    assert "I am here" not in face_of(texts, "en", at_work(samples.ticket())).ticket.note


def test_each_of_two_printers_is_told_for_itself(texts: Texts):
    told = [samples.trouble(), samples.trouble("second_printer", "no_answer")]
    desk = scenes()["trouble"]
    desk = replace(desk, snapshot=desk.snapshot.model_copy(update={"troubles": told}))
    words = "Kiosk 1: out of paper, the second printer does not answer"
    assert face_of(texts, "en", desk).trouble.startswith(words)


@pytest.mark.parametrize("state", [each for each in PrinterState if each is not PrinterState.READY])
def test_no_line_says_printer_twice(texts: Texts, state: PrinterState) -> None:
    desk = scenes()["trouble"]
    told = [samples.trouble("second_printer", state)]
    desk = replace(desk, snapshot=desk.snapshot.model_copy(update={"troubles": told}))
    for language, word in (("en", "printer"), ("pl", "drukark")):
        assert face_of(texts, language, desk).trouble.count(word) == 1


def test_a_kiosk_without_paper_is_one_trouble(texts: Texts):
    told = [samples.trouble(), samples.trouble("paper", "out"), samples.trouble("scanner", "lost")]
    desk = scenes()["trouble"]
    desk = replace(desk, snapshot=desk.snapshot.model_copy(update={"troubles": told}))
    words = "Biletomat 1: skończył się papier, czytnik kodów nie działa"
    assert face_of(texts, "pl", desk).trouble.startswith(f"{words} (od ")
    assert "i jeszcze" not in face_of(texts, "pl", desk).trouble


def test_what_the_clerk_typed_survives_a_new_face(qapp: QApplication, texts: Texts):
    window = DeskWindow(Intents())
    window.show()
    window.show_face(face_of(texts, "pl", scenes()["called"]))
    window.card.verify.field.setText("482 91")
    window.show_face(face_of(texts, "pl", scenes()["trouble"], timedelta(seconds=1)))
    assert window.card.verify.field.text() == "482 91"
    window.close()


def test_a_long_line_of_a_question_is_seen_whole(qapp: QApplication) -> None:
    card = DialogCard(Intents())
    card.show_dialog(DialogFace("?", "", (("1", samples.PERMIT.name * 3),), ""))
    card.show()
    (words,) = [each for each in card.findChildren(QLabel) if each.objectName() == "words"]
    assert words.heightForWidth(words.width()) > 2 * words.fontMetrics().height()
    assert words.height() >= words.heightForWidth(words.width())
    card.close()
