"""Slips in a printer's own letters: few bytes, the right letters, and a picture wherever one is missing."""

from __future__ import annotations

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from printers import PrinterSettings, Slip
from printers.encode import _undoubled, encode, own_page, width_dots
from printers.layout import preview
from printers.native import PAGES
from printers.virtual.letters import FONT_A, row
from printers.virtual.paper import slips
from tests.examples import examples
from tests.printers.samples import CODE, COPY_MARKS, SLIPS
from tests.printers.test_encode import commands

# What a line of 9600 baud carries in five seconds: ten bits a byte.
BYTES_IN_FIVE_SECONDS = 5 * 9600 // 10


def of(profile: str, text: str = "auto", **more: object) -> PrinterSettings:
    return PrinterSettings("tcp://printer", profile=profile, text=text, **more)


def paper(slip: Slip, settings: PrinterSettings, profile: str | None = None) -> Image.Image:
    """Return the slip as it comes out of a printer that has the code pages of `profile`."""
    (printed,) = slips(encode(slip, settings), width_dots(settings), profile or settings.profile)
    return printed


def has_line(picture: Image.Image, text: str) -> bool:
    """Does the text stand in font A in the middle of a line?"""
    line = row(text, FONT_A)
    left = (picture.width - line.width) // 2
    column = picture.crop((left, 0, left + line.width, picture.height))
    return line.tobytes() in (
        column.crop((0, top, line.width, top + line.height)).tobytes()
        for top in range(picture.height - line.height)
    )


@pytest.mark.parametrize("language", ["pl", "en"])
@pytest.mark.parametrize("profile", ["TM-T20II", "TM-T88IV", "TM-T88V", "NT-5890K", "TH230"])
def test_a_slip_of_a_known_model_goes_over_a_slow_line_in_five_seconds(profile: str, language: str):
    native = encode(SLIPS[language], of(profile))
    assert len(native) <= BYTES_IN_FIVE_SECONDS
    # The control: drawn, it does not.
    assert len(encode(SLIPS[language], of(profile, "raster"))) > 2 * BYTES_IN_FIVE_SECONDS


@pytest.mark.parametrize(
    ("profile", "pages"),
    [
        ("TM-T20II", {"pl": "CP852", "en": "CP437", "uk": "CP1251"}),
        ("TM-T88IV", {"pl": "CP852", "en": "CP437"}),
        ("TM-T88III", {"en": "CP437"}),
        ("default", {}),
        ("simple", {}),
        ("TSP600", {}),
        ("TM-U220", {}),
    ],
)
def test_a_page_is_chosen_that_has_every_letter_or_none(profile: str, pages: dict[str, str]):
    found = {language: own_page(slip, of(profile)) for language, slip in SLIPS.items()}
    assert {language: page for language, page in found.items() if page} == pages


def test_what_the_setting_says_goes_before_the_profile():
    assert own_page(SLIPS["pl"], of("default", "native")) == "CP852"
    assert own_page(SLIPS["pl"], of("TM-T20II", "raster")) is None
    assert own_page(SLIPS["ar"], of("TM-T20II", "native")) is None


def test_one_letter_that_lacks_makes_a_picture_of_the_slip():
    assert own_page(Slip("P1", office="Urząd"), of("TM-T20II")) == "CP852"
    assert own_page(Slip("P1", office="Urząd ქ"), of("TM-T20II")) is None
    assert own_page(Slip("P1", office="Urząd"), of("TM-T20II", free_lines=("გ",))) is None


@pytest.mark.parametrize("profile", ["TM-T20II", "TH230", "NT-5890K"])
def test_polish_letters_come_out_as_they_are(profile: str):
    slip = Slip("P1", hall="ĄĆĘŁŃÓŚŹŻ", prepare="Zażółć gęślą jaźń")
    printed = paper(slip, of(profile))
    for line in (slip.hall, slip.prepare):
        assert has_line(printed, line)
    # The controls: another text, and a printer with the pages of another model.
    assert not has_line(printed, "Zazolc gesla jazn")
    assert not has_line(paper(slip, of(profile), "simple"), slip.hall)


def test_marks_that_a_page_lacks_become_ones_of_ascii():
    slip = Slip("P1", hall="Sala A · „Łódź” – wejście…")
    assert has_line(paper(slip, of("TM-T20II")), 'Sala A - "Łódź" - wejście...')


@pytest.mark.parametrize("profile", ["TM-T20II", "TM-T88V", "NT-5890K"])
@pytest.mark.parametrize("language", ["pl", "en"])
def test_the_number_is_as_large_as_a_drawn_one_and_the_code_is_read(profile: str, language: str):
    printed = paper(SLIPS[language], of(profile))
    shown = preview(SLIPS[language], printed.width)
    number, drawn = (max(band_heights(picture, 140)) for picture in (printed, shown))
    assert number == drawn
    assert [code.text for code in zxingcpp.read_barcodes(printed.convert("L"))] == [CODE]


@pytest.mark.parametrize("text", ["native", "raster"])
def test_a_code_that_the_printer_draws_stands_in_white(text: str):
    printed = paper(SLIPS["pl"], of("TM-T20II", text, native_qr=True))
    (code,) = zxingcpp.read_barcodes(printed.convert("L"))
    assert code.text == CODE
    above, below = code.position.top_left.y - 1, code.position.bottom_left.y + 2
    for top, bottom in ((above - 23, above), (below, below + 13)):
        assert ImageChops.invert(printed.crop((0, top, printed.width, bottom))).getbbox() is None


