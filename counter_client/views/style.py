"""The look of the clerk's window: one sheet of the theme's tokens, lengths in pixels at 1180 × 760."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QLayout, QLineEdit, QSizePolicy, QWidget

from terminal.theme import Palette, Theme

Made = TypeVar("Made", bound=QWidget)

DESIGN = (1180, 760)
SCALES = (0.85, 1.6)

SHEET = """
* { font-size: px(16); color: $ink; }
QWidget#mini, QWidget#work, QWidget#left, QWidget#sign_in, QScrollArea, QWidget#details { background: $mist; }
QWidget#details, QScrollArea#scroll { background: $paper; border: none; }
QFrame#header { background: $primary_deep; border: none; border-bottom: 1px solid $line; }
QFrame#header QLabel, QFrame#header QPushButton { color: $on_deep; font-weight: 600; }
QFrame#header QPushButton { background: transparent; border: 2px solid transparent; border-radius: px(8);
    padding: px(6) px(10); }
QFrame#header QPushButton:hover, QFrame#header QPushButton:focus { border-color: $on_deep; }
QFrame#header QPushButton::menu-indicator { width: 0; }
QLabel#link[state="gone"] { background: $bad_paper; color: $bad; border: 1px solid $bad;
    border-radius: px(8); padding: px(5) px(12); }
QMenu { background: $paper; border: 1px solid $line; padding: px(6); }
QMenu::item { padding: px(9) px(28) px(9) px(16); border-radius: px(6); }
QMenu::item:selected { background: $primary; color: $on_primary; }
QMenu::item:disabled { color: $ink_soft; }
QLabel#attention { background: $called_paper; color: $called_ink; font-weight: 700; padding: px(9) px(24);
    border-bottom: 1px solid $line; }
QLabel#trouble { background: $bad_paper; color: $bad; font-weight: 600; padding: px(9) px(24);
    border-bottom: 1px solid $bad; }
QFrame#card { background: $paper; border: 1px solid $line; border-radius: px(14); }
QLabel#caption { color: $ink_soft; font-weight: 600; }
QLabel#number { font-size: px(96); font-weight: 700; }
QLabel#headline { font-size: px(44); font-weight: 700; }
QLabel#hint { font-size: px(18); color: $ink_soft; }
QLabel#waited, QLabel#fact { color: $ink_soft; }
QLabel#value { font-weight: 600; }
QLabel#note { font-weight: 500; }
QLabel#pill { font-weight: 700; border-radius: px(16); padding: px(6) px(16); border: 1px solid transparent; }
QLabel#pill[state="called"] { background: $called_paper; color: $called_ink; }
QLabel#pill[state="serving"] { background: $ok_paper; color: $ok; border-color: $ok; }
QLabel#pill[state="free"], QLabel#pill[state="paused"], QLabel#pill[state="closed"] {
    background: $mist; color: $ink; border-color: $line; }
QFrame#rule { background: $line; border: none; max-height: 1px; min-height: 1px; }
QLabel#said { font-weight: 600; border-radius: px(8); padding: px(8) px(12); }
QLabel#said[state="good"], QLabel#result[state="verified"] { color: $ok; }
QLabel#said[state="bad"] { color: $bad; background: $bad_paper; border: 1px solid $bad; }
QLabel#said[state="plain"] { background: $mist; border: 1px solid $line; }
QLabel#said[state="good"] { background: $ok_paper; border: 1px solid $ok; }
QLabel#result { font-weight: 600; }
QLabel#result[state="mismatch"], QLabel#result[state="malformed"] { color: $bad; }
QLineEdit { background: $paper; border: 2px solid $ink_soft; border-radius: px(8); padding: px(7) px(10);
    selection-background-color: $primary; selection-color: $on_primary; placeholder-text-color: $ink_soft; }
QLineEdit:focus { border-color: $primary; }
QLineEdit[state="mismatch"], QLineEdit[state="malformed"] { border-color: $bad; }
QCheckBox { spacing: px(10); padding: px(3) 0; }
QCheckBox::indicator { width: px(18); height: px(18); border: 2px solid $ink_soft; border-radius: px(4);
    background: $paper; }
QCheckBox::indicator:checked { background: $primary; border-color: $primary; image: url($tick); }
QCheckBox:focus { color: $primary; }
QPushButton { background: $paper; border: 1px solid $line; border-radius: px(10); padding: px(4) px(12);
    font-weight: 600; }
QPushButton:hover { border-color: $primary; }
QPushButton:focus { border: 2px solid $primary; }
QPushButton:disabled { color: $ink_soft; background: $mist; border-style: dashed; }
QPushButton#check { min-height: px(30); }
QPushButton#main { background: $primary; border: 2px solid $primary; }
QPushButton#main QLabel { color: $on_primary; font-size: px(19); font-weight: 600; }
QPushButton#main QLabel#shortcut { font-size: px(13); color: $on_primary; }
QPushButton#main:hover, QPushButton#main:focus { background: $main_over; border-color: $line; }
QPushButton#main:disabled { background: $mist; border-color: $line; border-style: dashed; }
QPushButton QLabel { background: transparent; font-size: px(15); font-weight: 600; }
QPushButton QLabel#shortcut { color: $ink_soft; font-size: px(12); font-weight: 500; }
QPushButton QLabel:disabled, QPushButton#main QLabel:disabled,
QPushButton#main QLabel#shortcut:disabled { color: $ink_soft; }
QFrame#side { background: $paper; border: none; border-left: 1px solid $line; }
QPushButton#tab { border: none; border-bottom: 3px solid transparent; border-radius: 0; padding: px(8) px(6);
    color: $ink_soft; font-size: px(15); }
