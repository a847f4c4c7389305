"""Writes tables as TOML: what the standard library reads but does not write."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_INLINE = 90
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def toml_text(tables: Mapping[str, Any]) -> str:
    """Write tables of texts, whole numbers, flags, lists and tables as TOML."""
    return "\n".join(_table((), tables)).strip() + "\n"


def _table(path: tuple[str, ...], table: Mapping[str, Any]) -> Iterator[str]:
    """Write a table: its plain keys first, then the tables in it under headings of their own."""
    below = {}
    for key, value in table.items():
        if _needs_heading(value):
            below[key] = value
        else:
            yield f"{_key(key)} = {_text_block(value) or _inline(value)}"
    for key, value in below.items():
        heading = ".".join(_key(each) for each in (*path, key))
        for each in value if isinstance(value, list) else [value]:
            if not (isinstance(value, Mapping) and _is_only_headings(each)):
                yield ""
                yield f"[[{heading}]]" if isinstance(value, list) else f"[{heading}]"
            yield from _table((*path, key), each)


def _is_only_headings(table: Mapping[str, Any]) -> bool:
    return bool(table) and all(_needs_heading(each) for each in table.values())


def _needs_heading(value: Any) -> bool:
    if isinstance(value, Mapping):
        return len(_inline(value)) > _INLINE
    is_tables = isinstance(value, list) and bool(value) and all(isinstance(each, Mapping) for each in value)
    return is_tables and len(_inline(value)) > _INLINE


def _inline(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{_escaped(value)}"'
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_key(key)} = {_inline(each)}" for key, each in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list):
        return f"[{', '.join(_inline(each) for each in value)}]"
    return str(value)


def _text_block(value: Any) -> str | None:
    """Write a text of several lines as it is read; None for anything else."""
    if not isinstance(value, str) or "\n" not in value:
        return None
    return '"""\n' + "\n".join(_escaped(line) for line in value.split("\n")) + '"""'


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else f'"{_escaped(key)}"'


def _escaped(text: str) -> str:
    return "".join(
        _ESCAPES.get(char) or (f"\\u{ord(char):04X}" if ord(char) < 32 or ord(char) == 127 else char)
        for char in text
    )
