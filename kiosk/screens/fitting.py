"""The size of a screen: the largest letters, then the largest of all else, at which nothing is cut off."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass

from kiosk.screens.frame import Frame
from kiosk.screens.look import Look

SIZES = (1.0, 0.93, 0.86, 0.8, 0.74, 0.68, 0.62, 0.56, 0.5)
# The first share of 7.3 mm that large letters can have, then the largest size at which everything fits: nothing
# is ever cut off. Only with the whole share have keys their 20 mm.
FITS = {1.0: (*SIZES, 0.44, 0.38), **dict.fromkeys((0.8, 0.64), (0.86, 0.74, 0.62, 0.5)), 0.0: SIZES[2:]}
LEAST_SCALE = 0.37
"""Below that, letters of 7.3 mm have grown out of all proportion to icons, numbers and margins."""
MOST_KEPT = 1_000


@dataclass(frozen=True)
class Step:
    """What fitted: a share of the letters' 7.3 mm, and the place among the looks of that share."""

    share: float
    place: int


@dataclass(frozen=True)
class Trial:
    """How a screen is tried: the looks of a share, the largest first; a frame in a look; and whether it fits."""

    looks: Callable[[float], list[Look]]
    frame: Callable[[Look], Frame]
    fits: Callable[[Frame], bool]


class Fitting:
    """Finds the frame that fits with few tries, for visitors wait for each, and remembers what fitted.

    What a screen was is kept as a number only: nothing of a visitor stays.
    """

    def __init__(self) -> None:
        self._kept: dict[int, Step] = {}

    def frame(self, trial: Trial, shown: Hashable, kind: Hashable) -> Frame:
        """Return the first frame that fits, the last one where none does.

        `shown` is all that the frame is built from: where it fitted before it is tried first. `kind` is shared
        by screens that are likely to fit alike.
        """
        before = self._kept.get(hash(shown))
        if before is not None and (frame := _try(trial, trial.looks(before.share)[before.place])):
            return frame
        likely = self._kept.get(hash(kind))
        for share in FITS:
            looks = trial.looks(share)
            found = _largest(trial, looks, _likely_place(looks, share, likely)) if looks else None
            if found is not None:
                place, frame = found
                self._keep(Step(share, place), shown, kind)
                return frame
        return trial.frame(looks[-1])

    def _keep(self, step: Step, *of: Hashable) -> None:
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept.update((hash(each), step) for each in of)


def _likely_place(looks: list[Look], share: float, likely: Step | None) -> int | None:
    """Return where something like it fitted: the last of a larger share, in which it did not; or None."""
    if likely is None or share < likely.share:
        return None
    return len(looks) - 1 if share > likely.share else likely.place


def _largest(trial: Trial, looks: list[Look], likely: int | None) -> tuple[int, Frame] | None:
    """Return the first of the looks in which the screen fits, and the frame in it.

    From a likely place on in steps that double until one fits, then by halving between that and the last that did
    not. Where something like it fitted, only the place before is tried too, if it is as likely as it looks.
    """
    found: tuple[int, Frame] | None = None
    low, high = 0, len(looks)
    # Small letters nearly always fit as they are, large ones seldom.
    usual = min(3, high // 2) if looks[0].letters > 1 else 0
    place = usual if likely is None else likely
    while low < high:
        frame = _try(trial, looks[place])
        if frame is None:
            low = place + 1
        else:
            if found is not None:
                found[1].deleteLater()
            found, high = (place, frame), place
        if found is None:
            place = min(2 * place + 1, high - 1)
        else:
            place = high - 1 if high == likely else (low + high) // 2
    return found


def _try(trial: Trial, look: Look) -> Frame | None:
    frame = trial.frame(look)
    if trial.fits(frame):
        return frame
    frame.deleteLater()
    return None
