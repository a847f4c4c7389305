"""A second fixed, seeded set: what photographs of real paper and real phones do to a booking QR.

Folds, creased paper, dim screens, reflections, a code partly off the frame, several codes; and, as a control,
pictures in which nothing of ours may be read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import zxingcpp
from numpy.typing import NDArray
from PIL import Image

from bench.hard_set import FRAMES_PER_SCAN, jittered, text_of
from bench.photograph import HEIGHT, WIDTH, Floats, Gray, View, hall, modules_of, placed, sheet, taken

FAULTS = ("fold", "creased paper", "dim screen", "reflection", "partly off the frame", "beside a foreign QR")
WRONG = (
    "no code",
    "damaged beyond repair",
    "two of ours",
    "foreign QR",
    "Aztec",
    "DataMatrix",
    "PDF417",
    "EAN13",
)
FOREIGN_TEXTS = {
    "foreign QR": "|PL|00114020040000300201355387|012345|Abonent|||||",
    "Aztec": "M1KOWALSKA/ANNA       EABC123 WAWCDGLO 0335 326J001A0025 100",
    "DataMatrix": "010590123412345717261231101A2B3C",
    "PDF417": "M1KOWALSKA/ANNA       EABC123 WAWCDGLO 0335 326J001A0025 100",
    "EAN13": "590123412345",
}
_ROW = np.arange(HEIGHT, dtype=np.float32)[:, np.newaxis]
_COLUMN = np.arange(WIDTH, dtype=np.float32)[np.newaxis, :]
Sheet = tuple[Image.Image, float]


@dataclass(frozen=True, slots=True)
class FaultyScan:
    """One attempt of a visitor: the text that is right ("" if none may be read), and a second of frames.

    `severity` runs from 0 to 1. `texts` are all of our texts in the picture: more than one only in "two of ours".
    """

    condition: str
    severity: float
    text: str
    seed: int

    def frames(self, count: int = FRAMES_PER_SCAN) -> Iterator[Gray]:
        """Yield the jittered frames of the scan, always the same for the same seed."""
        rng = np.random.default_rng(self.seed)
        backdrop = hall(rng)
        view = View(float(rng.uniform(4.0, 7.0)), float(rng.uniform(-12, 12)), blur=0.9, noise=4)
        take = _TAKES.get(self.condition, _wrong_kind)(self, view, backdrop, rng)
        for _ in range(count):
            yield take()


def faulty_scans(per_condition: int = 10, seed: int = 20_262) -> list[FaultyScan]:
    """List the scans: each fault at severities spread evenly from 0 to 1, then pictures without our code."""
    rng = np.random.default_rng(seed)
    listed = [
        FaultyScan(condition, float(severity), text_of(rng), int(rng.integers(2**31)))
        for condition in FAULTS
        for severity in np.linspace(0.0, 1.0, per_condition)
    ]
    for condition in WRONG:
        listed += [
            FaultyScan(condition, 0.5, "", int(rng.integers(2**31)))
            for _ in range(max(1, per_condition // 3))
        ]
    return listed


Take = Callable[[], Gray]
Taking = Callable[[FaultyScan, View, Floats, np.random.Generator], Take]


def _of_sheet(made: Sheet, view: View, backdrop: Floats, rng: np.random.Generator) -> Take:
    """Return how a sheet is photographed, each time with the hand a little elsewhere."""

    def take() -> Gray:
        seen = jittered(view, rng)
        return taken(placed(*made, seen, backdrop), seen, rng)

    return take


def _displaced(made: Sheet, source_x: Floats, source_y: Floats, light: Floats) -> Sheet:
    """Return a sheet of which each point shows another one's colour (in its pixels), in another light."""
    card = np.asarray(made[0], np.float32)
    rows = np.clip(np.rint(source_y), 0, card.shape[0] - 1).astype(np.intp)
    columns = np.clip(np.rint(source_x), 0, card.shape[1] - 1).astype(np.intp)
    return Image.fromarray((card[rows, columns] * light).astype(np.float32)), made[1]


def _points(made: Sheet) -> tuple[Floats, Floats]:
    wide, tall = made[0].size
    y, x = np.mgrid[0:tall, 0:wide].astype(np.float32)
    return x, y


