"""Where things stand on the paper: each in its place, whole, and apart from the next."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageChops

from printers.elements import BigNumber, Gap, Mark, Pair, Picture, Rule, Text
from printers.layout import PAPER_80_MM, Page, module_dots, render

MARGIN = 32


def ink(picture: Image.Image) -> tuple[int, int, int, int]:
    box = ImageChops.invert(picture.convert("1")).getbbox()
    assert box is not None
    return box


def black(picture: Image.Image) -> int:
    return picture.convert("L").histogram()[0]


@pytest.mark.parametrize("element", [Text("Sala A", 30), BigNumber("P042", 174), Mark("KOPIA")])
def test_texts_numbers_and_marks_stand_in_the_middle_and_whole(element: Text | BigNumber | Mark):
    picture = render([Gap(40), element, Gap(40)], PAPER_80_MM)
    left, top, right, bottom = ink(picture)
    assert abs(left - (PAPER_80_MM - right)) <= 6
    assert 40 <= top < bottom <= picture.height - 40


def test_a_number_takes_about_the_height_of_its_figures():
    picture = render([BigNumber("P042", 174)], PAPER_80_MM)
    _, top, _, bottom = ink(picture)
    assert bottom - top >= 0.7 * picture.height


def test_a_mark_is_white_on_black():
    picture = render([Mark("KOPIA")], PAPER_80_MM)
    left, top, right, bottom = ink(picture)
    bar = picture.crop((left, top, right, bottom)).convert("L")
    assert (top, bottom) == (0, picture.height)
    assert 0.5 < black(bar) / (bar.width * bar.height) < 0.97
    word = ink(ImageChops.invert(bar))
    assert word[1] >= 5
    assert bar.height - word[3] >= 5
    assert abs(word[0] - (bar.width - word[2])) <= 6


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_a_label_stands_at_the_beginning_and_its_value_at_the_end(direction: str):
    picture = render([Pair("MMMMMM", "1", 26)], PAPER_80_MM, direction)
    half = PAPER_80_MM // 2
    first, second = (
        picture.crop((0, 0, half, picture.height)),
        picture.crop((half, 0, PAPER_80_MM, picture.height)),
    )
    label, value = (first, second) if direction == "ltr" else (second, first)
    assert black(label) > 3 * black(value) > 0
    left, _, right, _ = ink(picture)
    assert MARGIN <= left <= MARGIN + 6
    assert MARGIN <= PAPER_80_MM - right <= MARGIN + 8


def test_a_value_that_has_no_room_beside_its_label_stands_below():
    beside = render([Pair("Label", "value", 26)], PAPER_80_MM).height
    below = render([Pair("Label " * 3, "value " * 5, 26)], PAPER_80_MM)
    assert below.height > 1.6 * beside
    assert ink(below)[3] <= below.height


def test_a_rule_is_three_dots_high_and_as_wide_as_the_text():
    picture = render([Rule()], PAPER_80_MM)
    assert picture.height == 4
    left, top, right, bottom = ink(picture)
    assert (left, top, bottom) == (MARGIN, 0, 4)
    assert PAPER_80_MM - MARGIN - 10 < right <= PAPER_80_MM - MARGIN


@pytest.mark.parametrize(
    ("modules", "width", "dots"),
    [(29, 576, 8), (29, 384, 6), (29, 200, 4), (39, 200, 3), (53, 576, 4), (177, 576, 3), (177, 200, 1)],
)
def test_a_code_is_about_26_mm_wide_and_never_wider_than_the_paper(modules: int, width: int, dots: int):
    assert module_dots(modules, width) == dots
    assert modules * dots <= width


def test_a_logo_stands_in_the_middle(tmp_path: Path):
    Image.new("L", (100, 50), 0).save(tmp_path / "logo.png")
    picture = render([Picture(str(tmp_path / "logo.png"), 50), Gap(10)], PAPER_80_MM)
    assert ink(picture) == (238, 0, 338, 50)


def test_paper_of_25_mm_is_the_narrowest():
    assert render([Gap(4)], 200).size == (200, 4)
    with pytest.raises(ValueError, match="too narrow"):
        render([Gap(4)], 199)


def test_empty_paper_is_white():
    assert black(render([Gap(40)], PAPER_80_MM)) == 0


@pytest.mark.parametrize(
    ("width", "margin", "measure", "size"),
    [(576, 32, 512, 40), (384, 22, 340, 34), (200, 12, 176, 28), (100, 8, 84, 25), (2000, 112, 1776, 60)],
)
def test_margins_and_sizes_follow_the_width_of_the_paper(width: int, margin: int, measure: int, size: int):
    page = Page(width, "ltr")
    assert (page.margin, page.measure, page.scaled(40)) == (margin, measure, size)
    assert page.scaled(10) == max(14, round(size / 4))


def test_a_long_text_keeps_its_margins():
    picture = render([Text("numer " * 60, 30)], PAPER_80_MM)
    left, _, right, _ = ink(picture)
    assert left >= MARGIN
    assert PAPER_80_MM - right >= MARGIN
