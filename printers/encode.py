"""Turns a slip into ESC/POS bytes with python-escpos as the encoder."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

from printers import native
from printers.elements import Code, Element, Pair, Text, slip_elements
from printers.profiles import check, library
from printers.settings import PrinterSettings, SettingsError
from printers.slip import Slip

if TYPE_CHECKING:
    from PIL import Image

    from printers.typeset import Direction

log = logging.getLogger(__name__)

INITIALISE = b"\x1b@"
USUAL_WIDTH = 576
SHORTEST_FEED = 4
# No picture is longer than this, so that simple models can hold it and a broken one is soon filled up.
_SLICE = 128


def _encoder(settings: PrinterSettings) -> tuple[Any, int]:
    """Return a python-escpos printer that keeps its bytes, and the width of the paper in dots."""
    check(settings.profile)
    printer = library().printer.Dummy(profile=settings.profile)
    data = printer.profile.profile_data
    pixels = data.get("media", {}).get("width", {}).get("pixels")
    widest = pixels if isinstance(pixels, int) else 0
    width = settings.width_dots or widest or USUAL_WIDTH
    if widest and width > widest:
        raise SettingsError(f"printer.width_dots: {width} is more than the {widest} of {settings.profile}")
    # python-escpos writes to stdout when a profile does not know its width.
    printer.profile.profile_data = {**data, "media": {"width": {"pixels": width}}}
    return printer, width


def width_dots(settings: PrinterSettings) -> int:
    """Return the width of the paper in dots: the setting, the profile's, else 576."""
    return _encoder(settings)[1]


def encode(slip: Slip, settings: PrinterSettings) -> bytes:
    """Return the bytes that print and cut the slip.

    Texts in the printer's own letters where `settings.text` lets it and the model has them all. Else pictures
    where the profile prints them, so that every script is right on every model; plain ASCII text where it does
    not, or when they cannot be made. Raise SettingsError for an unknown profile.
    """
    printer, width = _encoder(settings)
    whole = _whole(slip, settings)
    printer.hw("INIT")
    # python-escpos forgets that ESC @ reset the code page.
    printer.magic.encoding = None
    if not (printer.profile.supports("bitImageRaster") and _print_slip(printer, whole, width, settings)):
        native.print_plain(printer, whole)
    _cut(printer, slip.cut or settings.cut)
    return bytes(printer.output)


def own_page(slip: Slip, settings: PrinterSettings) -> str | None:
    """Return the code page in which the printer gets the texts of the slip; None where they are drawn for it."""
    printer, _ = _encoder(settings)
    if not printer.profile.supports("bitImageRaster"):
        return None
    letters = native.own_letters(printer, slip_elements(_whole(slip, settings)), slip, settings.text)
    return letters.page if letters else None


def _whole(slip: Slip, settings: PrinterSettings) -> Slip:
    return replace(slip, logo=slip.logo or settings.logo, lines=slip.lines + settings.free_lines)


