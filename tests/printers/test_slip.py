"""A slip is clean by construction, and says which field cannot be printed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printers import PrinterSettings, Slip, SlipError
from printers.slip import LONGEST_TEXT, clean
from tests.printers.samples import SLIPS

HOSTILE = [
    "P\x1b@042",
    "\x1dV\x00cut",
    "\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08",
    "\x9b31m",
    "a\u202eb\u2066c\u200f",
    "line\r\nline\x00\x7f\x85end",
    "\ufeff\ue000\ud800x",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_control_or_direction_character_stays(text: str):
    slip = Slip(text + "1", office=text, rows=((text, text),), prepare=text, qr=text, lines=(text,))
    for kept in (slip.number, slip.office, slip.prepare, slip.qr, *slip.lines, *slip.rows[0]):
        assert all(unicodedata.category(c)[0] != "C" for c in kept), kept


@given(st.text())
def test_a_cleaned_text_is_short_composed_and_stays_as_it_is(text: str):
    kept = clean(text)
    assert len(kept) <= LONGEST_TEXT
    assert clean(kept) == kept
    assert unicodedata.is_normalized("NFC", kept)
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in kept)


def test_breaks_become_blanks_and_a_no_break_space_stays():
    assert clean(" opłaty\r\ni\u00a0rezerwacji\t") == "opłaty i\u00a0rezerwacji"


@pytest.mark.parametrize("language", SLIPS)
def test_a_slip_comes_back_from_its_json(language: str):
    slip = SLIPS[language].as_copy("KOPIA")
    assert Slip.from_json(slip.to_json()) == slip


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("nonsense", "slip: not JSON"),
        ("[" * 100_000, "slip: not JSON"),
        ("[]", "slip: an object"),
        ("{}", "slip.number"),
        ('{"number": ""}', "slip.number"),
        ('{"number": "\\u0007"}', "slip.number"),
        ('{"number": 42}', "slip.number"),
        ('{"number": "P1", "colour": "red"}', "slip.colour"),
        ('{"number": "P1", "office": null}', "slip.office"),
        ('{"number": "P1", "rows": [["a"]]}', "slip.rows"),
        ('{"number": "P1", "rows": "ab"}', "slip.rows"),
        ('{"number": "P1", "rows": ["ab"]}', "slip.rows"),
        ('{"number": "P1", "rows": 5}', "slip.rows"),
        ('{"number": "P1", "lines": 5}', "slip.lines"),
        ('{"number": "P1", "rows": [["a", 1]]}', "slip.rows"),
        ('{"number": "P1", "lines": [1]}', "slip.lines"),
        ('{"number": "P1", "lines": {}}', "slip.lines"),
        ('{"number": "P1", "qr": 1}', "slip.qr"),
        ('{"number": "P1", "logo": 1}', "slip.logo"),
        ('{"number": "P1", "copy_mark": 1}', "slip.copy_mark"),
        ('{"number": "P1", "direction": "up"}', "slip.direction"),
    ],
)
def test_a_wrong_slip_is_refused_with_its_place(text: str, place: str):
    with pytest.raises(SlipError, match=place.replace(".", r"\.")):
        Slip.from_json(text)


def test_a_code_that_is_too_long_is_refused():
    with pytest.raises(SlipError, match="qr"):
        Slip("P1", qr="x" * (LONGEST_TEXT + 1))


def test_a_text_is_cut_at_five_hundred_characters_with_a_sign():
    assert clean("x" * 500) == "x" * 500
    assert clean("x" * 501) == "x" * 499 + "…"


def test_joiners_between_letters_stay():
    assert clean("می\u200cخواهم") == "می\u200cخواهم"


@pytest.mark.parametrize("field", ["rows", "lines"])
def test_twenty_rows_and_twenty_lines_are_printed_at_most(field: str):
    part = ("a", "b") if field == "rows" else "a"
    assert len(getattr(Slip("P1", **{field: (part,) * 20}), field)) == 20
    with pytest.raises(SlipError, match=field):
        Slip("P1", **{field: (part,) * 21})


def test_a_code_may_have_five_hundred_bytes():
    assert Slip("P1", qr="x" * 500).qr == "x" * 500
    assert Slip("P1", qr="ą" * 250).qr == "ą" * 250
    with pytest.raises(SlipError, match="qr"):
        Slip("P1", qr="ą" * 251)


def test_what_a_slip_does_not_name_is_empty():
    slip = Slip("P1")
    assert (slip.office, slip.hall, slip.service, slip.prepare, slip.qr, slip.qr_caption) == ("",) * 6
    assert (slip.rows, slip.lines, slip.logo, slip.copy_mark, slip.direction) == ((), (), None, None, "ltr")
    assert '"office": ""' in slip.to_json()
    assert slip.to_json().startswith('{\n  "number": "P1"')
    assert "ą" in Slip("ą").to_json()


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [("width_dots", 200, 2000), ("start_seconds", 0.5, 600.0), ("job_seconds", 0.5, 600.0)],
)
def test_a_printer_is_set_within_bounds(name: str, least: float, most: float):
    for value in (least, most):
        assert getattr(PrinterSettings("file://x", **{name: value}), name) == value
    for value in (least - 1, most + 1):
        with pytest.raises(ValueError, match=name):
            PrinterSettings("file://x", **{name: value})


def test_a_printer_has_five_seconds_to_begin_and_ten_for_a_job():
    settings = PrinterSettings("file://x")
    assert (settings.start_seconds, settings.job_seconds) == (5.0, 10.0)
    assert (settings.width_dots, settings.native_qr, settings.completion, settings.cut) == (
        0,
        False,
        "auto",
        "part",
    )
