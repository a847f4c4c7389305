"""What an office wrote, in the language of the page if it did, marked where it is another."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import Flask
from markupsafe import Markup, escape

from server.portal import languages

_MARKED = Markup('<span lang="{spoken}">{text}</span>')


def join(app: Flask) -> None:
    """Let templates say what an office wrote."""
    app.add_template_global(say)
    app.add_template_filter(web_address)
    app.add_template_filter(dialled)


def say(texts: Mapping[str, str]) -> Markup:
    """Return a text in the page's language, else in Polish, else in any; another language is marked as such."""
    language = languages.current()
    for spoken in (language, "pl", *texts):
        if text := texts.get(spoken):
            return escape(text) if spoken == language else _MARKED.format(spoken=spoken, text=text)
    return Markup("")


def web_address(address: str | None) -> str | None:
    """Return an address that an office gave where a browser may be sent there, else None."""
    return address if address and urlsplit(address).scheme in ("http", "https") else None


def dialled(phone: str) -> str:
    """Return a telephone number as it is dialled: its digits, and the + before them."""
    return "".join(char for char in phone if char.isascii() and (char.isdigit() or char == "+"))
