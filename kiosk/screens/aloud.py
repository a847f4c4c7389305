"""What a voice has to tell of a frame: the sentences that stand on it, in their order, and the focus."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtWidgets import QLabel, QWidget

from kiosk.screens.frame import Frame
from kiosk.screens.look import Look
from kiosk.screens.parts import Number, Tile, Words
from kiosk.speech import Control, Heard, Sentence, spoken
from kiosk.visit.events import Digit, LanguageChosen
from kiosk.visit.screens import CodeEntry, Refused, Screen
from kiosk.visit.steps import plain
from kiosk.visit.surroundings import VOLUMES


def heard(frame: Frame, screen: Screen, focused: Tile | None) -> Heard:
    """Return what can be heard of a screen and of the tile that has the focus."""
    look, around = frame.page.look, screen.around
    is_code = isinstance(screen, CodeEntry)
    digits = screen.digits if isinstance(screen, CodeEntry) else None
    return Heard(
        face=_face(screen, look),
        sentences=tuple(_sentences(frame, look)),
        news=tuple(_said(look, words.text()) for words in frame.page.news if words.text()),
        how=(_said(look, look.say("help.keys")),),
        focus=control(frame, look, focused) if focused else None,
        typed=digits,
        typed_so_far=_said(look, look.say("code.boxes", digits=" ".join(digits or ""))) if is_code else None,
        volume=_said(look, look.say("speech.volume", step=around.manner.volume, most=VOLUMES)),
        has_headset=around.has_headset,
        private=_said(look, look.say("speech.private")),
    )


def control(frame: Frame, look: Look, tile: Tile) -> Control:
    """Return how a tile is told: its name, and its place among all; a language by its own voice."""
    meaning, name = tile.meaning, tile.accessibleName()
    if isinstance(meaning, LanguageChosen):
        return Control(meaning, Sentence(spoken(name), meaning.language))
    tiles = frame.tiles()
    place = tiles.index(tile) + 1 if tile in tiles else 0
    text = look.say("speech.place", name=name, place=place, count=len(tiles))
    return Control(str(meaning), _said(look, text), is_private=isinstance(meaning, Digit))


def _sentences(frame: Frame, look: Look) -> Iterator[Sentence]:
    """Yield the texts of the page that are neither within a tile nor news."""
    for label in frame.page.findChildren(QLabel):
        is_text = isinstance(label, Words | Number) and label.text().strip()
        if is_text and label not in frame.page.news and not is_in_tile(label, frame.page):
            yield _said(look, label.text())


def is_in_tile(widget: QWidget, page: QWidget) -> bool:
    """Tell whether a widget of a page is part of something to touch."""
    above = widget.parentWidget()
    while above is not None and above is not page:
        if isinstance(above, Tile):
            return True
        above = above.parentWidget()
    return False


def _face(screen: Screen, look: Look) -> tuple[object, ...]:
    beneath = plain(screen)
    reason = (
        (beneath.reason, beneath.facts.why, beneath.shows_booking_qr)
        if isinstance(beneath, Refused)
        else None
    )
    return type(screen), type(beneath), reason, look.language


def _said(look: Look, text: str) -> Sentence:
    return Sentence(spoken(text), look.language)
