"""The pinned PySide6: no Qt call takes a reference of None away (6.12.0 does on Python 3.11, and aborts)."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QLabel

CALLS = 5000


@pytest.fixture
def painter(qapp):
    """Give a painter on a small picture."""
    picture = QPixmap(20, 20)
    painter = QPainter(picture)
    yield painter
    painter.end()


def drift(call):
    """Count the references of None that one call makes or takes, on average."""
    call()
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        call()
    return (sys.getrefcount(None) - before) / CALLS


def test_void_calls_leave_none_alone(qtbot, painter):
    label, timer, color = QLabel(), QTimer(), QColor("#0B4A8F")
    qtbot.addWidget(label)
    calls = {
        "setText": lambda: label.setText("10:02"),
        "update": label.update,
        "resize": lambda: label.resize(10, 10),
        "setPen": lambda: painter.setPen(color),
        "drawText": lambda: painter.drawText(1, 1, "P042"),
        "fillRect": lambda: painter.fillRect(0, 0, 5, 5, color),
        "timer": lambda: (timer.start(1000), timer.stop()),
    }
    drifting = {name: moved for name, call in calls.items() if abs(moved := drift(call)) > 0.01}
    assert drifting == {}
