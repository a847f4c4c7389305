"""Turns a slip into ESC/POS bytes with python-escpos as the encoder."""

from __future__ import annotations

import logging
import os
import stat
import sys
import tempfile
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from printers.settings import PrinterSettings, SettingsError
from printers.slip import Slip

if TYPE_CHECKING:
    from PIL import Image

log = logging.getLogger(__name__)

INITIALISE = b"\x1b@"
USUAL_WIDTH = 576
SHORTEST_FEED = 4
# No picture is longer than this, so that simple models can hold it and a broken one is soon filled up.
_SLICE = 128
_PLAIN = str.maketrans(
    {"ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "–": "-", "—": "-", "·": "-", "…": "...", "’": "'"}
)


def _private_folder() -> str:
    """Return a folder that only this user can write: python-escpos unpickles what it finds there."""
    named = (os.environ.get(name) for name in ("CACHE_DIRECTORY", "XDG_CACHE_HOME", "LOCALAPPDATA"))
    folder = Path(next(filter(None, named), Path.home() / ".cache"), "numerek", "escpos")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
        if sys.platform == "win32":  # what lies in LOCALAPPDATA has the list of rights of its user
            return str(folder)
        if found.st_uid == os.getuid() and not stat.S_IMODE(found.st_mode) & 0o077:
            return str(folder)
    except OSError as error:
        log.info("printer: no cache folder (%s)", error)
    return tempfile.mkdtemp(prefix="numerek-escpos-")


@lru_cache(maxsize=1)
def _escpos() -> Any:
    """Import python-escpos, late, because it takes up to a second the first time."""
    os.environ.setdefault("ESCPOS_CAPABILITIES_PICKLE_DIR", _private_folder())
    import escpos.capabilities
    import escpos.printer

    return escpos


def _encoder(settings: PrinterSettings) -> tuple[Any, int]:
    """Return a python-escpos printer that keeps its bytes, and the width of the paper in dots."""
    escpos = _escpos()
    known = escpos.capabilities.CAPABILITIES["profiles"]
    if settings.profile not in known:
        raise SettingsError(f"printer.profile: {settings.profile!r} is not one of {', '.join(sorted(known))}")
    printer = escpos.printer.Dummy(profile=settings.profile)
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

    A picture where the profile prints pictures, so that every script is right on every model; plain ASCII text
    where it does not, or when the picture cannot be made. Raise SettingsError for an unknown profile.
    """
    printer, width = _encoder(settings)
    whole = replace(slip, logo=slip.logo or settings.logo, lines=slip.lines + settings.free_lines)
    printer.hw("INIT")
    # python-escpos forgets that ESC @ reset the code page.
    printer.magic.encoding = None
    if not (printer.profile.supports("bitImageRaster") and _print_picture(printer, whole, width, settings)):
        _print_text(printer, whole)
    _cut(printer, slip.cut or settings.cut)
    return bytes(printer.output)


def ending(settings: PrinterSettings) -> bytes:
    """Return what ends a slip that broke off: zeros fill up its picture, a cut parts it from the next.

    How much of a slip reached the printer is not known, so there are enough for the longest picture; a printer
    that waits for a command skips zeros.
    """
    _, width = _encoder(settings)
    return bytes(_SLICE * ((width + 7) // 8)) + (b"\n\x1dVB\x00" if settings.cut != "none" else b"\n")


@lru_cache(maxsize=1)
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


def _print_picture(printer: Any, slip: Slip, width: int, settings: PrinterSettings) -> bool:
    """Print the slip as pictures and feeds; False when no picture can be made, and then nothing is printed."""
    try:
        parts = _parts(slip, width, native_qr=settings.native_qr and bool(printer.profile.supports("qrCode")))
    except (ImportError, OSError) as error:
        log.error("slip: no picture can be made, plain text instead: %s", error)
        return False
    centred = settings.profile != "simple"
    # GS P: one motion unit is one dot, so that feeds and pictures have one scale (180 dpi has 512 on 72 mm).
    dpi = 180 if width == 512 else 203
    printer._raw(bytes((0x1D, 0x50, dpi, dpi)))
    if centred:
        printer.set(align="center")
    for part in parts:
        if isinstance(part, str):
            printer.qr(part, ec=1, size=6 if width >= 500 else 5, native=True)
        else:
            _print_bands(printer, part, centred)
    return True


def _parts(slip: Slip, width: int, *, native_qr: bool) -> list[Image.Image | str]:
    """Return the slip as one picture, or as pictures around the text of a code that the printer draws."""
    from printers.elements import Code, slip_elements
    from printers.layout import render

    elements = slip_elements(slip)
    place = next((index for index, element in enumerate(elements) if isinstance(element, Code)), None)
    if place is None or not native_qr:
        return [render(elements, width, slip.direction)]
    above, below = elements[:place], elements[place + 1 :]
    return [render(above, width, slip.direction), slip.qr, render(below, width, slip.direction)]


def _print_bands(printer: Any, picture: Image.Image, centred: bool) -> None:
    """Print what has ink; white rows become feeds, white columns are left out.

    Columns go in equal parts from both sides, because centring is what nearly every model can do.
    """
    from PIL import ImageChops

    for top, bottom, inked in _bands(picture):
        if not inked:
            _feed(printer, bottom - top)
            continue
        band = picture.crop((0, top, picture.width, bottom))
        left, _, right, _ = ImageChops.invert(band).getbbox() or (0, 0, picture.width, 0)
        margin = min(left, picture.width - right) // 8 * 8
        box = (margin, 0, picture.width - margin, band.height) if centred else (0, 0, right, band.height)
        printer.image(band.crop(box), fragment_height=_SLICE)


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


def _feed(printer: Any, rows: int) -> None:
    """Feed by dots (ESC J), at most 255 at a time."""
    for start in range(0, rows, 255):
        printer._raw(bytes((0x1B, 0x4A, min(255, rows - start))))


def plain(text: str) -> str:
    """Return the text in printable ASCII without its accents; empty when letters of another script are in it."""
    flat = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    letters = "".join(c for c in flat if not unicodedata.combining(c))
    return letters if all(" " <= c <= "~" for c in letters) else ""


def _print_text(printer: Any, slip: Slip) -> None:
    """Print the slip in the printer's own letters; the number stays large whatever happens to the rest."""
    printer.set(align="center")
    mark = f"*** {plain(slip.copy_mark) or 'COPY'} ***" if slip.copy_mark else ""
    for line in (mark, slip.office, slip.hall):
        _print_line(printer, line)
    printer.set(custom_size=True, width=4, height=4)
    printer.textln("".join(c if " " <= c <= "~" else "?" for c in slip.number))
    printer.set(normal_textsize=True)
    _print_line(printer, slip.service)
    printer.set(align="left")
    for label, value in slip.rows:
        _print_line(printer, f"{plain(label)}: {plain(value)}" if plain(label) else value)
    for line in (slip.prepare, *slip.lines):
        _print_line(printer, line)
    if slip.qr and printer.profile.supports("qrCode"):
        printer.set(align="center")
        printer.qr(slip.qr, ec=1, size=6, native=True)
        _print_line(printer, slip.qr_caption)


def _print_line(printer: Any, text: str) -> None:
    if line := plain(text).strip():
        printer.textln(line)
