"""The theme: contrast by computation, tabular figures, lengths by screen."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFontDatabase, QFontMetricsF
from PySide6.QtWidgets import QLabel

from terminal import theme as theme_module
from terminal.theme import HIGH_CONTRAST, NORMAL, PAIRS, Theme, contrast, missing_fonts, theme_for


def test_contrast_is_the_ratio_of_wcag():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("pair", PAIRS, ids="-on-".join)
def test_text_can_be_read(pair):
    front, back = pair
    assert contrast(getattr(NORMAL, front), getattr(NORMAL, back)) >= 4.5
    assert contrast(getattr(HIGH_CONTRAST, front), getattr(HIGH_CONTRAST, back)) >= 7


def test_figures_are_tabular_also_under_a_style_sheet(qtbot):
    theme = Theme()
    metrics = QFontMetricsF(theme.font(100))
    assert metrics.horizontalAdvance("111") == metrics.horizontalAdvance("000")
    label = QLabel("1")
    qtbot.addWidget(label)
    label.setFont(theme.font(30))
    label.setStyleSheet("font-size: 90px; font-weight: 700")
    label.ensurePolished()
    metrics = QFontMetricsF(label.font())
    assert metrics.horizontalAdvance("111") == metrics.horizontalAdvance("000")


def test_a_style_sheet_gets_colours_and_lengths():
    sheet = theme_for(540, 960, (1080, 1920)).style("a { color: $ink_soft; margin: px(24) px(3.5) }")
    assert sheet == "a { color: #4A5A70; margin: 12px 2px }"


def test_an_unknown_token_is_a_mistake():
    with pytest.raises(KeyError):
        Theme().style("a { color: $inky }")


def test_millimetres_are_real():
    assert Theme(pixels_per_mm=4.0).mm(20) == 80


def test_a_missing_font_is_told_with_its_package(qapp, monkeypatch):
    class Bare(QFontDatabase):
        @staticmethod
        def families():
            return ["DejaVu Sans", "Noto Sans"]

    monkeypatch.setattr(theme_module, "QFontDatabase", Bare)
    assert missing_fonts() == ["fonts-inter"]
