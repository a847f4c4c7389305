"""Reads off a window what its screen is like: millimetres from the panel's real dpi, colours from its pixels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QFontMetricsF, QImage, QPixmap
from PySide6.QtWidgets import QWidget

from kiosk.screens.aloud import control, is_in_tile
from kiosk.screens.arrows import next_tile
from kiosk.screens.parts import Number, Tile, Words
from kiosk.screens.window import ARROWS, KioskWindow
from kiosk.self_test.measures import Box, Shown, Target, Text
from kiosk.speech import spoken

# Fewer pixels of a colour than this are the blur at the edge of a letter.
LEAST_PIXELS = 4

Pixels = NDArray[np.uint8]


def read_screen(window: KioskWindow, name: str, *, looks_at_pixels: bool) -> Shown:
    """Measure the screen that the window shows; without pixels no contrast and no focus ring is looked at."""
    assert window.frame is not None
    settle()
    look, tiles = window.frame.page.look, window.frame.tiles()
    per_mm, manner = window.pixels_per_mm, window.around().manner
    picture = pixels_of(window.grab()) if looks_at_pixels else None
    reached = reached_by_arrows(window, tiles)
    targets = tuple(
        Target(
            spoken(tile.accessibleName()),
            _box(_place(tile, window), per_mm),
            tile.isRightToLeft(),
            tile in reached,
            ring_of(window, tile) if looks_at_pixels else None,
            looks_at_pixels,
        )
        for tile in tiles
    )
    words: list[Words | Number] = [*window.frame.findChildren(Words)]
    words += window.frame.findChildren(Number)
    texts = tuple(_text(each, window, picture) for each in words if _is_read(each))
    size = (window.width() / per_mm, window.height() / per_mm)
    sizes = "larger" if manner.larger_text else "normal"
    colours = "high contrast" if manner.high_contrast else "normal colours"
    return Shown(
        name,
        f"{look.language}, {sizes}, {colours}",
        size,
        window.panel.bottom_mm,
        targets,
        texts,
        unnamed=tuple(_unnamed(window)),
        spoken=tuple(_spoken(window)),
        is_larger=manner.larger_text,
        is_high_contrast=manner.high_contrast,
    )


def settle() -> None:
    """Let Qt lay out, paint, and clear away the screens that have gone."""
    QCoreApplication.processEvents()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def reached_by_arrows(window: KioskWindow, tiles: list[Tile]) -> set[Tile]:
    """Return the tiles to which the four arrows lead from the first one."""
    reached, waiting = set(tiles[:1]), tiles[:1]
    while waiting:
        here = waiting.pop()
        for way in ARROWS.values():
            there = next_tile(window, here, tiles, way)
            if there is not None and there not in reached:
                reached.add(there)
                waiting.append(there)
    return reached


def ring_of(window: KioskWindow, tile: Tile) -> float | None:
    """Return the contrast between a tile with and without the focus, where it changes most.

    Only a change as large as a line of two pixels around the tile counts (WCAG 2.4.13); None: it gets no focus.
    """
    before = pixels_of(tile.grab())
    tile.setFocus(Qt.FocusReason.TabFocusReason)
    has_focus = tile.hasFocus()
    after = pixels_of(tile.grab())
    window.setFocus()
    if not has_focus:
        return None
    one, other = luminance(before), luminance(after)
    ratios = (np.maximum(one, other) + 0.05) / (np.minimum(one, other) + 0.05)
    line = 2 * 2 * (tile.width() + tile.height())
    return float(np.sort(ratios, axis=None)[-min(line, ratios.size)])


def pixels_of(picture: QPixmap) -> Pixels:
    """Return the pixels of a picture as an array of height × width × 3 (sRGB)."""
    image = picture.toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def luminance(pixels: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
    """Return the relative luminance of each pixel (WCAG 2.2)."""
    parts = pixels / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ np.array([0.2126, 0.7152, 0.0722]), dtype=np.float64)


def text_contrast(pixels: Pixels) -> float:
    """Return the contrast of the letters in a picture of a text: its commonest colour is the ground.

    The letters' colour is the one furthest from the ground of which there are more than a few pixels.
    """
    packed = pixels.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], dtype=np.uint32)
    colours, counts = np.unique(packed, return_counts=True)
    light = luminance(np.stack([colours >> 16, colours >> 8 & 255, colours & 255], axis=1))
    ground = light[counts.argmax()]
    ratios = (np.maximum(light, ground) + 0.05) / (np.minimum(light, ground) + 0.05)
    return float(ratios[counts >= min(LEAST_PIXELS, counts.max())].max())


def _is_read(words: Words | Number) -> bool:
    return words.isVisible() and words.isEnabled() and bool(words.text().strip())


def _text(words: Words | Number, window: KioskWindow, picture: Pixels | None) -> Text:
    font = words.font_that_fits() if isinstance(words, Number) else words.font()
    place = _place(words, window).intersected(window.rect())
    assert window.frame is not None
    page = window.frame.page
    is_of_page = page.isAncestorOf(words) and not is_in_tile(words, page)
    ratio = None
    if picture is not None and not place.isEmpty():
        ratio = text_contrast(picture[place.top() : place.bottom() + 1, place.left() : place.right() + 1])
    return Text(
        spoken(words.text()), QFontMetricsF(font).capHeight() / window.pixels_per_mm, ratio, is_of_page
    )


def _spoken(window: KioskWindow) -> Iterable[str]:
    """Yield what is read aloud of the screen, and of every tile when it gets the focus."""
    assert window.frame is not None
    heard, look = window.heard(), window.frame.page.look
    yield from (sentence.text for sentence in (*heard.sentences, *heard.news))
    yield from (control(window.frame, look, tile).said.text for tile in window.frame.tiles())


def _unnamed(window: KioskWindow) -> Iterable[str]:
    """Yield what takes a touch or says something, and has no name for a screen reader."""
    assert window.frame is not None
    for widget in window.frame.findChildren(QWidget):
        if isinstance(widget, Tile | Words) or not widget.isVisible():
            continue
        spoken = QAccessible.queryAccessibleInterface(widget)
        if (
            spoken is not None
            and spoken.role() == QAccessible.Role.StaticText
            and not spoken.text(QAccessible.Text.Name)
        ):
            yield type(widget).__name__


def _place(widget: QWidget, window: QWidget) -> QRect:
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


def _box(place: QRect, per_mm: float) -> Box:
    return Box(place.x() / per_mm, place.y() / per_mm, place.width() / per_mm, place.height() / per_mm)