def _fold(scan: FaultyScan, view: View, backdrop: Floats, rng: np.random.Generator) -> Take:
    """Crease the sheet through the code: one half leans away by up to 35°, shifted along the fold and darker."""
    made, s = sheet(modules_of(scan.text), view), np.float32(scan.severity)
    x, y = _points(made)
    turn = rng.uniform(0, np.pi)
    across, along = np.float32(np.cos(turn)), np.float32(np.sin(turn))
    middle = made[0].width / 2 + rng.uniform(-0.2, 0.2, 2) * made[0].width
    beyond = (x - np.float32(middle[0])) * across + (y - np.float32(middle[1])) * along
    is_beyond = beyond > 0
    stretched = np.where(is_beyond, beyond * (1 / (1 - 0.18 * s) - 1), 0).astype(np.float32)
    shift = np.where(is_beyond, np.float32(0.3 * made[1]) * s * np.float32(rng.choice([-1, 1])), 0)
    shade = np.where(is_beyond, 1 - 0.5 * s, 1.0).astype(np.float32)
    ridge = 1 + (0.2 + 0.5 * s) * np.exp(-((beyond / np.float32(0.25 * made[1])) ** 2))
    source_x = x + stretched * across - shift * along
    source_y = y + stretched * along + shift * across
    return _of_sheet(_displaced(made, source_x, source_y, shade * ridge), view, backdrop, rng)


def _creased(scan: FaultyScan, view: View, backdrop: Floats, rng: np.random.Generator) -> Take:
    """Crumple the sheet: points wander by up to 0.55 modules, and facets lie in light and shade."""
    made, s = sheet(modules_of(scan.text), view), scan.severity
    x, y = _points(made)
    heights = _crumpled(made[0].size, rng)
    slope_y, slope_x = np.gradient(heights)
    reach = (0.2 + 0.35 * s) * made[1]
    light = np.clip(1 + (0.15 + 0.5 * s) * slope_x / slope_x.std() * 0.5, 0.35, 1.25).astype(np.float32)
    source_x = x + np.float32(reach) * _crumpled(made[0].size, rng, 6)
    source_y = y + np.float32(reach) * _crumpled(made[0].size, rng, 6)
    del slope_y
    return _of_sheet(_displaced(made, source_x, source_y, light), view, backdrop, rng)


def _crumpled(size: tuple[int, int], rng: np.random.Generator, cells: int = 9) -> Floats:
    """Return a field from -1 to 1 with facets of a `cells`-th of the size."""
    coarse = rng.uniform(-1, 1, (cells, cells)).astype(np.float32)
    return np.asarray(Image.fromarray(coarse).resize(size, Image.Resampling.BILINEAR), np.float32)


def _dim(scan: FaultyScan, view: View, backdrop: Floats, rng: np.random.Generator) -> Take:
    """Show the code on a phone at its least brightness: little contrast, bands of its dimming, fingerprints."""
    s = scan.severity
    black, white = 14.0, 90.0 - 50.0 * s
    made = sheet(modules_of(scan.text), replace(view, black=black, white=white))
    light = np.clip(1 + 0.25 * _crumpled(made[0].size, rng, 5), 0.6, 1.2)
    made = _displaced(made, *_points(made), light.astype(np.float32))
    dark_hall, noisy = backdrop * np.float32(0.45), replace(view, noise=3 + 5 * s)

    def take() -> Gray:
        seen = jittered(noisy, rng)
        scene = placed(*made, seen, dark_hall)
        wave = np.sin(_ROW * np.float32(2 * np.pi / rng.uniform(40, 160)) + np.float32(rng.uniform(0, 6.28)))
        bands = 1 - np.float32(0.15 + 0.4 * s) * (wave > 0.2)
        return taken(scene * bands, seen, rng)

    return take


def _reflection(scan: FaultyScan, view: View, backdrop: Floats, rng: np.random.Generator) -> Take:
    """Lay another picture and a lamp over the glass before the code."""
    made, s = sheet(modules_of(scan.text), view), scan.severity
    mirrored = hall(rng)[:, ::-1] * np.float32(0.15 + 0.45 * s)

    def take() -> Gray:
        seen = jittered(view, rng)
        scene = placed(*made, seen, backdrop)
        reach = seen.module * 14
        x, y = (np.float32(middle + rng.normal(0, 0.9) * reach) for middle in seen.centre)
        size = np.float32(reach * rng.uniform(0.15, 0.2 + 0.3 * s))
        lamp = 330 * np.exp(-((((_COLUMN - x) ** 2 + (_ROW - y) ** 2) / size**2) ** 2)).astype(np.float32)
        return taken(
            scene * np.float32(1 - 0.25 * s) + np.roll(mirrored, int(rng.integers(-40, 40)), 1) + lamp,
            seen,
            rng,
        )

    return take


