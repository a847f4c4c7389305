"""The country of an address: from the table in the library, or from a file of the operator (rule 8)."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cached_property
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import maxminddb


class CountryFileError(Exception):
    """The operator's file of countries cannot be used; says why."""


class BundledCountries:
    """The registries' own table of who was given which addresses: it lies in the library, nothing is fetched."""

    def of(self, address: str) -> str | None:
        """Return the country that an address was given to, None for one that is none or that nobody was given."""
        read = plain_address(address)
        if read is None:
            return None
        # Here, not above: its 2 MB of table are loaded by the first booking, not by every start.
        import iptocc

        found: str | None = iptocc.country_code(read)
        return found

    @cached_property
    def as_of(self) -> date | None:
        """Return when the library, and with it the table, was made; its build says so."""
        try:
            files = distribution("iptocc").files or []
            listed = next(file for file in files if file.name.endswith(".cyclonedx.json"))
            made = json.loads(listed.read_text())["metadata"]["timestamp"]
            return date.fromisoformat(made[:10])
        except (PackageNotFoundError, StopIteration, OSError, ValueError, KeyError, TypeError):
            return None


class FileCountries:
    """An operator's own .mmdb file; read when the server starts. Raises CountryFileError."""

    def __init__(self, path: Path) -> None:
        try:
            # In memory as a whole: a file that is replaced beneath a mapped one would break the server.
            self._table = maxminddb.open_database(path, maxminddb.MODE_MEMORY)
            self._as_of = datetime.fromtimestamp(self._table.metadata().build_epoch, UTC).date()
        except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
            raise CountryFileError(f"{path}: no file of countries (.mmdb): {error}") from None

    def of(self, address: str) -> str | None:
        """Return the country that the file has for an address."""
        read = plain_address(address)
        if read is None:
            return None
        try:
            row: Any = self._table.get(read)
        except ValueError:
            # An IPv6 address, and a file that has IPv4 only.
            return None
        return _code(row)

    @property
    def as_of(self) -> date:
        """Return when the file was made, as it says itself."""
        return self._as_of


class FixedCountries:
    """The dummy beside them: what a trial says about addresses, and one country for all others."""

    def __init__(self, known: Mapping[str, str] | None = None, otherwise: str | None = "PL") -> None:
        self._known, self._otherwise = dict(known or {}), otherwise

    def of(self, address: str) -> str | None:
        """Return what was set."""
        return self._known.get(address, self._otherwise)

    @property
    def as_of(self) -> date | None:
        """Return no date: this is no data."""
        return None


def open_countries(file: Path | None) -> BundledCountries | FileCountries:
    """Open the operator's file, or the table that comes with the libraries. Raises CountryFileError."""
    return BundledCountries() if file is None else FileCountries(file)


def plain_address(address: str) -> str | None:
    """Return an address as the tables know it: without a zone, an IPv4 one that is wrapped in IPv6 as itself."""
    try:
        read = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    if isinstance(read, ipaddress.IPv6Address) and read.ipv4_mapped is not None:
        read = read.ipv4_mapped
    return str(read)


def _code(row: Any) -> str | None:
    """Find the two letters in a row: where the usual files have them."""
    if not isinstance(row, dict):
        return None
    for name in ("country", "registered_country"):
        found = row.get(name)
        code = found.get("iso_code") if isinstance(found, dict) else found
        if isinstance(code, str) and len(code) == 2:
            return code.upper()
    code = row.get("country_code")
    return code.upper() if isinstance(code, str) and len(code) == 2 else None
