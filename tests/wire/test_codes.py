"""Booking codes and QR texts: every slip of a finger is caught, every way of writing is read, nothing crashes."""

from __future__ import annotations

import contextlib
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from wire.codes import (
    MAX_SCAN_BYTES,
    BookingCode,
    BookingToken,
    MalformedCode,
    check_digit,
    digits_of,
    new_code,
    new_token,
    parse_scan,
)

BODIES = st.from_regex(r"[0-9]{8}", fullmatch=True)
# Zeros of scripts that visitors' keyboards have.
ZEROS = {"arabic": "٠", "persian": "۰", "devanagari": "०", "bengali": "০", "thai": "๐", "full width": "０"}


def is_read(text: str) -> bool:
    """Say whether a text is a code or a token."""
    try:
        parse_scan(text)
    except MalformedCode:
        return False
    return True


def test_the_check_digit_is_damms() -> None:
    assert check_digit("572") == "4"
    assert check_digit("5724") == "0"
    assert check_digit("") == "0"


@given(BODIES)
@settings(max_examples=examples(100))
def test_every_single_wrong_digit_is_caught(body: str) -> None:
    code = body + check_digit(body)
    assert is_read(code)
    for place in range(9):
        for digit in set("0123456789") - {code[place]}:
            assert not is_read(code[:place] + digit + code[place + 1 :])


@given(BODIES)
@settings(max_examples=examples(200))
def test_every_pair_of_neighbours_swapped_is_caught(body: str) -> None:
    code = body + check_digit(body)
    for place in range(8):
        swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        assert swapped == code or not is_read(swapped)


def test_control_a_sum_of_digits_lets_swapped_neighbours_through() -> None:
    def sums_to_ten(code: str) -> bool:
        return sum(map(int, code)) % 10 == 0

    assert sums_to_ten("123456784")
    assert sums_to_ten("213456784")


@pytest.mark.parametrize(
    "typed",
    [
        "{0} {1} {2}",
        "{0}-{1}-{2}",
        "{0}.{1}.{2}",
        "  {0}{1}{2}\r\n",
        "{0}\u00a0{1}\u202f{2}",
        "{0}\u2007{1}\u2009{2}",
        "{0}–{1}—{2}",
        "{0}\u2011{1}\u2212{2}",
    ],
)
def test_separators_do_not_matter(typed: str) -> None:
    code = new_code()
    parts = code.digits[:3], code.digits[3:6], code.digits[6:]
    assert parse_scan(typed.format(*parts)) == code


@pytest.mark.parametrize("script", ZEROS)
def test_digits_of_other_scripts_are_read(script: str) -> None:
    code = new_code()
    typed = "".join(chr(ord(ZEROS[script]) + int(digit)) for digit in code.digits)
    assert parse_scan(typed) == code


@pytest.mark.parametrize(
    "text", ["12345678²", "½23456789", "12345678Ⅸ", "1234567a9", "+48291037", "1e8", "٣x"]
)
def test_what_only_looks_like_a_digit_is_refused(text: str) -> None:
    assert not is_read(text)


def test_a_code_is_shown_in_threes() -> None:
    assert BookingCode("482910378").shown == "482 910 378"


def test_drawn_codes_are_right_and_differ() -> None:
    codes = {new_code().digits for _ in range(500)}
    assert len(codes) > 495
    assert all(check_digit(code) == "0" and len(code) == 9 for code in codes)


def test_a_token_has_at_least_128_bits_and_comes_back_from_its_qr() -> None:
    tokens = {new_token() for _ in range(200)}
    assert len(tokens) == 200
    for token in tokens:
        assert parse_scan(token.qr) == token
        assert len(token.text) * 5 >= 128
        assert len(token.qr.encode()) <= MAX_SCAN_BYTES


@pytest.mark.parametrize(
    "text",
    [
        "NQ1:",
        "nq1:" + "A" * 32,
        "NQ2:" + "A" * 32,
        "NQ1:" + "A" * 31,
        "NQ1:" + "A" * 33,
        "NQ1:" + "a" * 32,
        "NQ1:" + "A" * 31 + "1",
        "NQ1:" + "A" * 31 + "=",
        "NQ1: " + "A" * 32,
        "NQ1:" + "A" * 16 + "\n" + "A" * 16,
        "NQ1:" + "Ａ" * 32,
        "https://example.org/NQ1:" + "A" * 32,
        "",
        " ",
    ],
)
def test_the_grammar_of_a_qr_is_strict(text: str) -> None:
    assert not is_read(text)


def test_longer_than_256_bytes_is_refused_however_it_is_padded() -> None:
    code = new_code().digits
    assert is_read(code + " " * (MAX_SCAN_BYTES - 9))
    assert not is_read(code + " " * (MAX_SCAN_BYTES - 8))
    assert not is_read(code + "\u2007" * 83)


@given(st.text(max_size=400))
@settings(max_examples=examples(300))
def test_no_text_whatever_crashes_it(text: str) -> None:
    with contextlib.suppress(MalformedCode):
        assert isinstance(parse_scan(text), BookingCode | BookingToken)


@given(st.text(alphabet=st.characters(categories=["Nd"]), min_size=1, max_size=12))
@settings(max_examples=examples(200))
def test_every_decimal_digit_of_unicode_has_its_value(text: str) -> None:
    assert digits_of(text) == "".join(str(unicodedata.digit(char)) for char in text)


@given(st.characters(categories=["Cs"]))
@settings(max_examples=examples(20))
def test_half_of_a_surrogate_pair_is_refused(char: str) -> None:
    assert not is_read("48291037" + char)
