"""Reads the modules of a code of ours from paper that is bent, creased or half lit.

Ordinary readers lay a flat grid over three marks. Here the grid is bent until the picture and the code that was
read from it agree (Lucas & Kanade 1981): first with what every code of this size must show, then with the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import permutations
from math import hypot, sqrt
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kiosk.qr.finders import Finder
from kiosk.qr.pixels import windowed_mean

Floats = NDArray[np.float32]

# Ours are of version 2: 36 characters of the alphanumeric set at error correction M.
SIDE = 25
_RIM = 2
_CELLS = SIDE + 2 * _RIM
_STEPS = 3
_NEAR, _FAR = 3.5, SIDE - 3.5
# How wide the windows are in which the grid may move as one, in modules, and how much the modules count whose
# colour is only read, one pass after the other: what is known comes first, or a shift by one would prove itself.
PASSES = ((13, 0.0), (9, 0.1), (7, 0.4), (5, 1.0), (5, 1.0))
_MOST_SHIFT = 0.45
_DAMPING = 0.002
_DOUBT = 1.0
_CONTRAST = 0.5


def fixed() -> Floats:
    """Return what every code of this size shows, rows × columns with a rim: 1 dark, -1 light, 0 as it may be."""
    known = np.zeros((SIDE, SIDE), np.float32)
    mark = -np.ones((8, 8), np.float32)
    mark[:7, :7] = 1
    mark[1:6, 1:6] = -1
    mark[2:5, 2:5] = 1
    known[:8, :8], known[:8, -8:], known[-8:, :8] = mark, mark[:, ::-1], mark[::-1]
    between = np.arange(8, SIDE - 8)
    known[6, between] = known[between, 6] = 1 - 2 * (between % 2)
    small = np.ones((5, 5), np.float32)
    small[1:4, 1:4] = -1
    small[2, 2] = 1
    known[16:21, 16:21] = small
    known[SIDE - 8, 8] = 1
    return np.pad(known, _RIM, constant_values=-1)


_FIXED = fixed()
_KNOWN = _FIXED[_FIXED != 0]
_EDGE = slice(_RIM - 1, _RIM + 8), slice(-_RIM - 8, 1 - _RIM)
_MARKS = ((_EDGE[0], _EDGE[0]), (_EDGE[0], _EDGE[1]), (_EDGE[1], _EDGE[0]))
_ON_MARKS = tuple(_FIXED[mark] for mark in _MARKS)
# With three marks as good as this no others are tried.
_GOOD = 0.6
# The small mark near the fourth corner begins here, and is looked for within so many modules.
_SMALL, _REACH = 16, 4
_SMALL_MARK = _FIXED[_RIM + 16 : _RIM + 21, _RIM + 16 : _RIM + 21].repeat(_STEPS, 0).repeat(_STEPS, 1)
_SMALL_MARK = _SMALL_MARK - _SMALL_MARK.mean()
_LARGE_MARK = _FIXED[_RIM : _RIM + 7, _RIM : _RIM + 7].repeat(_STEPS, 0).repeat(_STEPS, 1)
_LARGE_MARK = _LARGE_MARK - _LARGE_MARK.mean()
# Two marks that are there and a third that is not show at least so much.
_TWO_OF_THREE = 0.4
_DEPTH_OF_SIZE = 2 / 3


_Point = tuple[float, float]


class Corners(NamedTuple):
    """The middles of the three marks, and how much further away the other two are than the first (1: as far)."""

    corner: _Point
    right: _Point
    below: _Point
    right_depth: float = 1.0
    below_depth: float = 1.0


class Grid(NamedTuple):
    """Where in the picture (x, y) each of `_STEPS` × `_STEPS` points of each module lies."""

    x: Floats
    y: Floats


def best_grid(picture: Floats, marks: list[Finder]) -> tuple[Grid, float] | None:
    """Return the flat grid that shows best what every code shows, and how well (1: in full); None without one.

    It lies on three of the marks, or on two where the third may be hidden or out of the picture.
    """
    best = _best(picture, _threes(marks))
    if best is None or best[1] < _GOOD:
        scored = ((_score(picture, each), each, guess) for each, guess in _twos(marks[:3]))
        twos = max(scored, default=None, key=itemgetter(0))
        if twos is not None and twos[0] > _TWO_OF_THREE:
            best = _better(best, _best(picture, (twos[1], _with_the_third(picture, twos[1], twos[2]))))
    return best and (_flat(best[0]), best[1])


_Scored = tuple[Corners, float]


def _better(one: _Scored | None, other: _Scored | None) -> _Scored | None:
    return max(filter(None, (one, other)), key=itemgetter(1), default=None)


def _with_the_third(picture: Floats, corners: Corners, guess: int) -> Corners:
    """Return the corners with the guessed one where its mark is really, if that is nearby."""
    (x, y), right, below = corners.corner, corners.right, corners.below
    row, column = ((0, 0), (0, 1), (1, 0))[guess]
    # The grid has to reach as far as the mark is looked for.
    wide = _flat(corners, rim=_RIM + _REACH)
    top, left = ((_RIM + place * (SIDE - 7)) * _STEPS for place in (row, column))
    found = _found(evened(sampled(picture, wide)), _LARGE_MARK, top, left)
    if found is None:
        return corners
    scale = _FAR - _NEAR
    u, v = ((right[0] - x) / scale, (right[1] - y) / scale), ((below[0] - x) / scale, (below[1] - y) / scale)
    middles = [corners.corner, right, below]
    middles[guess] = (
        middles[guess][0] + found[0] * u[0] + found[1] * v[0],
        middles[guess][1] + found[0] * u[1] + found[1] * v[1],
    )
    return Corners(middles[0], middles[1], middles[2])


def _found(points: Floats, mark: Floats, top: int, left: int) -> _Point | None:
    """Return how many modules (right, down) a mark lies from where it should begin, or None if it is not near."""
    reach = 2 * _REACH * _STEPS
    part = points[top : top + len(mark) + reach, left : left + len(mark) + reach]
    views = np.lib.stride_tricks.sliding_window_view(part, mark.shape)
    fits = np.einsum("ijkl,kl->ij", views, mark) / (views.std((2, 3)) + 0.1)
    row, column = np.unravel_index(int(fits.argmax()), fits.shape)
    if fits[row, column] / mark.size < 0.6 * mark.std():
        return None
    return float(column / _STEPS - _REACH), float(row / _STEPS - _REACH)


def _best(picture: Floats, corners: Iterable[Corners]) -> tuple[Corners, float] | None:
    return max(((each, _score(picture, each)) for each in corners), key=lambda each: each[1], default=None)


def _threes(marks: list[Finder]) -> Iterator[Corners]:
    """Yield marks that can be the three of one code: the corner, the one right of it, the one below it."""
    for corner, right, below in permutations(marks, 3):
        if is_corner(corner, right, below):
            yield Corners(_at(corner), _at(right), _at(below))
            # What is further away is smaller: once across the way it leans, twice along it.
            depths = ((corner.module / mark.module) ** _DEPTH_OF_SIZE for mark in (right, below))
            yield Corners(_at(corner), _at(right), _at(below), *depths)


def _twos(marks: list[Finder]) -> Iterator[tuple[Corners, int]]:
    """Yield two marks (side by side or across) and the third where a flat code would have it; which that is."""
    for one, other in permutations(marks, 2):
        (x, y), (u, v) = _at(one), (other.x - one.x, other.y - one.y)
        modules = hypot(u, v) / ((one.module + other.module) / 2 * (_FAR - _NEAR))
        if 0.6 < modules < 1.3:
            yield Corners((x, y), _at(other), (x - v, y + u)), 2
            yield Corners((x, y), (x + v, y - u), _at(other)), 1
        if 0.6 < modules / sqrt(2) < 1.3:
            middle_x, middle_y = x + u / 2, y + v / 2
            yield Corners((middle_x + v / 2, middle_y - u / 2), _at(other), (x, y)), 0


def _at(mark: Finder) -> _Point:
    return mark.x, mark.y


def is_corner(corner: Finder, right: Finder, below: Finder) -> bool:
    """Tell whether three marks lie as those of a code of ours, seen from before it, not from too far aside."""
    u, v = right.x - corner.x, right.y - corner.y
    s, t = below.x - corner.x, below.y - corner.y
    across, down = hypot(u, v), hypot(s, t)
    sizes = (corner.module, right.module, below.module)
    if min(across, down) < 1 or max(sizes) > 1.7 * min(sizes) or max(across, down) > 1.6 * min(across, down):
        return False
    # A line across a turned mark is up to 1.41 times as long as its side.
    reach = sum(sizes) / 3 * (_FAR - _NEAR)
    return (
        u * t - v * s > 0.8 * across * down
        and 0.5 * reach < min(across, down)
        and max(across, down) < 1.5 * reach
    )


def _score(picture: Floats, corners: Corners) -> float:
    """Return how well the modules show the three marks, from -1 to 1; the light may differ by mark."""
    grid = _flat(corners, steps=1)
    on_marks = Grid(*(np.stack([each[mark] for mark in _MARKS]) for each in grid))
    return float(
        np.mean([_likeness(*each) for each in zip(sampled(picture, on_marks), _ON_MARKS, strict=True)])
    )


def _likeness(light: Floats, known: Floats) -> float:
    away = light.mean() - light
    return float((away * (known - known.mean())).mean() / (light.std() * known.std() + 1))


def _flat(corners: Corners, steps: int = _STEPS, rim: int = _RIM) -> Grid:
    """Lay a plane over three corners, by the rule of perspective where their depths differ."""
    places = (np.arange((SIDE + 2 * rim) * steps, dtype=np.float64) + 0.5) / steps - rim
    share = (places - _NEAR) / (_FAR - _NEAR)
    right, below = share[None, :] * corners.right_depth, share[:, None] * corners.below_depth
    rest = 1 - share[None, :] - share[:, None]
    depth = np.maximum(rest + right + below, 0.2)
    x, y = (
        (rest * first + right * second + below * third) / depth
        for first, second, third in zip(corners.corner, corners.right, corners.below, strict=True)
    )
    return Grid(x.astype(np.float32), y.astype(np.float32))


def sampled(picture: Floats, grid: Grid) -> Floats:
    """Return the picture's brightness at the points of a grid; beyond the picture, that of its edge."""
    x = np.clip(grid.x - 0.5, 0, picture.shape[1] - 1.001)
    y = np.clip(grid.y - 0.5, 0, picture.shape[0] - 1.001)
    column, row = x.astype(np.intp), y.astype(np.intp)
    right, down = x - column, y - row
    above = picture[row, column] * (1 - right) + picture[row, column + 1] * right
    below = picture[row + 1, column] * (1 - right) + picture[row + 1, column + 1] * right
    return (above * (1 - down) + below * down).astype(np.float32)


