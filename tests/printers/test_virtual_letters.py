"""The virtual printer's letters, places and bars: what python-escpos writes looks as on a real one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import zxingcpp
from PIL import Image, ImageChops

from printers.virtual.barcodes import bars
from printers.virtual.letters import FONT_A, FONT_B, Look, cell, decoded, row
from printers.virtual.paper import slips

WIDTH = 576
Write = Callable[[Any], object]


def printed(write: Write, profile: str = "TM-T20II") -> Image.Image:
    import escpos.printer

    printer = escpos.printer.Dummy(profile=profile)
    write(printer)
    (slip,) = slips(bytes(printer.output), WIDTH, profile)
    return slip


def of_bytes(data: bytes, profile: str = "default") -> Image.Image:
    (slip,) = slips(data, WIDTH, profile)
    return slip


def ink(picture: Image.Image) -> tuple[int, int, int, int]:
    box = ImageChops.invert(picture.convert("1")).getbbox()
    assert box is not None
    return box


def line_of(text: str, look: Look = Look()) -> bytes:  # noqa: B008
    """Return the top line of a slip that shows the text from the left edge."""
    cells = [cell(letter, look) for letter in text]
    line = Image.new("1", (WIDTH, cells[0].height), 255)
    for place, each in enumerate(cells):
        line.paste(each, (place * each.width, 0))
    return line.tobytes()


def top(picture: Image.Image, height: int = 24) -> bytes:
    return picture.crop((0, 0, WIDTH, height)).tobytes()


@pytest.mark.parametrize(
    "text", ["zażółć gęślą jaźń", "ŻÓŁW i ĆMA", "Дозвіл на проживання – її", "ÀÉÏ € ñ ß", "žluťoučký kůň"]
)
@pytest.mark.parametrize("profile", ["TM-T20II", "NT-5890K", "RP326"])
def test_text_of_python_escpos_is_in_its_letters(text: str, profile: str):
    shown = top(printed(lambda printer: printer.textln(text), profile))
    assert shown == line_of(text)
    # The control: as letters of ASCII and question marks it looks another way.
    assert shown != line_of("".join(c if c.isascii() else "?" for c in text))


def test_a_number_means_the_page_that_the_profile_says():
    data = b"\x1bt\x12\xa5\n"
    assert top(of_bytes(data, "default")) == line_of("ą")  # 18 is CP852
    assert top(of_bytes(data, "simple")) == line_of("\ufffd")
    assert top(of_bytes(b"\x1bt\x02\xa5\n", "TH230")) == line_of("ą")  # there 2 is


def test_every_page_of_every_profile_can_be_chosen():
    from printers import profiles

    for profile in profiles.library().capabilities.CAPABILITIES["profiles"]:
        for page in profiles.code_pages(profile).values():
            assert len(profiles.upper_half(page)) == 128


@pytest.mark.parametrize(
    ("nation", "text"),
    [(0, "#@[\\]{|}~"), (2, "#§ÄÖÜäöüß"), (3, "£@[\\]{|}~"), (13, "#@[₩]{|}~"), (99, "#@[\\]{|}~")],
)
def test_a_country_has_its_own_signs(nation: int, text: str):
    assert decoded(b"#@[\\]{|}~", "CP437", nation) == text
    assert top(of_bytes(b"\x1bR" + bytes((nation,)) + b"#@[\\]{|}~\n")) == line_of(text)


@pytest.mark.parametrize(
    ("modes", "look"),
    [
        ({"font": "b"}, Look(FONT_B)),
        ({"bold": True}, Look(bold=True)),
        ({"underline": 1}, Look(underline=1)),
        ({"underline": 2}, Look(underline=2)),
        ({"invert": True}, Look(reverse=True)),
        ({"double_width": True, "double_height": True}, Look(width=2, height=2)),
        ({"custom_size": True, "width": 3, "height": 5}, Look(width=3, height=5)),
    ],
)
def test_letters_look_as_they_are_told_to(modes: dict[str, Any], look: Look):
    def write(printer: Any) -> None:
        printer.set(**modes)
        printer.textln("Aą")

    height = cell("A", look).height
    assert top(printed(write), height) == line_of("Aą", look)
    assert line_of("Aą", look)[: len(line_of("Aą"))] != line_of("Aą"), "the control: plain letters differ"


def test_print_mode_sets_all_at_once():
    look = Look(FONT_B, 2, 2, bold=True, underline=1)
    assert top(of_bytes(b"\x1b!\xb9ab\n"), 34) == line_of("ab", look)
    assert top(of_bytes(b"\x1b!\xb9\x1b!\x00ab\n")) == line_of("ab")


@pytest.mark.parametrize(("align", "left"), [("left", 0), ("center", 276), ("right", 552)])
def test_lines_are_aligned(align: str, left: int):
    def write(printer: Any) -> None:
        printer.set(align=align)
        printer.textln("HH")

    assert left <= ink(printed(write))[0] < left + 3


def test_lines_are_as_far_apart_as_they_are_told_to():
    def tops(data: bytes) -> tuple[int, int]:
        slip = of_bytes(data + b"H\nH\n")
        return ink(slip)[1], ink(slip.crop((0, 24, WIDTH, slip.height)))[1] + 24

    first, second = tops(b"")
    assert second - first == 30
    first, second = tops(b"\x1dP\xcb\xcb\x1b3\x50")
    assert second - first == 80
    first, second = tops(b"\x1dP\x00\x65\x1b3\x28")
    assert second - first == 80, "40 units of which an inch has 101"
    first, second = tops(b"\x1dP\xcb\xcb\x1b3\x01")
    assert second - first == 24, "never over each other"


def test_a_long_text_goes_on_in_the_next_line():
    slip = of_bytes(b"H" * 50 + b"\n")
    assert top(slip) == line_of("H" * 48)
    assert slip.crop((0, 30, WIDTH, 54)).tobytes() == line_of("HH")


def test_places_on_a_line_are_dots_and_tabs():
    placed = of_bytes(b"\x1dP\xcb\xcbH\x1b$\x2c\x01H\x1b\\\xe8\xffH\n")
    assert ink(placed)[2] <= 312
    assert ink(placed.crop((24, 0, WIDTH, 24)))[0] + 24 >= 300 - 12
    tabbed = of_bytes(b"H\tH\n\x1bD\x04\x00\tH\n")
    assert ink(tabbed.crop((12, 0, WIDTH, 24)))[0] + 12 in range(96, 99)
    assert ink(tabbed.crop((0, 30, WIDTH, 54)))[0] in range(48, 51)


@pytest.mark.parametrize("implementation", ["bitImageRaster", "graphics", "bitImageColumn"])
def test_a_picture_comes_out_however_it_is_sent(implementation: str):
    picture = Image.effect_noise((200, 48), 200).convert("1")
    slip = printed(lambda printer: printer.image(picture, impl=implementation))
    assert slip.crop((0, 0, 200, 48)).tobytes() == picture.tobytes()


# Kind and data for python-escpos, and what the decoder tells: an UPC-A as the EAN-13 that it is.
CODES = [
    ("EAN13", "590123412345", "EAN13", "5901234123457"),
    ("EAN8", "9638507", "EAN8", "96385074"),
    ("UPC-A", "72527273070", "UPCA", "0725272730706"),
    ("CODE39", "NUMEREK-7", "Code39", "NUMEREK-7"),
    ("ITF", "001234569", "ITF", "00123456"),
    ("NW7", "A40156B", "Codabar", "A40156B"),
    ("CODE128", "{BNumerek-1", "Code128", "Numerek-1"),
    ("CODE128", "{C\x0c\x22\x38", "Code128", "123456"),
    ("CODE128", "{BAb{{{C\x0c\x22", "Code128", "Ab{1234"),
]


FUNCTIONS = [
    (*code, function) for code in CODES for function in "AB" if function == "B" or code[0] != "CODE128"
]


@pytest.mark.parametrize(("kind", "data", "read_as", "text", "function"), FUNCTIONS)
@pytest.mark.parametrize("width", [2, 3])
def test_bars_are_read_as_what_they_are(
    kind: str, data: str, read_as: str, text: str, function: str, width: int
):
    def write(printer: Any) -> None:
        printer.set(align="center")
        printer.barcode(data, kind, width=width, height=80, function_type=function, check=False)

    (found,) = zxingcpp.read_barcodes(printed(write).convert("L"), formats=zxingcpp.BarcodeFormat[read_as])
    assert found.text.replace(" ", "") == text


@pytest.mark.parametrize(("module", "thick"), [(2, 5), (3, 8), (4, 10), (6, 15)])
def test_thick_bars_are_as_the_reference_has_them(module: int, thick: int):
    code = bars(70, b"1234")
    assert code is not None
    assert set(code.dots(module)) == {module, thick}


def test_asterisks_that_are_there_are_not_printed_twice():
    assert bars(69, b"*NR-7*") == bars(69, b"NR-7")


@pytest.mark.parametrize(
    ("position", "above", "below"), [("OFF", 0, 0), ("ABOVE", 1, 0), ("BELOW", 0, 1), ("BOTH", 1, 1)]
)
@pytest.mark.parametrize(("font", "face"), [("A", FONT_A), ("B", FONT_B)])
def test_the_text_of_bars_stands_where_it_is_told_to(
    position: str, above: int, below: int, font: str, face: Any
):
    slip = printed(lambda printer: printer.barcode("590123412345", "EAN13", 100, 3, position, font, False))
    text = row("5901234123457", face)
    left = (95 * 3 - text.width) // 2

    def stands_at(y: int) -> bool:
        box = (left, y, left + text.width, y + text.height)
        return slip.crop(box).tobytes() == text.tobytes()

    room = face.height
    assert stands_at(0) is bool(above)
    assert stands_at(above * room + 100) is bool(below)
    assert slip.height == 100 + (above + below) * room


@pytest.mark.parametrize(
    "data",
    [
        b"\x1dk\x0212345\x00",  # too short for an EAN-13
        b"\x1dkI\x05Nnone",  # no code set
        b"\x1dkI\x03{C\xff",  # no pair of digits
        b"\x1dkI\x01{",
        b"\x1dkH\x0212",  # Code 93
        b"\x1dkE\xff" + b"A" * 255,  # wider than the paper
    ],
)
def test_bars_that_cannot_be_leave_nothing(data: bytes):
    assert slips(data + b"\n", WIDTH) == []
    assert top(of_bytes(data + b"after\n")) == line_of("after")
