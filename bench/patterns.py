"""Whether patterned cloth, walls and floors hold the QR reader up: patterns behind and beside a code."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageDraw

from bench.hard_set import text_of
from bench.photograph import HEIGHT, WIDTH, Floats, Gray, View, photograph
from bench.table import Row, print_table
from kiosk.qr.decoder import QrDecoder
from kiosk.scanners.opened import is_booking_qr

PATTERNS = ("checks", "stripes", "rings", "dots", "text")
FRAME_GOAL_MS = 40.0
FRAMES_A_SECOND_GOAL = 15.0
_X = np.arange(WIDTH, dtype=np.float32)[np.newaxis, :]
_Y = np.arange(HEIGHT, dtype=np.float32)[:, np.newaxis]
_MIDDLE = (WIDTH / 2, HEIGHT / 2)
_BESIDE = (WIDTH / 4, HEIGHT / 2)


def pattern(name: str, period: float) -> Floats:
    """Paint a frame full of one of PATTERNS, dark on light; `period` in pixels."""
    if name == "text":
        return _print(period)
    x, y = (2 * np.pi / period) * _X, (2 * np.pi / period) * _Y
    waves: dict[str, Floats] = {
        "checks": np.sign(np.sin(x)) + np.sign(np.sin(y)),
        "stripes": np.sign(np.sin(x)) + 0 * y,
        "rings": np.sign(_ring_waves(period)),
        "dots": np.sign(np.sin(x) * np.sin(y) - 0.3),
    }
    wave = waves[name]
    least, most = float(wave.min()), float(wave.max())
    return (40 + 170 * (wave - least) / (most - least)).astype(np.float32)


def _ring_waves(period: float) -> Floats:
    """Return rings around many middles, each like a finder of a QR: dark, light, dark."""
    cell = 5 * period
    distance = np.hypot((_X % cell) - cell / 2, (_Y % cell) - cell / 2)
    return np.cos(distance * (2 * np.pi / period)).astype(np.float32)


def _print(size: float) -> Floats:
    page = Image.new("L", (WIDTH, HEIGHT), 210)
    pen = ImageDraw.Draw(page)
    for line in range(int(HEIGHT / size) + 1):
        words = f"{line:03} Urzad Wojewodzki, Oddzial Legalizacji Pobytu; hala A, okienka 1-12. "
        pen.text((0, line * size), words * 6, fill=40, font_size=size)
    return np.asarray(page, np.float32)


def frames(name: str, *, is_behind: bool, count: int = 12, seed: int = 7) -> Iterator[tuple[str, Gray]]:
    """Yield frames of a code before a pattern, or with the pattern in the other half, and their texts."""
    rng = np.random.default_rng(seed)
    text = text_of(rng)
    for _ in range(count):
        scene = pattern(name, float(rng.uniform(9, 48))).copy()
        if not is_behind:
            scene[:, : WIDTH // 2] = 150
        centre = _MIDDLE if is_behind else _BESIDE
        view = View(module=float(rng.uniform(4, 7)), angle=float(rng.uniform(-15, 15)), centre=centre)
        yield text, photograph(text, view, scene, rng)
        yield "", photograph("", view, scene, rng)


def run(count: int = 12) -> list[Row]:
    """Read every pattern behind and beside a code, and without one, through the decoder's process."""
    rows, all_ms, restarts = [], [], 0
    with QrDecoder() as decoder:
        decoder.open()
        for name in PATTERNS:
            read = shown = 0
            ms = []
            for is_behind in (True, False):
                for text, frame in frames(name, is_behind=is_behind, count=count):
                    began = time.perf_counter()
                    found = decoder.read(frame, is_booking_qr)
                    ms.append((time.perf_counter() - began) * 1000)
                    shown += bool(text)
                    read += bool(text) and found == text
            all_ms += ms
            rows.append(Row(f"QR: {name} behind and beside, p95", round(_p95(ms), 1), "ms"))
            rows.append(Row(f"QR: {name}, frames with a code read", round(100 * read / shown, 1), "%"))
        restarts = decoder.restarts
    p95, rate = _p95(all_ms), 1000 * len(all_ms) / sum(all_ms)
    return [
        Row("QR before patterns: a 720p frame, p95", round(p95, 1), "ms", "≤ 40", p95 <= FRAME_GOAL_MS),
        Row("QR before patterns: frames", round(rate, 1), "/s", "≥ 15", rate >= FRAMES_A_SECOND_GOAL),
        Row("QR before patterns: restarts of the reader", float(restarts), "", "0", restarts == 0),
        *rows,
    ]


def _p95(times: list[float]) -> float:
    return float(np.percentile(times, 95))


if __name__ == "__main__":
    print_table(run(int(sys.argv[1]) if len(sys.argv) > 1 else 12))
