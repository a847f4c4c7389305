"""Sample values for the kiosk's tests, which the self-test uses too, and the settling of a window."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent

from kiosk.self_test.samples import (
    CODE,
    NOON,
    NOT_TODAY,
    OFFERS,
    OFFICE,
    OTHER_QR,
    PLAIN_OFFICE,
    QR,
    around,
    every_screen,
    ticket,
)

__all__ = [
    "CODE",
    "NOON",
    "NOT_TODAY",
    "OFFERS",
    "OFFICE",
    "OTHER_QR",
    "PLAIN_OFFICE",
    "QR",
    "around",
    "every_screen",
    "settle",
    "ticket",
]


def settle() -> None:
    """Let Qt lay out, paint, and clear away the screens that have gone."""
    QCoreApplication.processEvents()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
