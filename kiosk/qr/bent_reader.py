"""A reader for bent, creased and half hidden codes, which remembers what the frames before have shown."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from kiosk.qr.bent import PASSES, Floats, agreement, bent, best_grid, contrast, equalised, redrawn
from kiosk.qr.finders import finders
from kiosk.qr.pixels import Gray

# How well a grid must show what every code shows: by chance it is 0.3, in bad light on creased paper 0.6.
LIKE_ONE, _WORTH_BENDING = 0.7, 0.42
# By chance the known modules can be explained by 0.45.
_LEAST_SURETY = 0.55
_READ_AFTER = frozenset({0, 2, len(PASSES)})
# Two codes agree by 0.37 at most (780 pairs: they begin alike), two looks at one by 0.73 and more, by 0.58 where
# each of them shows another two thirds of it.
SAME_CODE = 0.55
# What one frame has shown counts less with each that follows, and nothing after a pause.
_FADING, _FORGOTTEN_S = 0.95, 1.0


class _Shown(NamedTuple):
    """How dark the modules are, the same without what is around them, and how well that could be told."""

    dark: Floats
    clear: Floats
    surety: float


class BentReader:
    """Reads pictures of one scene, one by one, by `read`; `likeness` tells of the last one, 1 is a code."""

    def __init__(
        self, read: Callable[[Gray], list[str]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._read, self._clock = read, clock
        self._shown: _Shown | None = None
        self._shown_at = 0.0
        self.likeness = 0.0

    def __call__(self, gray: Gray) -> list[str]:
        """Return the text of the code in a picture (rows × columns of brightness), or none."""
        self.likeness = 0.0
        if min(gray.shape) < 64:
            return []
        picture = gray.astype(np.float32)
        found = best_grid(picture, finders(gray))
        if found is None:
            return []
        grid, self.likeness = found
        if self.likeness < _WORTH_BENDING:
            return []
        best: _Shown | None = None
        for number, dark in enumerate(bent(picture, grid)):
            if number in _READ_AFTER:
                clear, surety = equalised(dark)
                if texts := self._read(redrawn(dark)) or self._read(redrawn(clear)):
                    return texts
                if surety < _LEAST_SURETY:
                    break
                if best is None or surety > best.surety:
                    best = _Shown(dark, clear, surety)
        return [] if best is None else self._read_with_those_before(best)

    def _read_with_those_before(self, new: _Shown) -> list[str]:
        """Read what the last frames have shown of the same modules: a reflection moves, the code does not.

        What is before the lens now has to be what was there before: another's code is never read of the next one.
        """
        now, weight = self._clock(), np.float32(new.surety**2)
        dark = weight * new.dark
        clear = weight * contrast(new.clear) * np.clip(new.clear, -1, 1)
        is_recent = now - self._shown_at < _FORGOTTEN_S
        if self._shown is not None and is_recent and agreement(self._shown.clear, clear) >= SAME_CODE:
            dark, clear = dark + _FADING * self._shown.dark, clear + _FADING * self._shown.clear
        self._shown, self._shown_at = _Shown(dark, clear, new.surety), now
        for total in (dark, clear, equalised(dark)[0]):
            if texts := self._read(redrawn(total)):
                return texts
        return []