def evened(points: Floats) -> Floats:
    """Return how dark points are beside those around them: about -1 (light) to 1 (dark), whatever the light."""
    window = 2 * (7 * _STEPS // 2) + 1
    mean = windowed_mean(points, window)
    spread = np.sqrt(np.maximum(windowed_mean((points - mean) ** 2, window), 0)) + 4
    return np.clip((mean - points) / spread, -1.5, 1.5).astype(np.float32)


def modules(points: Floats) -> Floats:
    """Return how dark the middle of each module is."""
    cells = points.reshape(_CELLS, _STEPS, _CELLS, _STEPS)
    middles: Floats = cells[:, _STEPS // 2, :, _STEPS // 2]
    return middles


def bent(picture: Floats, grid: Grid) -> Iterator[Floats]:
    """Yield how dark the modules are by the flat grid, then by one that is bent to the picture pass by pass."""
    x, y = _hung_on_the_small_mark(picture, grid)
    for window, trust in PASSES:
        points = evened(sampled(picture, Grid(x, y)))
        dark = modules(points)
        yield dark
        x, y = _moved(Grid(x, y), *_shifts(points, dark, window, trust))
    yield modules(evened(sampled(picture, Grid(x, y))))


def _moved(grid: Grid, right: Floats, down: Floats) -> Grid:
    """Move the points of a grid by parts of a module, which are turned to pixels by how the grid lies there."""
    along, across = np.gradient(grid.x), np.gradient(grid.y)
    x = grid.x + _STEPS * (right * along[1] + down * along[0])
    y = grid.y + _STEPS * (right * across[1] + down * across[0])
    return Grid(x, y)


def _hung_on_the_small_mark(picture: Floats, grid: Grid) -> Grid:
    """Look for the small mark near the fourth corner, and draw the grid there with it."""
    begin = (_RIM + _SMALL - _REACH) * _STEPS
    found = _found(evened(sampled(picture, grid)), _SMALL_MARK, begin, begin)
    if found is None:
        return grid
    share = ((np.arange(_CELLS * _STEPS) + 0.5) / _STEPS - _RIM - _NEAR) / (_SMALL + 2.5 - _NEAR)
    pull = (np.clip(share[None, :], 0, 1.3) * np.clip(share[:, None], 0, 1.3)).astype(np.float32)
    return _moved(grid, pull * np.float32(found[0]), pull * np.float32(found[1]))


def _shifts(points: Floats, dark: Floats, window: int, trust: float) -> tuple[Floats, Floats]:
    """Return by how many modules each point of the grid should move so that picture and code agree."""
    likely = np.where(_FIXED != 0, _FIXED, np.clip(2.5 * dark, -1, 1))
    weight = _spread(np.where(_FIXED != 0, np.float32(1), trust * np.abs(likely)))
    drawn = windowed_mean(_spread(likely), 3)
    down, right = np.gradient(drawn)
    off = drawn - points
    products = weight * np.stack([right * right, down * down, right * down, right * off, down * off])
    xx, yy, xy, bx, by = windowed_mean(products, window * _STEPS // 2 * 2 + 1)
    xx, yy = xx + _DAMPING, yy + _DAMPING
    shifts = np.stack([yy * bx - xy * by, xx * by - xy * bx]) / (xx * yy - xy * xy) / _STEPS
    most = np.float32(_MOST_SHIFT)
    shift_x, shift_y = windowed_mean(np.clip(shifts, -most, most), 5 * _STEPS // 2 * 2 + 1)
    return shift_x, shift_y


def _spread(cells: Floats) -> Floats:
    """Return the points of a grid with the values of its modules."""
    return cells.astype(np.float32).repeat(_STEPS, 0).repeat(_STEPS, 1)


def equalised(dark: Floats) -> tuple[Floats, float]:
    """Take out of each module what a soft lens or a moved hand has brought in from those around it.

    How much that is from each side is learnt from the modules whose colour is known, as a modem learns from its
    training symbols (a linear equaliser by least squares). Returned too is how well it did there: 1 is in full.
    """
    taps = _neighbours(dark)
    known = taps[_FIXED != 0]
    weights = np.linalg.solve(known.T @ known + _DOUBT * np.eye(known.shape[1]), known.T @ _KNOWN)
    off = float(((known @ weights - _KNOWN) ** 2).mean() / _KNOWN.var())
    return (taps @ weights).astype(np.float32), max(0.0, 1.0 - off)


def agreement(one: Floats, other: Floats) -> float:
    """Return how alike two looks are in the modules that differ from code to code: 1 is in full, 0 by chance."""
    return float(np.corrcoef(one[_FIXED == 0], other[_FIXED == 0])[0, 1])


def contrast(dark: Floats) -> Floats:
    """Return how much the modules around each differ, up to 1: where a lamp shines, all are as light."""
    variance = windowed_mean(dark**2, 3) - windowed_mean(dark, 3) ** 2
    return np.clip(np.sqrt(np.maximum(variance, 0)) / _CONTRAST, 0.05, 1).astype(np.float32)


def _neighbours(dark: Floats) -> Floats:
    """Return each module with those around it and a one, as rows × columns × values."""
    around = np.lib.stride_tricks.sliding_window_view(np.pad(dark, 2, mode="edge"), (5, 5))
    return np.concatenate([around.reshape(*dark.shape, 25), np.ones((*dark.shape, 1))], 2)


def redrawn(dark: Floats, scale: int = 3) -> NDArray[np.uint8]:
    """Draw modules as a clean code, with what every code must show, for an ordinary reader to check and read."""
    is_dark = np.where(_FIXED != 0, _FIXED, dark) > 0
    clean = np.where(np.pad(is_dark[_RIM:-_RIM, _RIM:-_RIM], 4), 0, 255).astype(np.uint8)
    return np.kron(clean, np.ones((scale, scale), np.uint8))
