"""How well and how fast the kiosk reads QRs: frames and scans of two hard sets, by condition."""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from bench.faults import FAULTS, FaultyScan, faulty_scans
from bench.hard_set import CONDITIONS, Scan, scans
from bench.table import Row, print_table
from kiosk.qr.decoder import QrDecoder
from kiosk.qr.ladder import by_zxing
from kiosk.scanners.opened import is_booking_qr

SCANS_GOAL_PERCENT = 99.0
FRAME_GOAL_MS = 40.0


@dataclass(slots=True)
class Tally:
    """What happened to the frames and scans of a condition."""

    frames: int = 0
    frames_read: int = 0
    scans: int = 0
    scans_read: int = 0
    wrong: int = 0
    frame_ms: list[float] = field(default_factory=list)
    processor_ms: list[float] = field(default_factory=list)
    raw_ms: list[float] = field(default_factory=list)


def run(per_condition: int = 10) -> list[Row]:
    """Read the hard set through the decoder's process as a live camera would; return the table's rows.

    Every frame of a scan is read, also after the first success, for the share of frames; a scan counts as read
    when any of its 15 frames is. Texts that are not the scan's own count as wrong.
    """
    return _read_all("QR", scans(per_condition), CONDITIONS)


def run_faults(per_condition: int = 10) -> list[Row]:
    """Read the second set, of real paper's and real phones' faults, in the same way (bench/faults.py)."""
    return _read_all("QR faults", faulty_scans(per_condition), FAULTS)


def _read_all(name: str, all_scans: Sequence[Scan | FaultyScan], conditions: Sequence[str]) -> list[Row]:
    tallies: dict[str, Tally] = defaultdict(Tally)
    with QrDecoder() as decoder:
        decoder.open()
        for scan in all_scans:
            _read(scan, decoder, tallies[scan.condition])
    return _rows(name, tallies, conditions)


def _read(scan: Scan | FaultyScan, decoder: QrDecoder, tally: Tally) -> None:
    was_read = False
    for frame in scan.frames():
        began = time.process_time()
        by_zxing(frame)
        tally.raw_ms.append((time.process_time() - began) * 1000)
        began = time.perf_counter()
        text = decoder.read(frame, is_booking_qr)
        tally.frame_ms.append((time.perf_counter() - began) * 1000)
        tally.processor_ms.append(decoder.spent_s * 1000)
        tally.frames += 1
        is_right = text is not None and text == scan.text
        tally.frames_read += is_right
        tally.wrong += text is not None and not is_right
        was_read = was_read or is_right
    tally.scans += 1
    tally.scans_read += was_read


def _rows(name: str, tallies: dict[str, Tally], conditions: Sequence[str]) -> list[Row]:
    hard = [tallies[condition] for condition in conditions]
    frame_ms = [ms for tally in tallies.values() for ms in tally.frame_ms]
    p50, p95 = (float(np.percentile(frame_ms, part)) for part in (50, 95))
    processor_ms = [ms for tally in tallies.values() for ms in tally.processor_ms]
    raw_ms = float(np.median([ms for tally in tallies.values() for ms in tally.raw_ms]))
    share = _percent(sum(t.scans_read for t in hard), sum(t.scans for t in hard))
    wrong = sum(t.wrong for t in tallies.values())
    rows = [
        Row(f"{name}: a 720p frame, p50", round(p50, 1), "ms"),
        Row(f"{name}: a 720p frame, p95", round(p95, 1), "ms", f"≤ {FRAME_GOAL_MS:g}", p95 <= FRAME_GOAL_MS),
        Row(f"{name}: of that processor time, p95", round(float(np.percentile(processor_ms, 95)), 1), "ms"),
        Row(f"{name}: one look of zxing-cpp at a whole frame, p50", round(raw_ms, 1), "ms"),
        Row(
            f"{name}: frames read",
            _percent(sum(t.frames_read for t in hard), sum(t.frames for t in hard)),
            "%",
        ),
        Row(f"{name}: scans read", share, "%", f"≥ {SCANS_GOAL_PERCENT:g}", share >= SCANS_GOAL_PERCENT),
        Row(f"{name}: wrong texts", float(wrong), "", "0", wrong == 0),
    ]
    for condition in conditions:
        tally = tallies[condition]
        figures = (
            f"{_percent(tally.frames_read, tally.frames):g} / {_percent(tally.scans_read, tally.scans):g}"
        )
        rows.append(Row(f"{name}: {condition}, frames / scans", figures, "%"))
    return rows


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1)


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    print_table(run(count) + run_faults(count))
