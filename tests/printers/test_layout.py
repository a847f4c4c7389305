"""The paper as a picture: every script is drawn, nothing is clipped, codes can be read."""

from __future__ import annotations

import logging

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from printers import Slip, fonts, layout, typeset
from printers.elements import Gap, Text
from printers.layout import PAPER_58_MM, PAPER_80_MM, preview, render
from tests.examples import examples
from tests.printers.samples import CODE, COPY_MARKS, SLIPS

WIDTHS = (PAPER_80_MM, PAPER_58_MM)
needs_fonts = pytest.mark.skipif(bool(fonts.lacking()), reason="; ".join(fonts.lacking()))


def ink(picture: Image.Image) -> tuple[int, int, int, int]:
    box = ImageChops.invert(picture.convert("1")).getbbox()
    assert box is not None
    return box


@needs_fonts
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", SLIPS)
def test_nothing_touches_the_edge_of_the_paper(language: str, width: int):
    for slip in (SLIPS[language], SLIPS[language].as_copy(COPY_MARKS[language])):
        picture = preview(slip, width)
        left, top, right, bottom = ink(picture)
        assert picture.mode == "1"
        assert picture.width == width
        assert min(left, top, width - right, picture.height - bottom) >= 8


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", SLIPS)
def test_a_second_decoder_reads_the_code(language: str, width: int):
    found = zxingcpp.read_barcodes(preview(SLIPS[language], width).convert("L"))
    assert [code.text for code in found] == [CODE]


@needs_fonts
@pytest.mark.parametrize("language", SLIPS)
def test_every_letter_has_a_shape_of_its_own(language: str):
    slip = SLIPS[language]
    texts = [slip.office, slip.hall, slip.service, slip.prepare, slip.qr_caption, COPY_MARKS[language]]
    for letter in set("".join([*texts, *(part for row in slip.rows for part in row)])):
        assert fonts.covers(fonts.family_for(letter), letter), f"U+{ord(letter):04X} is drawn as a box"


def test_what_no_font_has_is_told_from_a_letter():
    assert not fonts.covers("Inter", "\U0010fffd")
    assert fonts.covers(fonts.family_for("P"), "P")


@needs_fonts
def test_arabic_letters_are_joined_and_run_from_the_right():
    style = typeset.Style(40)
    joined = typeset.set_line("سلام", style, "rtl").width
    apart = sum(typeset.set_line(letter, style, "rtl").width for letter in "سلام")
    assert joined < apart
    line = typeset.set_line("الحجز P042 الآن", style, "rtl")
    assert [run.text.strip() for run in line.runs if run.text.strip()] == ["الآن", "P042", "الحجز"]


@needs_fonts
def test_brackets_around_latin_in_arabic_keep_their_sides():
    line = typeset.set_line("الحجز (PDF)", typeset.Style(24), "rtl")
    latin = next(index for index, run in enumerate(line.runs) if run.text == "PDF")
    # In a run from the right the closing bracket is mirrored, and stands left of what it closes.
    assert line.runs[latin - 1].text == ")"
    assert line.runs[latin - 1].direction == "rtl"
    assert line.runs[latin + 1].direction == "rtl"


def test_a_number_shrinks_until_it_fits():
    line = typeset.fit("P042-000000042", typeset.Style(174, "Bold"), 320, "ltr")
    assert line.width <= 320
    assert line.style.size < 174
    assert typeset.fit("P042", typeset.Style(60, "Bold"), 320, "ltr").style.size == 60


@given(st.text(alphabet="ab é–Яậსاب 1.\u0301", min_size=1, max_size=120), st.sampled_from(["ltr", "rtl"]))
@settings(max_examples=examples(60))
def test_wrapped_lines_fit_and_lose_nothing(text: str, around: typeset.Direction):
    lines = typeset.wrap(text, typeset.Style(22), 160, around)
    assert all(line.width <= 160 for line in lines)
    drawn = sorted("".join(run.text for line in lines for run in line.runs).replace(" ", ""))
    assert [c for c in drawn if c != "\u00a0"] == sorted(text.replace(" ", ""))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("ا" + "\u0301" * 60, id="more marks on a letter than a line has room for"),
        pytest.param("1111ا111111.. 11", id="digits behind a blank in the font of the letters before it"),
        pytest.param("1111111111111ا1\u0301", id="a mark that makes the last letter of a line wider"),
    ],
)
def test_what_is_wider_in_its_line_than_alone_fits_too(text: str):
    lines = typeset.wrap(text, typeset.Style(22), 160, "ltr")
    assert max(line.width for line in lines) <= 160
    drawn = "".join(run.text for line in lines for run in line.runs)
    assert sorted(drawn.replace(" ", "")) == sorted(text.replace(" ", ""))


def test_a_letter_keeps_its_marks_where_a_line_has_room_for_them():
    lines = typeset.wrap("e\u0301" * 40, typeset.Style(22), 160, "ltr")
    assert len(lines) > 1
    assert all(line.runs[0].text.startswith("e") for line in lines)


def test_a_dash_does_not_begin_a_line():
    lines = typeset.wrap("aaaa bbbb cccc – dddd eeee", typeset.Style(24), 170, "ltr")
    assert len(lines) > 1
    assert not any(line.runs[0].text.startswith("–") for line in lines)


def test_a_copy_carries_its_mark():
    plain, copy = preview(SLIPS["pl"]), preview(SLIPS["pl"].as_copy("KOPIA"))
    assert copy.height > plain.height
    bar = copy.crop((0, 0, copy.width, copy.height - plain.height))
    left, top, right, bottom = ink(bar)
    black = bar.crop((left, top, right, bottom)).convert("L").histogram()[0]
    assert black > 0.5 * (right - left) * (bottom - top), "white letters on a black bar"


def test_a_logo_is_drawn_and_a_broken_one_is_left_out(tmp_path, caplog: pytest.LogCaptureFixture):
    Image.new("RGBA", (900, 300), (0, 0, 0, 255)).save(tmp_path / "logo.png")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    with_logo = preview(Slip("P1", logo=str(tmp_path / "logo.png")))
    assert with_logo.height > preview(Slip("P1")).height + 80
    with caplog.at_level(logging.WARNING):
        assert preview(Slip("P1", logo=str(tmp_path / "broken.png"))).width == 576
    assert "broken.png" in caplog.text


def test_without_fonts_the_slip_still_comes_out(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    caches = (fonts._files, fonts._families, fonts.load, fonts.covers, fonts.family_for, fonts.warn_once)
    caches += (typeset.set_line, typeset._stamp)
    for cache in caches:
        cache.cache_clear()
    monkeypatch.setattr(fonts.os, "walk", lambda root: iter(()))
    try:
        with caplog.at_level(logging.WARNING):
            picture = preview(Slip("P042", office="Office"))
        assert ink(picture)[3] > 100
        assert "fonts-inter" in caplog.text
        assert fonts.lacking()
    finally:
        monkeypatch.undo()
        for cache in caches:
            cache.cache_clear()


def test_paper_that_is_too_narrow_is_refused_and_a_long_slip_ends():
    with pytest.raises(ValueError, match="too narrow"):
        preview(Slip("P1"), 100)
    assert render([Text("a", 20), Gap(50_000)], 576).height == layout.LONGEST_SLIP
