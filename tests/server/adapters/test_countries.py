"""The country of an address: from the library's table, or from the operator's file."""

from __future__ import annotations

import struct
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from server.adapters.countries import (
    BundledCountries,
    CountryFileError,
    FileCountries,
    FixedCountries,
    open_countries,
)

MADE = datetime(2026, 11, 1, tzinfo=UTC)


def written(value: Any) -> bytes:
    """Write a value as the MaxMind DB format has it (2.0): text, numbers, arrays and maps."""
    if isinstance(value, str):
        return _head(2, len(value.encode())) + value.encode()
    if isinstance(value, int):
        body = value.to_bytes(8, "big").lstrip(b"\0")
        # Kinds from 7 on say theirs in a byte of its own: here a number of 64 bits.
        return bytes([len(body), 9 - 7]) + body
    if isinstance(value, list):
        return bytes([len(value), 11 - 7]) + b"".join(map(written, value))
    return _head(7, len(value)) + b"".join(written(each) for pair in value.items() for each in pair)


def _head(kind: int, size: int) -> bytes:
    assert size < 29
    return bytes([kind << 5 | size])


def country_file(path: Path, row: dict[str, Any]) -> Path:
    """Write a file with one node: addresses from 128.0.0.0 on have the row, those below have nothing."""
    nodes = 1
    tree = struct.pack(">I", nodes)[1:] + struct.pack(">I", nodes + 16)[1:]
    metadata = {
        "binary_format_major_version": 2,
        "binary_format_minor_version": 0,
        "build_epoch": int(MADE.timestamp()),
        "database_type": "Test",
        "description": {"en": "a test"},
        "ip_version": 4,
        "languages": ["en"],
        "node_count": nodes,
        "record_size": 24,
    }
    path.write_bytes(tree + bytes(16) + written(row) + b"\xab\xcd\xefMaxMind.com" + written(metadata))
    return path


@pytest.mark.parametrize(
    ("address", "country"),
    [
        ("5.173.0.1", "PL"),
        ("::ffff:5.173.0.1", "PL"),
        ("8.8.8.8", "US"),
        ("2001:470::1", "US"),
        ("fe80::1%eth0", None),
        ("127.0.0.1", None),
        ("10.1.2.3", None),
        ("nonsense", None),
        ("", None),
    ],
)
def test_the_librarys_table_knows_to_whom_an_address_was_given(address: str, country: str | None) -> None:
    assert BundledCountries().of(address) == country


def test_the_librarys_table_says_how_old_it_is() -> None:
    as_of = BundledCountries().as_of
    assert as_of is not None
    assert as_of > date(2025, 1, 1)


@pytest.mark.parametrize(
    "row",
    [
        {"country": {"iso_code": "UA"}},
        {"registered_country": {"iso_code": "UA"}},
        {"country": "ua"},
        {"country_code": "UA"},
    ],
)
def test_an_operators_file_is_read_in_the_usual_forms(tmp_path: Path, row: dict[str, Any]) -> None:
    countries = FileCountries(country_file(tmp_path / "c.mmdb", row))
    assert countries.of("200.0.0.1") == "UA"
    assert countries.of("100.0.0.1") is None
    assert countries.as_of == MADE.date()


def test_addresses_that_a_file_cannot_have_have_no_country(tmp_path: Path) -> None:
    countries = FileCountries(country_file(tmp_path / "c.mmdb", {"country": {"names": {"en": "?"}}}))
    assert countries.of("2001:470::1") is None
    assert countries.of("nonsense") is None
    assert countries.of("200.0.0.1") is None


@pytest.mark.parametrize("content", [None, b"", b"no file of countries", b"\xab\xcd\xefMaxMind.com"])
def test_a_file_that_is_none_is_told_with_its_name(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "broken.mmdb"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CountryFileError, match=r"broken\.mmdb"):
        open_countries(file)


def test_without_a_file_the_librarys_table_is_taken() -> None:
    assert isinstance(open_countries(None), BundledCountries)


def test_the_dummy_says_what_it_was_told() -> None:
    countries = FixedCountries({"203.0.113.5": "DE"})
    assert (countries.of("203.0.113.5"), countries.of("203.0.113.6"), countries.as_of) == ("DE", "PL", None)
