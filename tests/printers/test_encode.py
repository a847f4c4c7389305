"""Slips as bytes: exact, small, free of other people's commands."""

from __future__ import annotations

import stat
import sys
import time
from pathlib import Path

import pytest

from printers import PrinterSettings, SettingsError, Slip, encode, profiles
from printers.layout import PAPER_58_MM, preview
from printers.virtual.paper import slips
from printers.virtual.parser import Command, first_command
from tests.printers.samples import COPY_MARKS, SLIPS
from tests.printers.test_slip import HOSTILE

SETTINGS = PrinterSettings("tcp://printer")
NATIVE = PrinterSettings("tcp://printer", profile="TM-T20II")
TEXT_ONLY = PrinterSettings("tcp://printer", profile="TM-U220")


def commands(data: bytes) -> list[Command]:
    found = []
    while data:
        command = first_command(data)
        assert command is not None, "the last command is not whole"
        found.append(command)
        data = data[command.length :]
    return found


def texts(data: bytes) -> bytes:
    return b"\n".join(command.data for command in commands(data) if command.name == b"text")


def test_a_small_slip_gives_exactly_these_bytes(monkeypatch: pytest.MonkeyPatch):
    from PIL import Image

    # Two black dots in 16 × 24: white above and below becomes feeds, white at the sides goes.
    picture = Image.new("1", (48, 24), 255)
    picture.putpixel((20, 8), 0)
    picture.putpixel((27, 9), 0)
    monkeypatch.setattr("printers.layout.render", lambda elements, width, direction: picture)
    assert encode.encode(Slip("P1"), SETTINGS) == (
        b"\x1b@"  # initialise
        b"\x1dP\xcb\xcb"  # one motion unit is one dot
        b"\x1ba\x01"  # centre
        b"\x1bJ\x08"  # eight white rows
        b"\x1dv0\x00\x02\x00\x02\x00"  # a picture of 2 bytes × 2 rows
        b"\x08\x00\x00\x10"
        b"\x1bJ\x0e"  # fourteen white rows
        b"\x1bd\x06\x1dV\x01"  # to the knife, and a partial cut
    )


@pytest.mark.parametrize("width", [0, PAPER_58_MM])
@pytest.mark.parametrize("profile", ["default", "simple", "TM-T88V", "TM-T20II", "TM-T20II-42col"])
@pytest.mark.parametrize("native_qr", [False, True])
def test_the_paper_shows_what_the_preview_shows(profile: str, width: int, native_qr: bool):
    settings = PrinterSettings("tcp://p", profile, width_dots=width, native_qr=native_qr, text="raster")
    dots = encode.width_dots(settings)
    (printed,) = slips(encode.encode(SLIPS["uk"], settings), dots, profile)
    shown = preview(SLIPS["uk"], dots)
    if native_qr and profile != "simple":
        assert abs(printed.height - shown.height) < 300
    else:
        assert printed.crop((0, 0, dots, shown.height)).tobytes() == shown.tobytes()


@pytest.mark.parametrize("width", [576, 546, 512, 504, 432, 384])
def test_number_and_code_are_sent_as_a_quarter_of_their_dots_on_every_paper(width: int):
    data = encode.encode(SLIPS["pl"], PrinterSettings("tcp://printer", width_dots=width))
    tall = [each.data[1] for each in commands(data) if each.name == b"\x1dv" and each.data[4] > 40]
    assert tall == [3, 3]