QPushButton#tab[state="on"] { color: $ink; border-bottom-color: $primary; }
QPushButton#tab:focus { color: $primary; }
QListWidget { background: $paper; border: none; outline: none; }
QLabel#empty, QLabel#list_hint, QLabel#more { color: $ink_soft; }
QLabel#list_hint { font-size: px(13); }
QFrame#footer { background: $paper; border: none; border-top: 1px solid $line; }
QFrame#footer QLabel { color: $ink_soft; font-size: px(15); }
QFrame#footer QLabel#figure { color: $ink; font-weight: 700; }
QWidget#scrim { background: $scrim; }
QFrame#dialog { background: $paper; border: 2px solid $line; border-radius: px(16); }
QLabel#title { font-size: px(24); font-weight: 700; }
QLabel#issued { font-size: px(96); font-weight: 700; }
QLabel#foot { color: $ink_soft; font-size: px(14); }
QPushButton#line { text-align: left; padding: px(8) px(14); font-size: px(17); font-weight: 500; }
QPushButton#line:focus { border: 2px solid $primary; background: $mist; }
QPushButton#line:checked { border: 2px solid $primary; }
QPushButton#line QLabel#mark { color: $primary; font-weight: 700; }
QLabel#cap { background: $mist; border: 1px solid $line; border-radius: px(6); padding: px(3) px(8);
    font-weight: 600; font-size: px(14); }
QFrame#form { background: $paper; border: 1px solid $line; border-radius: px(16); }
QPushButton#enter { background: $primary; color: $on_primary; border: 2px solid $primary; min-height: px(38);
    font-size: px(18); }
QPushButton#enter:disabled { background: $mist; color: $ink_soft; border-color: $line;
    border-style: dashed; }
QPushButton#enter:focus { border-color: $ink; }
QPushButton#other { border: none; background: transparent; color: $primary; }
QFrame#bar { background: $paper; border: 1px solid $primary_deep; }
QFrame#bar QLabel#number { font-size: px(30); }
QFrame#bar QLabel#headline { font-size: px(18); }
QFrame#bar QLabel#pill { font-size: px(14); padding: px(5) px(11); border-radius: px(14); }
QFrame#bar QLabel#waiting { font-size: px(14); font-weight: 600; }
QFrame#bar QLabel#told { font-size: px(13); font-weight: 600; }
QFrame#bar QLabel#told[state="bad"] { color: $bad; }
QFrame#bar QLabel#told[state="good"] { color: $ok; }
QFrame#bar QPushButton QLabel { font-size: px(14); }
QFrame#bar QPushButton#main QLabel { font-size: px(15); }
QFrame#bar QPushButton QLabel#shortcut { font-size: px(12); }
QScrollBar:vertical { background: transparent; width: px(10); margin: 0; }
QScrollBar::handle:vertical { background: $ink_soft; border-radius: px(4); min-height: px(30); }
QScrollBar::add-line:vertical, QScrollBar::sub-line:vertical { height: 0; }
QScrollBar::add-page:vertical, QScrollBar::sub-page:vertical { background: transparent; }
"""
SCRIM = {False: "rgba(10, 22, 38, 150)", True: "rgba(0, 0, 0, 235)"}
# Its words stay what they are, and are black in high contrast.
MAIN_OVER = {False: "$primary_deep", True: "$primary"}


def scale_for(width: int, height: int) -> float:
    """Give the scale of a window, in steps of a twentieth so that a drag does not restyle at each pixel."""
    fitting = min(width / DESIGN[0], height / DESIGN[1])
    return max(SCALES[0], min(SCALES[1], int(fitting * 20 + 0.001) / 20))


def sheet(theme: Theme, high_contrast: bool, tick: str) -> str:
    """Fill the sheet with a theme's colours and lengths; `tick` is the path of the mark in checked boxes."""
    own = SHEET.replace("$scrim", SCRIM[high_contrast]).replace("$tick", tick)
    own = own.replace("$main_over", MAIN_OVER[high_contrast])
    return theme.style(own)


def theme_of(palette: Palette, scale: float) -> Theme:
    """Make the theme of a window at its scale."""
    return Theme(palette, scale)


def label(name: str, wraps: bool = False) -> QLabel:
    """Make a label that shows plain text only: names and notes come from outside."""
    made = QLabel()
    made.setObjectName(name)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wraps)
    return made


class ElidedLabel(QLabel):
    """A line that is cut with an ellipsis where it does not fit; the whole is in its tool tip."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what fits."""
        pen, role = QPainter(self), self.foregroundRole()
        cut = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        side = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        self.style().drawItemText(pen, self.rect(), side, self.palette(), self.isEnabled(), cut, role)


def named(widget: Made, name: str) -> Made:
    """Give a widget the name that the sheet knows it by."""
    widget.setObjectName(name)
    return widget


def rename(widget: QWidget, name: str) -> None:
    """Give a shown widget another name, and the look that goes with it."""
    if widget.objectName() != name:
        widget.setObjectName(name)
        _polish(widget)


def lay_out_now() -> None:
    """Give every widget its place before anybody sees the next picture; wrapped lines ask twice."""
    for _ in range(2):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)


def line_edit(longest: int) -> QLineEdit:
    """Make a field that takes so many characters at most."""
    field = QLineEdit()
    field.setMaxLength(longest)
    return field


def empty(layout: QLayout) -> None:
    """Take all widgets out of a layout and let them go."""
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()


def set_state(widget: QWidget, state: str) -> None:
    """Set the `state` that the sheet colours a widget by."""
    if widget.property("state") == state:
        return
    widget.setProperty("state", state)
    _polish(widget)


def _polish(widget: QWidget) -> None:
    widget.style().unpolish(widget)
    widget.style().polish(widget)
