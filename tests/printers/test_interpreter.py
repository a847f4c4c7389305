"""Jobs as an independent interpreter of ESC/POS reads them: `emupos`, where it is installed (Python 3.13)."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
import zxingcpp
from PIL import Image, ImageChops

from printers import PrinterSettings, profiles
from printers.encode import encode
from printers.virtual.paper import slips
from tests.printers.samples import CODE, SLIPS

model = pytest.importorskip("emupos.printer.escpos.model", reason="emupos is not installed")
from emupos.config import FontCell, PrinterProfile  # noqa: E402
from emupos.printer.escpos.tokenizer import Tokenizer  # noqa: E402

PROFILE = "TM-T20II"
# Its letters are of another typeface: so many dots may their edges differ.
OTHER_LETTERS = 4
NOISE = Image.effect_noise((200, 48), 200).convert("1")
Write = Callable[[Any], object]
Band = tuple[int, int, int, int]


def theirs(data: bytes) -> tuple[Image.Image, str]:
    """Return the paper and the text that emupos makes of a job, with the code pages of our profile."""
    pages = {
        number: re.sub("^CP", "WPC" if name.startswith("CP125") else "PC", name)
        for number, name in profiles.code_pages(PROFILE).items()
    }
    printer = model.PrintModel(
        "printer",
        PrinterProfile(
            type="printer",
            name=PROFILE,
            dpi=203,
            width_dots=576,
            font_a=FontCell(width=12, height=24),
            font_b=FontCell(width=9, height=17),
            code_pages=pages,
            default_code_page=0,
            drawer_sensor_open_level="high",
        ),
    )
    for token in Tokenizer().feed(data):
        printer.process(token)
    receipt = printer.finish("cut")
    return Image.open(io.BytesIO(receipt.png)).convert("1"), receipt.text


def ours(data: bytes) -> Image.Image:
    (slip,) = slips(data, 576, PROFILE)
    return slip


def job(write: Write) -> bytes:
    import escpos.printer

    printer = escpos.printer.Dummy(profile=PROFILE)
    write(printer)
    return bytes(printer.output)


def bands(picture: Image.Image) -> list[Band]:
    """Return top, bottom, left and right of each band of ink; of 2 white rows or fewer between them it is one."""
    inverted = ImageChops.invert(picture)
    inked = [y for y in range(picture.height) if inverted.crop((0, y, picture.width, y + 1)).getbbox()]
    found: list[Band] = []
    for first in (y for y in inked if not {y - 1, y - 2, y - 3} & set(inked)):
        behind = next(y for y in range(first, picture.height + 4) if not {y, y + 1, y + 2} & set(inked))
        left, _, right, _ = inverted.crop((0, first, picture.width, behind)).getbbox()
        found.append((first, behind, left, right))
    return found


PICTURES: dict[str, Write] = {
    **{
        f"{way}, dense {dense}": lambda printer, way=way, dense=dense: printer.image(
            NOISE, impl=way, high_density_horizontal=dense, high_density_vertical=dense
        )
        for way in ("bitImageRaster", "graphics", "bitImageColumn")
        for dense in (True, False)
    },
    **{
        f"{kind}, module {width}": lambda printer, kind=kind, data=data, width=width: printer.barcode(
            data, kind, 80, width, "OFF", "A", False, "B", False
        )
        for kind, data in (
            ("EAN13", "590123412345"),
            ("EAN8", "9638507"),
            ("UPC-A", "72527273070"),
            ("CODE39", "NR-7"),
            ("ITF", "00123456"),
            ("CODE128", "{BNumerek-1"),
            ("CODE128", "{C\x0c\x22\x38"),
        )
        for width in (2, 3, 4)
    },
}


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_and_bars_are_the_same_to_a_dot(name: str):
    data = job(PICTURES[name])
    expected, _ = theirs(data)
    assert ours(data).crop((0, 0, 576, expected.height)).tobytes() == expected.tobytes()


def _modes(printer: Any) -> None:
    printer.textln("plain")
    printer.set(bold=True, underline=1)
    printer.textln("bold, underlined")
    printer.set(bold=False, underline=0, font="b")
    printer.textln("small")
    printer.set(font="a", align="center", double_height=True, double_width=True)
    printer.textln("BIG")
    printer.set(normal_textsize=True, align="right", invert=True)
    printer.textln("right")
    printer.set(invert=False, align="left", custom_size=True, width=5, height=4)
    printer.textln("5x4")
    printer.set(normal_textsize=True)
    printer.textln("x" * 60)


TEXTS: dict[str, bytes] = {
    "modes": job(_modes),
    "places": b"\x1b@a\tb\tc\n\x1bD\x04\x0a\x00a\tb\tc\n\x1b$\x64\x00mid\x1b\\\x20\x00rel\n",
    "lines": b"\x1b@one\n\x1b3\x50two\nthree\n\x1b2four\n\x1bJ\x40five\x1bd\x03six\n",
    "spaces": b"\x1b@\x1b \x05spaced\n\x1b \x00\x1b!\xb9mode\n",
    **{
        f"{position}, {font}": job(
            lambda printer, position=position, font=font: printer.barcode(
                "NUMEREK-7", "CODE39", 80, 2, position, font, False, "B", False
            )
        )
        for position in ("ABOVE", "BELOW", "BOTH")
        for font in "AB"
    },
    **{f"slip in {language}": encode(SLIPS[language], PrinterSettings("", PROFILE)) for language in SLIPS},
}


@pytest.mark.parametrize("name", TEXTS)
def test_letters_stand_where_they_stand_there(name: str):
    expected, _ = theirs(TEXTS[name])
    one, other = bands(ours(TEXTS[name])), bands(expected)
    assert len(one) == len(other)
    worst = max(abs(a - b) for pair in zip(one, other, strict=True) for a, b in zip(*pair, strict=True))
    assert worst <= OTHER_LETTERS


@pytest.mark.parametrize("text", ["zażółć gęślą jaźń ŻÓŁW", "Дозвіл – її", "Žluťoučký kůň"])
def test_text_of_python_escpos_is_read_as_it_was_written(text: str):
    _, read = theirs(job(lambda printer: printer.textln(text)))
    assert read.strip() == text


@pytest.mark.parametrize("language", ["pl", "en", "uk"])
def test_a_slip_in_own_letters_is_read_as_it_was_meant(language: str):
    slip = SLIPS[language]
    paper, read = theirs(encode(slip, PrinterSettings("", PROFILE)))
    texts = [
        slip.office,
        slip.hall,
        slip.service,
        slip.qr_caption,
        slip.prepare,
        *(t for row in slip.rows for t in row),
    ]
    words = read.replace("–", "-").replace("·", "-").split()
    for word in " ".join(texts).replace("–", "-").replace("·", "-").split():
        assert word in words
    assert [code.text for code in zxingcpp.read_barcodes(paper.convert("L"))] == [CODE]
