"""A visitor's browser without scripts: it follows links, fills in forms and keeps its cookie."""

from __future__ import annotations

import gzip
import re
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

UNSEEN = "\N{WORD JOINER}"
"""Keeps lines from ending within a word."""
_VOID = frozenset({"meta", "link", "input", "br", "hr", "img", "col", "wbr"})


class Reader(HTMLParser):
    """Reads a page: its elements with their attributes, and whether each that opens is closed."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[str, list[str]] = {}
        self.problems: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        self.problems += [f"{tag} is not closed" for tag in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        self.problems += [f"{tag} has {name} twice" for name in set(names) if names.count(name) > 1]
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self.texts.setdefault(tag, []).append("")
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()
        elif tag not in _VOID:
            self.problems.append(f"{tag} is closed inside {self._open[-1:]}")

    def handle_data(self, data: str) -> None:
        for tag in set(self._open):
            self.texts[tag][-1] += data

    def named(self, tag: str) -> list[dict[str, str]]:
        """List the attributes of all elements of a name."""
        return [attributes for name, attributes in self.elements if name == tag]


def _text(response: TestResponse) -> str:
    body = response.data
    text = (gzip.decompress(body) if response.headers.get("Content-Encoding") == "gzip" else body).decode()
    return text.replace(UNSEEN, "")


class Page:
    """An answer, read as a page."""

    def __init__(self, response: TestResponse) -> None:
        self.response = response
        self.status = response.status_code
        self.headers = response.headers
        self.text = _text(response) if response.mimetype == "text/html" else ""
        self.html = Reader(self.text)

    @property
    def title(self) -> str:
        """Return what the tab says."""
        return self.html.texts["title"][0].strip()

    @property
    def heading(self) -> str:
        """Return the one heading of the first level."""
        (heading,) = self.html.texts["h1"]
        return " ".join(heading.split())

    @property
    def words(self) -> str:
        """Return all that can be read, in one line."""
        return " ".join(" ".join(self.html.texts["body"]).split())

    @property
    def links(self) -> list[str]:
        """List where links lead."""
        return [each["href"] for each in self.html.named("a") if "href" in each]

    @property
    def fields(self) -> dict[str, str]:
        """Return what the form holds that a browser would send without a touch."""
        sent = {}
        for each in self.html.named("input"):
            kind = each.get("type", "text")
            if "name" in each and (kind not in ("radio", "checkbox") or "checked" in each):
                sent[each["name"]] = each.get("value", "")
        return sent

    @property
    def mistakes(self) -> list[str]:
        """List the sentences of the summary of mistakes."""
        found = re.search(r'<ul class="govuk-list govuk-error-summary__list">(.*?)</ul>', self.text, re.S)
        return [] if found is None else [" ".join(each.split()) for each in Reader(found[1]).texts["a"]]


class Browser:
    """One visitor at the portal; `address` is where they come from."""

    def __init__(self, app: Flask, address: str = "198.51.100.7", host: str = "https://numerek.test") -> None:
        self._client = app.test_client()
        self._host = host
        self._address = address

    def from_elsewhere(self) -> Browser:
        """Return the same browser, cookie and all, in another network."""
        moved = Browser(self._client.application, "203.0.113.9", self._host)
        moved._client = self._client
        return moved

    def get(self, path: str, **headers: str) -> Page:
        """Open a page."""
        return self.send("GET", path, headers=headers)

    def post(self, path: str, data: dict[str, Any] | None = None, **headers: str) -> Page:
        """Open a page and send its form, with these fields filled in."""
        return self.send("POST", path, {**self.get(path).fields, **(data or {})}, headers)

    def submit(self, page: Page, path: str, data: dict[str, Any] | None = None) -> Page:
        """Send the form of a page that was opened before."""
        return self.send("POST", path, {**page.fields, **(data or {})})

    def follow(self, page: Page) -> Page:
        """Go where an answer leads."""
        return self.get(page.headers["Location"])

    def send(self, method: str, path: str, data: Any = None, headers: dict[str, str] | None = None) -> Page:
        """Send a request as it is."""
        named = {name.replace("_", "-"): value for name, value in (headers or {}).items()}
        response = self._client.open(
            path,
            method=method,
            data=data,
            headers=named,
            base_url=self._host,
            environ_base={"REMOTE_ADDR": self._address},
        )
        return Page(response)

    def take_cookie(self, name: str, value: str, path: str = "/") -> None:
        """Put a cookie into the browser, as an answer would."""
        self._client.set_cookie(
            name, value, domain=self._host.partition("//")[2], path=path, secure=True, httponly=True
        )

    def cookie_named(self, name: str, path: str = "/staff") -> str | None:
        """Return a cookie of another path than the root's."""
        found = self._client.get_cookie(name, self._host.partition("//")[2], path)
        return found.value if found else None

    @property
    def cookie(self) -> str | None:
        """Return the portal's cookie."""
        found = self._client.get_cookie("__Host-numerek", self._host.partition("//")[2])
        return found.value if found else None
