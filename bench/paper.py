"""How long a slip takes to set and encode, and how many bytes go to the printer."""

from __future__ import annotations

import time
from statistics import median

from bench.table import Row
from printers import PrinterSettings, Slip
from printers.encode import encode

ROUNDS = 40


def run() -> list[Row]:
    """Set a new slip each round, in Polish and in Georgian, at 80 mm; the first round warms the fonts."""
    rows = []
    for language, slips in (("Polish", _polish), ("Georgian", _georgian)):
        settings = PrinterSettings(device="virtual:")
        encode(slips(0), settings)
        times, sizes = [], []
        for turn in range(1, ROUNDS + 1):
            slip = slips(turn)
            began = time.perf_counter()
            data = encode(slip, settings)
            times.append((time.perf_counter() - began) * 1e3)
            sizes.append(len(data) / 1e3)
        rows += [
            Row(
                f"slip in {language}, layout and bytes, p50", median(times), "ms", "≤ 30", median(times) <= 30
            ),
            Row(f"slip in {language}, largest", max(sizes), "kB", "≤ 30", max(sizes) <= 30),
        ]
    return rows


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
