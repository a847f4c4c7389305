"""Reads a TOML file and says in one sentence what is wrong with it, where, and what may be meant."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

Tables = dict[str, Any]
MAX_BYTES = 1_000_000


class ConfigError(Exception):
    """The settings cannot be used; the text is one sentence for the operator."""


def read_tables(file: Path) -> tuple[str, Tables]:
    """Read a TOML file of at most a megabyte and give its text and its tables; raises ConfigError."""
    try:
        with file.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {(error.strerror or str(error)).lower()}.") from error
    if len(raw) > MAX_BYTES:
        raise ConfigError(f"{file} is longer than a file of settings can be.")
    try:
        text = raw.decode("utf-8-sig")
        return text, tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{file}, line {line}: the file is not UTF-8 text.") from error
    except RecursionError as error:
        raise ConfigError(f"{file} is nested too deeply.") from error
    except ValueError as error:
        raise ConfigError(_syntax(file, str(error))) from error


def explain(file: Path, text: str, error: ValidationError, names: Sequence[str]) -> str:
    """Turn what pydantic found first into a sentence; names are the dotted names of all settings."""
    first = error.errors(include_url=False)[0]
    parts = [str(part) for part in first["loc"]]
    keys = [part for part in parts if not part.isdigit()]
    line = line_of(text, keys)
    place = f"{file}, line {line}" if line else str(file)
    dotted = ".".join(keys)
    more = f" ({error.error_count() - 1} more after it)" if error.error_count() > 1 else ""
    if first["type"] == "extra_forbidden":
        return f"{place}: there is no setting '{dotted}'{_meant(dotted, names)}{more}"
    return f"{place}: '{dotted}' {_complaint(first)}.{more}"


def line_of(text: str, keys: Sequence[str]) -> int | None:
    """Find the line on which a key, or else the table that should hold it, stands; None when it is not plain."""
    best: tuple[int, int] | None = None
    header: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if match := re.match(r"\s*\[+([^\[\]]+)\]", line):
            header = _dotted_parts(match[1])
            here = header
        elif match := re.match(r"\s*([\w.\-\"' ]+?)\s*=", line):
            here = header + _dotted_parts(match[1])
        else:
            continue
        depth = len(here)
        if here == list(keys[:depth]) and (best is None or depth > best[0]):
            best = (depth, number)
    return best[1] if best else None


def _dotted_parts(name: str) -> list[str]:
    return [part.strip().strip("\"'") for part in name.split(".")]


def _syntax(file: Path, message: str) -> str:
    at_line = re.search(r"\(at line (\d+), column \d+\)", message)
    what = re.sub(r"\s*\(at .*?\)", "", message).rstrip(".")
    place = f"{file}, line {at_line[1]}" if at_line else str(file)
    return f"{place}: this is not TOML: {what[:1].lower()}{what[1:]}."


def _meant(dotted: str, names: Sequence[str]) -> str:
    last = dotted.rpartition(".")[2]
    tables = {name[:end] for name in names for end, char in enumerate(name) if char == "."}
    like = [name for name in (*names, *tables) if name.count(".") == dotted.count(".")]
    elsewhere = [name for name in names if get_close_matches(last, [name.rpartition(".")[2]], cutoff=0.8)]
    same = [name for name in names if name.rpartition(".")[2] == last]
    near = same or get_close_matches(dotted, like, n=1, cutoff=0.8) or elsewhere
    return f"; did you mean '{near[0]}'?" if near else "."


def _complaint(first: Any) -> str:
    message = str(first["msg"]).removeprefix("Value error, ")
    message = re.sub(r"^Input (should )", r"\1", message).rstrip(".")
    value = repr(first["input"])
    told = "" if "://" in value or len(value) > 60 else f", not {value}"  # a URL may hold a password
    return f"{message}{told}" if message.startswith("should") else f"is not right: {message}"
