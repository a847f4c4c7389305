"""Where the three square marks of a QR may be in a picture: the first thing by which it is known."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kiosk.qr.pixels import Gray, binned, windowed_mean

_WIDTHS = np.array([1, 1, 3, 1, 1], np.float32)
_MODULES = 7
# How far a run may be from its share, in modules.
_OFF = 0.9
_MOST = 200
# Every second line is looked at: a mark is crossed by many.
_EVERY = 2
_CELL, _AROUND = 8, 2
_LEAST_CONTRAST = 12


class Finder(NamedTuple):
    """The middle of a square mark in pixels, how wide a module is there, and how many lines have shown it."""

    x: float
    y: float
    module: float
    votes: int


def finders(gray: Gray, most: int = 6) -> list[Finder]:
    """Return the marks in a picture: dark, light, dark, light, dark as 1:1:3:1:1, both ways; best first."""
    # Two ways to tell dark from light: one bears shadows, the other bright and dark things close by.
    ways = (_dark_by_extremes(gray), _dark_by_mean(gray))
    across = np.concatenate([_lines(dark[::_EVERY]) for dark in ways])
    down = np.concatenate([_lines(dark.T[::_EVERY])[:, [1, 0, 2]] for dark in ways])
    if not len(across) or not len(down):
        return []
    near = np.abs(across[:, None, :2] - down[None, :, :2]).max(2) < 0.8 * across[:, 2, None] + 0.5
    alike = np.abs(np.log(across[:, None, 2] / down[None, :, 2])) < 0.5
    one, other = np.nonzero(near & alike)
    return _gathered(np.column_stack([down[other, 0], across[one, 1], across[one, 2], down[other, 2]]), most)


def _dark_by_mean(gray: Gray) -> NDArray[np.bool_]:
    """Tell which pixels are darker than those around them are on average."""
    mean = windowed_mean(binned(gray, _CELL), 2 * (min(gray.shape) // _CELL // 16) + 3)
    return _below(gray, mean - 2)


def _dark_by_extremes(gray: Gray) -> NDArray[np.bool_]:
    """Tell which pixels are darker than the middle of the darkest and the lightest near them."""
    height, width = (side // _CELL * _CELL for side in gray.shape)
    cells = gray[:height, :width].reshape(height // _CELL, _CELL, width // _CELL, _CELL)
    least, most = cells.min((1, 3)), cells.max((1, 3))
    around = [np.pad(each, _AROUND, mode="edge") for each in (least, most)]
    views = [np.lib.stride_tricks.sliding_window_view(each, (2 * _AROUND + 1,) * 2) for each in around]
    least, most = views[0].min((2, 3)).astype(np.int16), views[1].max((2, 3)).astype(np.int16)
    middle = np.where(most - least > _LEAST_CONTRAST, (most + least) // 2, 0)
    return _below(gray, windowed_mean(middle, 3))


def _below(gray: Gray, light: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Tell which pixels are darker than the light of their cell."""
    each = np.clip(light, 0, 255).astype(np.uint8).repeat(_CELL, 0).repeat(_CELL, 1)
    dark = np.zeros(gray.shape, bool)
    dark[: len(each), : each.shape[1]] = gray[: len(each), : each.shape[1]] < each
    return dark


def _lines(dark: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return where lines show the five runs of a mark: the middle along the line, the line, a module's width."""
    padded = np.pad(dark, ((0, 0), (1, 1)))
    width = padded.shape[1]
    changes = np.flatnonzero(np.diff(padded.ravel().view(np.int8)))
    if len(changes) < 6:
        return np.zeros((0, 3), np.float32)
    lengths = np.diff(changes)
    # Every second run is dark, since each line begins and ends light.
    runs = np.lib.stride_tricks.sliding_window_view(lengths, 5)[::2].astype(np.float32)
    starts = changes[: len(lengths) - 4 : 2]
    unit = runs.sum(1) / _MODULES
    is_mark = (np.abs(runs - unit[:, None] * _WIDTHS) < _OFF * unit[:, None]).all(1)
    is_mark &= starts // width == (starts + runs.sum(1).astype(np.intp)) // width
    is_mark &= unit > 0.9
    starts, runs, unit = starts[is_mark][:_MOST], runs[is_mark][:_MOST], unit[is_mark][:_MOST]
    middle = starts % width + runs[:, 0] + runs[:, 1] + runs[:, 2] / 2
    return np.column_stack([middle, starts // width * _EVERY, unit]).astype(np.float32)


def _gathered(points: NDArray[np.float32], most: int) -> list[Finder]:
    """Join what belongs to one mark; return the marks that most lines have shown."""
    found: list[Finder] = []
    while len(points):
        x, y, module = points[0, 0], points[0, 1], (points[0, 2] + points[0, 3]) / 2
        is_same = np.hypot(points[:, 0] - x, points[:, 1] - y) < 2.5 * module
        mine = points[is_same]
        means = mine.mean(0)
        found.append(
            Finder(float(means[0]), float(means[1]), float((means[2] + means[3]) / 2), int(is_same.sum()))
        )
        points = points[~is_same]
    return sorted(found, key=lambda mark: -mark.votes)[:most]
