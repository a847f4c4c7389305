"""Forms of settings in a browser without scripts: what they hold, with textareas and selects."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from tests.server.portal.browser import Page
from tests.server.staff.people import Colleague


class _Fields(HTMLParser):
    """Reads what a browser would send of the form of settings without a touch."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.sent: dict[str, Any] = {}
        self._is_inside = False
        self._area: str | None = None
        self._select: str | None = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        name = found.get("name") or ""
        if tag == "form":
            self._is_inside = "office-form" in (found.get("class") or "")
        elif not self._is_inside:
            return
        elif tag == "input" and found.get("type") == "checkbox":
            if "checked" in found:
                self.sent.setdefault(name, []).append(found["value"])
        elif tag == "input":
            self.sent[name] = found.get("value") or ""
        elif tag == "textarea":
            self._area, self.sent[name] = name, ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in found or self._select not in self.sent):
            self.sent[self._select] = found["value"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self.sent[self._area] += data


def typed(page: Page, **changes: Any) -> dict[str, Any]:
    """Return what the form of a page holds, with these fields typed over (`__` stands for a dot)."""
    sent = _Fields(page.text).sent
    sent = {
        name: value.removeprefix("\n") if isinstance(value, str) else value for name, value in sent.items()
    }
    for name, value in changes.items():
        if value is None:
            sent.pop(name.replace("__", "."), None)
        else:
            sent[name.replace("__", ".")] = value
    return sent


def save(browser: Colleague, path: str, **changes: Any) -> Page:
    """Open a form of settings, type over some fields, and send it."""
    return browser.send("POST", path, typed(browser.get(path), **changes))