@pytest.mark.parametrize("language", SLIPS)
def test_a_slip_is_small_and_quick(language: str, record_property):
    for slip in (SLIPS[language], SLIPS[language].as_copy(COPY_MARKS[language])):
        encode.encode(slip, SETTINGS)
        begun = time.perf_counter()
        data = encode.encode(slip, SETTINGS)
        record_property("milliseconds", round((time.perf_counter() - begun) * 1000, 1))
        record_property("bytes", len(data))
        assert len(data) <= 21_000


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("settings", [SETTINGS, NATIVE, TEXT_ONLY], ids=["picture", "native", "text"])
def test_a_hostile_text_adds_no_command(text: str, settings: PrinterSettings):
    slip = Slip("P1", office=text, service=text, rows=((text, text),), prepare=text, lines=(text,), qr=text)
    allowed = {b"\x1b@", b"\x1dP", b"\x1ba", b"\x1bJ", b"\x1dv", b"\x1bd", b"\x1dV"}
    allowed |= {b"text", b"\n", b"\x1bt", b"\x1d!", b"\x1b!", b"\x1d(k"}
    allowed |= {b"\x1c.", b"\x1bR", b"\x1b3", b"\x1bE"}
    found = commands(encode.encode(slip, settings))
    assert {command.name for command in found} <= allowed
    assert [command.name for command in found].count(b"\x1b@") == 1
    assert [command.name for command in found].count(b"\x1dV") <= 1


def test_a_printer_of_letters_gets_plain_text():
    data = encode.encode(SLIPS["pl"].as_copy("KOPIA"), TEXT_ONLY)
    text = texts(data)
    assert data.isascii()
    for piece in (b"*** KOPIA ***", b"P042", b"Urzad Wojewodzki", b"Wydano: 24.11.2026 09:41"):
        assert piece in text
    assert b"?" not in text


def test_letters_that_cannot_be_plain_are_left_out_but_the_number_is_not():
    text = texts(encode.encode(SLIPS["ka"], TEXT_ONLY))
    assert b"K003" in text
    assert b"10:00-10:05" in text
    assert b"?" not in text


def test_without_pictures_the_number_still_comes_out(monkeypatch: pytest.MonkeyPatch, caplog):
    monkeypatch.setitem(sys.modules, "printers.layout", None)
    data = encode.encode(SLIPS["pl"], SETTINGS)
    assert b"P042" in texts(data).split(b"\n")
    assert "plain text instead" in caplog.text


def test_the_settings_add_logo_and_free_lines():
    bare = encode.encode(SLIPS["en"], SETTINGS)
    lines = PrinterSettings("tcp://printer", free_lines=("Infoline 22 000 00 00", "www.example.org"))
    assert len(encode.encode(SLIPS["en"], lines)) > len(bare) + 500


@pytest.mark.parametrize(
    ("cut", "ending"), [("full", b"\x1dV\x00"), ("part", b"\x1dV\x01"), ("none", b"\x1bd\x06")]
)
def test_the_cut_is_as_the_settings_say(cut, ending: bytes):
    assert encode.encode(Slip("P1"), PrinterSettings("tcp://printer", cut=cut)).endswith(ending)


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({"profile": "TM-T99"}, "printer.profile: 'TM-T99'"),
        ({"profile": "TM-T88V", "width_dots": 576}, "printer.width_dots: 576"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(settings: dict, place: str):
    with pytest.raises(SettingsError, match=place):
        encode.encode(Slip("P1"), PrinterSettings("tcp://printer", **settings))


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({"width_dots": 20}, "width_dots"),
        ({"completion": "perhaps"}, "completion"),
        ({"cut": "saw"}, "cut"),
        ({"poll_seconds": 0}, "poll_seconds"),
        ({"job_seconds": 10_000}, "job_seconds"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_name(settings: dict, place: str):
    with pytest.raises(SettingsError, match=f"printer.{place}"):
        PrinterSettings("tcp://printer", **settings)


def test_what_is_unpickled_is_in_a_folder_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("CACHE_DIRECTORY", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    ours = Path(profiles._private_folder())
    assert ours.is_relative_to(tmp_path)
    assert stat.S_IMODE(ours.stat().st_mode) == 0o700
    ours.chmod(0o777)
    elsewhere = Path(profiles._private_folder())
    assert not elsewhere.is_relative_to(tmp_path)
    elsewhere.rmdir()


def test_importing_the_room_loads_no_encoder():
    import subprocess

    program = (
        "import sys, printers; print([n for n in ('escpos', 'usb', 'cups', 'serial') if n in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
