"""Fast operations on frames of brightness (rows × columns, 0 to 255), with numpy alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]


def binned(gray: Gray, k: int) -> Gray:
    """Average k × k pixels into one (at most 16 × 16); odd rows and columns at the end are left out."""
    height, width = gray.shape[0] // k * k, gray.shape[1] // k * k
    rows = gray[0:height:k, :width].astype(np.uint16)
    for i in range(1, k):
        rows += gray[i:height:k, :width]
    total = rows[:, 0::k].copy()
    for j in range(1, k):
        total += rows[:, j::k]
    return (total // (k * k)).astype(np.uint8)


def smoothed(gray: Gray, k: int) -> Gray:
    """Average each pixel with its neighbours in a window of k × k; the edge loses k - 1 pixels."""
    height, width = gray.shape[0] - k + 1, gray.shape[1] - k + 1
    rows = gray[:height].astype(np.uint16)
    for i in range(1, k):
        rows += gray[i : i + height]
    total = rows[:, :width].copy()
    for j in range(1, k):
        total += rows[:, j : j + width]
    return (total // (k * k)).astype(np.uint8)


def doubled(gray: Gray) -> Gray:
    """Double the size with straight lines between the pixels."""
    height, width = gray.shape
    wide = np.empty((height, 2 * width - 1), np.uint16)
    wide[:, ::2] = gray
    wide[:, ::2] *= 2
    wide[:, 1::2] = gray[:, 1:].astype(np.uint16) + gray[:, :-1]
    tall = np.empty((2 * height - 1, 2 * width - 1), np.uint16)
    tall[::2] = 2 * wide
    tall[1::2] = wide[1:] + wide[:-1]
    return (tall >> 2).astype(np.uint8)


def sharpened(gray: Gray, k: int, strength: int) -> Gray:
    """Push each pixel away from the mean of its k × k neighbours (k odd); the edge loses k - 1 pixels."""
    rim = k // 2
    middle = gray[rim:-rim, rim:-rim].astype(np.int16)
    return np.clip(middle + strength * (middle - smoothed(gray, k)), 0, 255).astype(np.uint8)


def busiest(gray: Gray, side: int) -> Gray:
    """Cut out the square (of `side` pixels, or less at the edge) with most edges in both directions."""
    cell = 8
    if min(gray.shape) < side:
        return gray
    small = binned(gray, cell // 2).astype(np.int16)
    across = np.abs(np.diff(small, axis=1))[:-1].astype(np.uint8)
    down = np.abs(np.diff(small, axis=0))[:, :-1].astype(np.uint8)
    window = side // cell // 2
    both = np.minimum(_summed(binned(across, 2), window), _summed(binned(down, 2), window))
    row, column = np.unravel_index(int(both.argmax()), both.shape)
    middle = window * cell // 2
    top = int(np.clip(row * cell + middle - side // 2, 0, gray.shape[0] - side))
    left = int(np.clip(column * cell + middle - side // 2, 0, gray.shape[1] - side))
    return np.ascontiguousarray(gray[top : top + side, left : left + side])


def _summed(values: Gray, k: int) -> NDArray[np.int64]:
    """Sum each window of k × k values."""
    table = np.pad(values.astype(np.int64).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    sums: NDArray[np.int64] = table[k:, k:] - table[:-k, k:] - table[k:, :-k] + table[:-k, :-k]
    return sums


def windowed_mean(values: NDArray[np.generic], k: int) -> NDArray[np.float32]:
    """Return the mean of the k × k values around each (k odd) in the last two directions; edges are continued."""
    half = k // 2
    rims = [(0, 0)] * (values.ndim - 2) + [(half + 1, half)] * 2
    table = np.pad(values.astype(np.float32), rims, mode="edge")
    table[..., 0, :] = 0
    table[..., 0] = 0
    np.cumsum(table, axis=-2, out=table)
    np.cumsum(table, axis=-1, out=table)
    sums = table[..., k:, k:] - table[..., :-k, k:] - table[..., k:, :-k] + table[..., :-k, :-k]
    means: NDArray[np.float32] = sums / np.float32(k * k)
    return means
