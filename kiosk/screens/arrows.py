"""Where an arrow leads from one tile."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

from kiosk.screens.parts import Tile


def next_tile(window: QWidget, here: Tile, tiles: list[Tile], way: tuple[int, int]) -> Tile | None:
    """Return where an arrow leads: up and down to the nearest tile, aside along the row and then on in the order.

    So one key alone reaches everything, for those who do not see where the tiles are.
    """
    others = [tile for tile in tiles if tile is not here]
    if way[0] == 0:
        return _nearest_tile(window, here, others, way)
    row = [tile for tile in others if _is_beside(window, here, tile)]
    if (aside := _nearest_tile(window, here, row, way)) is not None:
        return aside
    step = -way[0] if here.isRightToLeft() else way[0]
    return tiles[(tiles.index(here) + step) % len(tiles)]


def _is_beside(window: QWidget, here: Tile, other: Tile) -> bool:
    top, other_top = (tile.mapTo(window, QPoint(0, 0)).y() for tile in (here, other))
    return other_top < top + here.height() and top < other_top + other.height()


def _nearest_tile(window: QWidget, here: Tile, others: list[Tile], way: tuple[int, int]) -> Tile | None:
    """Return the next tile in a direction: near counts, and straight ahead counts more than aside."""
    origin = here.mapTo(window, here.rect().center())
    best: tuple[float, Tile] | None = None
    for tile in others:
        offset = tile.mapTo(window, tile.rect().center()) - origin
        ahead = offset.x() * way[0] + offset.y() * way[1]
        aside = abs(offset.x() * way[1]) + abs(offset.y() * way[0])
        if ahead > 0 and (best is None or ahead + 2 * aside < best[0]):
            best = (ahead + 2 * aside, tile)
    return best[1] if best else None