def _off_frame(scan: FaultyScan, view: View, backdrop: Floats, rng: np.random.Generator) -> Take:
    """Cut the code off at an edge of the frame: the quiet zone first, then up to two modules without a finder."""
    made = sheet(modules_of(scan.text), view)
    modules = made[0].width / made[1]
    lost = 1.0 + 5.0 * scan.severity

    def take() -> Gray:
        seen = jittered(replace(view, angle=view.angle / 6, tilt=0.0), rng)
        reach = seen.module * modules / 2
        cut = (lost + rng.normal(0, 0.5)) * seen.module
        seen = replace(seen, centre=(WIDTH - reach + cut, HEIGHT / 2 + rng.normal(0, 60)), angle=seen.angle)
        return taken(placed(*made, replace(seen, angle=seen.angle + 0.0), backdrop), seen, rng)

    return take


def _beside_foreign(scan: FaultyScan, view: View, backdrop: Floats, rng: np.random.Generator) -> Take:
    """Hold our code beside one of somebody else's, which is as large."""
    return _two_sheets(scan.text, "https://example.org/menu", view, backdrop, rng, scan.severity)


def _two_of_ours(scan: FaultyScan, view: View, backdrop: Floats, rng: np.random.Generator) -> Take:
    """Show two bookings at once."""
    return _two_sheets(text_of(rng), text_of(rng), view, backdrop, rng, 0.0)


def _two_sheets(
    one: str, other: str, view: View, backdrop: Floats, rng: np.random.Generator, severity: float
) -> Take:
    first, second = (sheet(modules_of(text), view) for text in (one, other))
    module = 6.0 - 2.5 * severity
    apart = module * (18 + 2 * rng.uniform())

    def take() -> Gray:
        seen = jittered(replace(view, module=module), rng)
        left, right = ((seen.centre[0] + side * apart, seen.centre[1]) for side in (-1, 1))
        scene = placed(*first, replace(seen, centre=left), backdrop)
        return taken(placed(*second, replace(seen, centre=right), scene), seen, rng)

    return take


def _damaged(scan: FaultyScan, view: View, backdrop: Floats, rng: np.random.Generator) -> Take:
    """Soil so much of a code of ours that nothing can mend it; its finders stay."""
    dark = modules_of(text_of(rng)).copy()
    soiled = rng.uniform(size=dark.shape) < 0.35
    soiled[:12, :12] = soiled[:12, -12:] = soiled[-12:, :12] = False
    soiled[:4] = soiled[-4:] = soiled[:, :4] = soiled[:, -4:] = False
    return _of_sheet(sheet(dark ^ soiled, view), view, backdrop, rng)


def _nothing(scan: FaultyScan, view: View, backdrop: Floats, rng: np.random.Generator) -> Take:
    return lambda: taken(backdrop, jittered(view, rng), rng)


def _wrong_kind(scan: FaultyScan, view: View, backdrop: Floats, rng: np.random.Generator) -> Take:
    return _of_sheet(sheet(foreign_modules(scan.condition), view), view, backdrop, rng)


def foreign_modules(kind: str) -> NDArray[np.bool_]:
    """Return the dark modules of a code of another kind, with its quiet zone."""
    if kind == "foreign QR":
        return modules_of(FOREIGN_TEXTS[kind])
    made = zxingcpp.create_barcode(FOREIGN_TEXTS[kind], getattr(zxingcpp.BarcodeFormat, kind))
    drawn = np.array(zxingcpp.write_barcode_to_image(made, scale=1, add_quiet_zones=False)) < 128
    if kind == "EAN13":
        drawn = drawn[:1].repeat(40, 0)
    return np.pad(drawn, 4)


_TAKES: dict[str, Taking] = {
    "fold": _fold,
    "creased paper": _creased,
    "dim screen": _dim,
    "reflection": _reflection,
    "partly off the frame": _off_frame,
    "beside a foreign QR": _beside_foreign,
    "two of ours": _two_of_ours,
    "damaged beyond repair": _damaged,
    "no code": _nothing,
}
