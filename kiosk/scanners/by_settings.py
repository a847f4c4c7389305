"""The scanners that the table of config.toml names."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.scanners import Added, ScannerSettings, open_scanners
from kiosk.scanners.opened import ScannerSet, is_booking_qr
from kiosk.scanners.trial import kept_gap_ms
from wire.settings import KioskSettings


def scanners_of(table: KioskSettings, accept: Callable[[str], bool] | None = None) -> ScannerSet:
    """Make the scanners that the kiosk's table names; `accept` says which texts may come out of pictures."""
    scanner = table.scanner
    return open_scanners(
        ScannerSettings(
            wedge=scanner.wedge,
            serial=scanner.serial,
            baud=scanner.baud,
            added=Added(scanner.prefix, scanner.suffix),
            gap_ms=kept_gap_ms(table.token_file.with_suffix(".scanner"), otherwise=scanner.gap_ms),
            unfinished_ms=scanner.unfinished_ms,
            camera=scanner.camera,
            rung_rest_s=scanner.rung_rest_seconds,
            images=str(scanner.images) if scanner.images else "",
        ),
        accept=accept or is_booking_qr,
    )
