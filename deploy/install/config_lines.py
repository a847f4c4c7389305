"""Changes single values in the text of config.toml and leaves its comments and everything else alone."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping


def with_values(text: str, values: Mapping[tuple[str, str], object]) -> str:
    """Give the text with each value by (table, key) set, a missing key or table added.

    A value is a string or a list of strings; the key has to stand on one line, as in the shipped file.
    """
    for (table, key), value in values.items():
        text = _with_value(text, table, f"{key} = {json.dumps(value, ensure_ascii=False)}")
    return text


def _with_value(text: str, table: str, line: str) -> str:
    head = re.search(rf"(?m)^\[{re.escape(table)}\][^\n]*\n?", text)
    if head is None:
        return f"{text.rstrip()}\n\n[{table}]\n{line}\n".lstrip()
    end = re.compile(r"(?m)^\[").search(text, head.end())
    body = text[head.end() : end.start() if end else len(text)]
    key = line.partition(" =")[0]
    # By a function: the value may hold backslashes.
    changed, found = re.subn(rf"(?m)^{re.escape(key)}\s*=[^\n]*", lambda _: line, body, count=1)
    opening = head[0] if head[0].endswith("\n") else head[0] + "\n"
    return (
        text[: head.start()]
        + opening
        + (changed if found else f"{line}\n{body}")
        + text[head.end() + len(body) :]
    )
