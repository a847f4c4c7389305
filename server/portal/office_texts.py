"""What an office wrote, in the language of the page if it did, marked where it is another.

A long text is plain: lines that begin with "# " are headings, with "- " or "1. " items of a list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlsplit

from flask import Flask
from markupsafe import Markup, escape

from server.portal import languages
from server.portal.sentences import whole
from server.services.office.settings import BranchView
from server.web.request_context import request_context

_MARKED = Markup('<span lang="{spoken}" dir="{direction}">{text}</span>')


def join(app: Flask) -> None:
    """Let templates say what an office wrote."""
    app.add_template_global(say)
    app.add_template_global(spoken)
    app.add_template_global(languages.direction_of)
    app.add_template_global(notices_of)
    app.add_template_filter(blocks)
    app.add_template_filter(web_address)
    app.add_template_filter(dialled)


def say(texts: Mapping[str, str]) -> Markup:
    """Return a text in the page's language, else in Polish, else in any; another language is marked as such."""
    found = spoken(texts)
    if found is None:
        return Markup("")
    language, text = found
    if language == languages.current():
        return escape(text)
    return _MARKED.format(spoken=language, direction=languages.direction_of(language), text=text)


def notices_of(branch: BranchView) -> list[Mapping[str, str]]:
    """List the notices of a branch that its booking pages show now."""
    return [each.text for each in branch.policy.notices_on(request_context().now) if each.portal]


def spoken(texts: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the language in which a text can be shown on this page, and the text; None when there is none."""
    order = (languages.current(), "pl", *texts)
    return next(((language, whole(texts[language])) for language in order if texts.get(language)), None)


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a long text: a `heading`, a `paragraph`, or a list (`bullets`, `numbers` from `first` on)."""

    kind: str
    lines: tuple[str, ...]
    first: int = 1


def blocks(text: str) -> list[Block]:
    """Cut a long text into its headings, paragraphs and lists."""
    found: list[Block] = []
    for kind, group in groupby(text.splitlines(), _kind_of):
        lines = list(group)
        if kind == "paragraph":
            found.append(Block(kind, (" ".join(line.strip() for line in lines),)))
        elif kind == "heading":
            found += [Block(kind, (_bare(line),)) for line in lines]
        elif kind:
            first = int(lines[0].split(".")[0]) if kind == "numbers" else 1
            found.append(Block(kind, tuple(_bare(line) for line in lines), first))
    return found


def _kind_of(line: str) -> str:
    if not line.strip():
        return ""
    match = re.match(r"(# )|(- )|(\d{1,3}\. )", line)
    return ("heading", "bullets", "numbers")[(match.lastindex or 1) - 1] if match else "paragraph"


def _bare(line: str) -> str:
    return line.partition(" ")[2].strip()


def web_address(address: str | None) -> str | None:
    """Return an address that an office gave where a browser may be sent there, else None."""
    return address if address and urlsplit(address).scheme in ("http", "https") else None


def dialled(phone: str) -> str:
    """Return a telephone number as it is dialled: its digits, and the + before them."""
    return "".join(char for char in phone if char.isascii() and (char.isdigit() or char == "+"))
