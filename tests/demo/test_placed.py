"""Where the windows of the demo's hall stand."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from deploy.demo.hall import COUNTER_PLACE
from deploy.demo.placed import _area


@pytest.mark.parametrize("smallest", [(0, 0), (600, 500), (5000, 5000)], ids=str)
def test_a_window_that_needs_more_than_its_place_stays_on_the_screen(
    qapp: QApplication, smallest: tuple[int, int]
) -> None:
    window = QWidget()
    window.setMinimumSize(*smallest)
    shares = tuple(float(each) for each in COUNTER_PLACE.split(","))
    screen, area = window.screen().availableGeometry(), _area(window, shares)
    assert screen.contains(area)
    assert area.width() >= min(smallest[0], screen.width())
    assert area.height() >= min(smallest[1], screen.height())