def ending(settings: PrinterSettings) -> bytes:
    """Return what ends a slip that broke off: zeros fill up its picture, a cut parts it from the next.

    How much of a slip reached the printer is not known, so there are enough for the longest picture; a printer
    that waits for a command skips zeros.
    """
    _, width = _encoder(settings)
    return bytes(_SLICE * ((width + 7) // 8)) + (b"\n\x1dVB\x00" if settings.cut != "none" else b"\n")


@lru_cache(maxsize=4)
def warm_up(settings: PrinterSettings) -> None:
    """Load fonts and encoder in an idle moment, so that the first slip is as fast as the others."""
    try:
        encode(Slip("A000", "A", rows=(("A", "0"),), qr="A"), settings)
    except SettingsError as error:
        log.error("printer: %s", error)


def _cut(printer: Any, cut: str) -> None:
    if cut == "none":
        # To the edge where it is torn off.
        printer.print_and_feed(6)
    else:
        printer.cut(mode=cut.upper())


def _print_slip(printer: Any, slip: Slip, width: int, settings: PrinterSettings) -> bool:
    """Print the slip as pictures, feeds and own letters; False when no picture can be made, and then nothing."""
    elements = slip_elements(slip)
    letters = native.own_letters(printer, elements, slip, settings.text)
    own: tuple[type[Element], ...] = (Text, Pair) if letters else ()
    if settings.native_qr and printer.profile.supports("qrCode"):
        own += (Code,)
    try:
        parts = _parts(elements, own, width, slip.direction)
    except (ImportError, OSError) as error:
        log.error("slip: no picture can be made, plain text instead: %s", error)
        return False
    from PIL import Image

    centred = settings.profile != "simple"
    # GS P: one motion unit is one dot, so that feeds and pictures have one scale (180 dpi has 512 on 72 mm).
    dpi = 180 if width == 512 else 203
    printer._raw(bytes((0x1D, 0x50, dpi, dpi)))
    if letters:
        native.begin(printer, letters)
    if centred:
        printer.set(align="center")
    for part in parts:
        if isinstance(part, Code):
            module = 6 if width >= 500 else 5
            # White around it, as around a drawn one: what stands close by keeps phones from reading it.
            feed(printer, 2 * module)
            printer.qr(part.text, ec=1, size=module, native=True)
            feed(printer, 2 * module)
        elif letters and isinstance(part, Text | Pair):
            native.print_element(printer, part, letters)
        elif isinstance(part, Image.Image):
            _print_bands(printer, part, centred)
    return True


def _parts(
    elements: list[Element], own: tuple[type[Element], ...], width: int, direction: Direction
) -> list[Image.Image | Element]:
    """Return what is printed one after the other: elements of the `own` kinds, and pictures of the rest."""
    from printers.layout import render

    grouped = groupby(elements, lambda element: isinstance(element, own))
    groups = [(is_own, list(group)) for is_own, group in grouped]
    parts = (group if is_own else [render(group, width, direction)] for is_own, group in groups)
    return [part for group in parts for part in group]


def _print_bands(printer: Any, picture: Image.Image, centred: bool) -> None:
    """Print what has ink; white rows become feeds, white columns are left out, doubled dots are sent once.

    Columns go in equal parts from both sides, because centring is what nearly every model can do. A printer
    that ignores it gets no doubled dots either.
    """
    from PIL import ImageChops

    for top, bottom, inked in _bands(picture):
        if not inked:
            feed(printer, bottom - top)
            continue
        band = picture.crop((0, top, picture.width, bottom))
        left, _, right, _ = ImageChops.invert(band).getbbox() or (0, 0, picture.width, 0)
        if not centred:
            printer.image(band.crop((0, 0, right, band.height)), fragment_height=_SLICE)
            continue
        margin = _margin(picture.width, min(left, picture.width - right))
        band = band.crop((margin, 0, picture.width - margin, band.height))
        once = _undoubled(band)
        printer.image(
            once or band,
            fragment_height=_SLICE,
            high_density_vertical=once is None,
            high_density_horizontal=once is None,
        )


def _margin(width: int, white: int) -> int:
    """Return how much of the white at each side goes, so that what stays is whole bytes, doubled or not."""
    if width % 2:
        return 0
    return max(0, white - (white - width // 2) % 8)


def _undoubled(picture: Image.Image) -> Image.Image | None:
    """Return a picture whose dots all stand four together with one for each four; None for another."""
    from PIL import Image

    if picture.width % 16 or picture.height % 2:
        return None
    once = picture.resize((picture.width // 2, picture.height // 2), Image.Resampling.NEAREST)
    again = once.resize(picture.size, Image.Resampling.NEAREST)
    return once if again.tobytes() == picture.tobytes() else None


def _bands(picture: Image.Image) -> Iterator[tuple[int, int, bool]]:
    """Cut the picture into bands (top, bottom, has ink); white of fewer than 4 rows stays with the ink."""
    from PIL import Image

    white = Image.new("1", (picture.width, 1), 255).tobytes()
    data, step = picture.tobytes(), len(white)
    inked = [y for y in range(picture.height) if data[y * step : (y + 1) * step] != white]
    done = 0
    for index, row in enumerate(inked):
        if row - done >= SHORTEST_FEED or index == 0:
            if row > done:
                yield done, row, False
            start = row
        following = inked[index + 1] if index + 1 < len(inked) else picture.height + SHORTEST_FEED
        done = row + 1
        if following - done >= SHORTEST_FEED:
            yield start, done, True
    if picture.height > done:
        yield done, picture.height, False


def feed(printer: Any, rows: int) -> None:
    """Feed by dots (ESC J), at most 255 at a time."""
    for start in range(0, rows, 255):
        printer._raw(bytes((0x1B, 0x4A, min(255, rows - start))))
