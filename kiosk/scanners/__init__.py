"""Scanners read codes and deliver their text: keyboard wedge, serial port, camera, picture files, a script."""

from kiosk.scanners.opened import ScannerSet, ScannerSettings, open_scanners
from kiosk.scanners.scanner import Added, Scanner, ScannerState, ScriptedScanner

__all__ = [
    "Added",
    "Scanner",
    "ScannerSet",
    "ScannerSettings",
    "ScannerState",
    "ScriptedScanner",
    "open_scanners",
]