def band_heights(picture: Image.Image, most: int) -> list[int]:
    """Return the heights of all bands of ink that are at most `most` dots high."""
    profile = [
        ImageChops.invert(picture.crop((0, y, picture.width, y + 1))).getbbox() for y in range(picture.height)
    ]
    heights, height = [], 0
    for inked in [*profile, None]:
        if inked:
            height += 1
        elif height:
            heights.append(height)
            height = 0
    return [height for height in heights if height <= most]


@given(
    st.text("aęZ –·…/-\u00a0", max_size=120),
    st.text("aę 1:", max_size=60),
    st.sampled_from(["TM-T20II", "TM-T88V", "NT-5890K"]),
)
@settings(max_examples=examples(60))
def test_no_line_is_wider_than_the_paper_and_nothing_is_lost(text: str, value: str, profile: str):
    setting = of(profile)
    slip = Slip("P1", service=text, rows=((text, value),), prepare=text)
    lines = b"".join(
        command.data if command.name == b"text" else b"\n"
        for command in commands(encode(slip, setting))
        if command.name in (b"text", b"\n")
    ).split(b"\n")
    most = {512: 42, 576: 48, 384: 32}[width_dots(setting)]
    assert all(len(line) <= most for line in lines)
    page = own_page(slip, setting)
    assert page in PAGES
    printed = "".join(line.decode(page.lower()) for line in lines)
    assert printed.count("ę") == 3 * slip.service.count("ę") + slip.rows[0][1].count("ę")


def test_a_copy_and_a_logo_are_pictures_between_the_letters(tmp_path):
    Image.new("L", (100, 60), 0).save(tmp_path / "logo.png")
    slip = SLIPS["pl"].as_copy(COPY_MARKS["pl"])
    with_both = paper(slip, of("TM-T20II", logo=str(tmp_path / "logo.png")))
    assert with_both.height > paper(SLIPS["pl"], of("TM-T20II")).height + 100
    assert len(encode(slip, of("TM-T20II", logo=str(tmp_path / "logo.png")))) <= 12_000


def test_dots_are_sent_once_only_where_all_stand_four_together():
    picture = Image.new("1", (32, 4), 255)
    picture.paste(0, (2, 0, 6, 2))
    once = _undoubled(picture)
    assert once is not None
    assert once.size == (16, 2)
    picture.putpixel((9, 3), 0)
    assert _undoubled(picture) is None
    assert _undoubled(Image.new("1", (24, 4), 255)) is None


def test_a_small_slip_in_own_letters_gives_exactly_these_commands():
    slip = Slip("P1", office="Urząd", hall="Sala", rows=(("Wizyta", "10:00"),))
    found = [
        (command.name, command.data)
        for command in commands(encode(slip, of("TM-T20II")))
        if command.name not in (b"\x1dv", b"\x1bJ")
    ]
    assert found == [
        (b"\x1b@", b""),
        (b"\x1dP", b"\xcb\xcb"),
        (b"\x1c.", b""),  # no two-byte signs
        (b"\x1bR", b"\x00"),  # ASCII as it is in the United States
        (b"\x1bt", b"\x12"),  # CP852
        (b"\x1b3", b"\x20"),
        (b"\x1ba", b"\x01"),
        (b"\x1bE", b"\x01"),
        (b"text", b"Urz\xa5d"),
        (b"\n", b""),
        (b"\x1bE", b"\x00"),
        (b"text", b"Sala"),
        (b"\n", b""),
        (b"text", b"Wizyta"),
        (b"\x1bE", b"\x01"),
        (b"text", b"10:00".rjust(44 - len("Wizyta"))),
        (b"\n", b""),
        (b"\x1bE", b"\x00"),
        (b"\x1bd", b"\x06"),
        (b"\x1dV", b"\x01"),
    ]


def printed_lines(slip: Slip, profile: str) -> list[str]:
    found = commands(encode(slip, of(profile)))
    data = b"".join(each.data if each.name == b"text" else b"\n" * (each.name == b"\n") for each in found)
    return data.decode("ascii").splitlines()


@pytest.mark.parametrize(
    ("profile", "columns"),
    [
        ("TM-T20II", 44),
        ("TM-T88V", 38),
        ("TH230", 40),  # letters of 13 dots
        ("NT-80-V-UL", 44),  # tells the dots of a letter in place of the letters of a line
        ("NT-5890K", 30),
    ],
)
def test_a_pair_stands_on_one_line_while_a_blank_is_between(profile: str, columns: int):
    value = "9" * 20
    beside = Slip("P1", rows=(("a" * (columns - 21), value),))
    assert printed_lines(beside, profile) == [f"{'a' * (columns - 21)} {value}"]
    label = "a" * (columns - 20)
    assert printed_lines(Slip("P1", rows=((label, value),)), profile) == [
        label.ljust(columns),
        value.rjust(columns),
    ]


def test_lines_are_of_like_length_without_a_broken_word_or_a_dash_in_front():
    text = "one two three four five - six seven eight Wolnoobslugowego nine ten a b c d e"
    lines = printed_lines(Slip("P1", prepare=text), "NT-5890K")
    assert " ".join(lines) == text
    assert max(map(len, lines)) - min(map(len, lines)) <= 12
    dashed = printed_lines(Slip("P1", prepare="a" * 10 + " " + "b" * 19 + " - " + "c" * 26), "NT-5890K")
    assert dashed == ["a" * 10, "b" * 19 + " -", "c" * 26]
    broken = printed_lines(Slip("P1", prepare="aaa " + "b" * 28), "NT-5890K")
    assert broken == ["aaa", "b" * 28]


def test_a_slip_that_is_read_from_the_right_is_drawn():
    assert own_page(Slip("P1", office="Office"), of("TM-T20II")) == "CP437"
    assert own_page(Slip("P1", office="Office", direction="rtl"), of("TM-T20II")) is None
