"""How long a slip takes to set, to encode and to print on lines of each speed, and how many bytes it has."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from statistics import median

from bench.table import Row
from printers import JobState, PrinterSettings, Slip, open_printer
from printers.encode import encode
from printers.settings import TextKind
from printers.virtual import Machine, PtyPort, VirtualPrinter

ROUNDS = 40
# A thermal printer of 150 mm/s at 203 dots an inch.
DOTS_PER_SECOND = 1200
MODEL = "TM-T20II"
BAUDS = (9600, 19_200, 38_400, 115_200)
Slips = Callable[[int], Slip]


def run() -> list[Row]:
    """Set a new slip each round at 80 mm, then print one on each line; the first round warms the fonts."""
    rows = []
    for language, slips in (("Polish", _polish), ("English", _english), ("Georgian", _georgian)):
        rows += _encoded(f"slip in {language}", slips, PrinterSettings("virtual:"), 30)
    for language, slips in (("Polish", _polish), ("English", _english)):
        rows += _encoded(f"slip in {language}, own letters", slips, PrinterSettings("virtual:", MODEL), 12)
    return rows + _lines()


def _encoded(what: str, slips: Slips, settings: PrinterSettings, most_kb: float) -> list[Row]:
    encode(slips(0), settings)
    times, sizes = [], []
    for turn in range(1, ROUNDS + 1):
        slip = slips(turn)
        began = time.perf_counter()
        data = encode(slip, settings)
        times.append((time.perf_counter() - began) * 1e3)
        sizes.append(len(data) / 1e3)
    took, largest = median(times), max(sizes)
    return [
        Row(f"{what}, layout and bytes, p50", took, "ms", "≤ 30", took <= 30),
        Row(f"{what}, largest", largest, "kB", f"≤ {most_kb:g}", largest <= most_kb),
    ]


def _lines() -> list[Row]:
    """Print on virtual printers of 150 mm/s until they say that the slip is out."""
    rows = []
    ways: tuple[tuple[str, Slips, TextKind], ...] = (
        ("Polish, own letters", _polish, "auto"),
        ("Polish, drawn", _polish, "raster"),
        ("Georgian, drawn", _georgian, "auto"),
    )
    for language, slips, text in ways:
        for baud in (*BAUDS, 0):
            what = f"slip in {language}, over {f'{baud} baud' if baud else 'TCP'}"
            with _printer(baud) as address:
                seconds = _printed(slips(7), PrinterSettings(address, MODEL, text=text, job_seconds=30))
            if seconds is None:
                rows.append(Row(what, "not confirmed", "s"))
            elif text == "auto" and slips is _polish:
                rows.append(Row(what, seconds, "s", "≤ 5", seconds <= 5))
            else:
                rows.append(Row(what, seconds, "s"))
    return rows


@contextmanager
def _printer(baud: int) -> Iterator[str]:
    """Run a printer on a line of so many baud, or on TCP for 0; give its address."""
    if baud:
        with closing(Machine(profile=MODEL, model=MODEL)) as machine:
            machine.set(dots_per_second=DOTS_PER_SECOND)
            port = PtyPort(machine, baud)
            try:
                yield port.address
            finally:
                port.unplug()
    else:
        with VirtualPrinter(profile=MODEL, model=MODEL) as printer:
            printer.machine.set(dots_per_second=DOTS_PER_SECOND)
            yield printer.address


def _printed(slip: Slip, settings: PrinterSettings) -> float | None:
    """Return the seconds until a printer, known before, confirms the slip; None when it does not."""
    spooler = open_printer(settings)
    try:
        if spooler.print(Slip("A0")).wait(60) is not JobState.CONFIRMED:
            return None
        began = time.perf_counter()
        state = spooler.print(slip).wait(60)
        return time.perf_counter() - began if state is JobState.CONFIRMED else None
    finally:
        spooler.close()


def _polish(turn: int) -> Slip:
    return Slip(
        f"P{turn:03d}",
        office="Urząd Wojewódzki",
        hall="Sala A · Obsługa klienta",
        service="Paszport – wniosek",
        rows=(
            ("Wizyta", "10:00"),
            ("Wydano", f"24.11.2026 09:{turn:02d}"),
            ("Przed Tobą", str(turn)),
            ("Wezwanie ok.", "10:00–10:05"),
        ),
        prepare="Przygotuj: dokument tożsamości, fotografię, potwierdzenie opłaty i rezerwacji",
        qr=f"https://numerek.example.org/t/{turn:x}-abcdefghijklmnopqrstuvwxyz",
        qr_caption="Śledź kolejkę w telefonie",
    )


def _english(turn: int) -> Slip:
    return Slip(
        f"L{turn:03d}",
        office="Voivodeship Office",
        hall="Hall A · Customer service",
        service="Residence permit",
        rows=(
            ("Visit", "10:00"),
            ("Issued", f"24.11.2026 09:{turn:02d}"),
            ("Ahead of you", str(turn)),
            ("Expected call", "10:00–10:05"),
        ),
        prepare="Please prepare: identity document, photograph, proof of payment and reservation",
        qr=f"https://numerek.example.org/t/{turn:x}-abcdefghijklmnopqrstuvwxyz",
        qr_caption="Follow the queue on your phone",
    )


def _georgian(turn: int) -> Slip:
    return Slip(
        f"L{turn:03d}",
        office="სავოევოდო უწყება",
        hall="დარბაზი A",
        service="ბინადრობის ნებართვა",
        rows=(("ვიზიტი", "10:00"), ("გაცემულია", f"24.11.2026 09:{turn:02d}"), ("თქვენ წინ", str(turn))),
        prepare="მოამზადეთ პირადობის დამადასტურებელი დოკუმენტი და ფოტოსურათი",
        qr=f"https://numerek.example.org/t/{turn:x}-abcdefghijklmnopqrstuvwxyz",
        qr_caption="თვალი ადევნეთ რიგს ტელეფონში",
    )
