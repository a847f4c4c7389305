"""Somebody who takes part in a draw on the pages, step by step, in a browser without scripts."""

from __future__ import annotations

from typing import Any

from tests.server.portal.booking_visitor import Visitor
from tests.server.portal.browser import Page

# What a browser sends of lists in which nothing was chosen.
_UNTOUCHED = {f"wish_{row}_day": "" for row in range(2, 6)} | {f"wish_{row}_hours": "" for row in range(1, 6)}
STEPS: dict[str, dict[str, Any]] = {
    "details": {
        "given_names": "Оксана",
        "surname": "Шевченко",
        "birth_date": ["1", "5", "1990"],
        "document": "FA 123456",
    },
    "children": {},
    "contact": {"email": "oksana@example.org", "language": "uk"},
    "wishes": _UNTOUCHED | {"wish_1_day": "2026-12-03", "wish_1_hours": "00:00-12:00", "wish_2_day": "any"},
    "stay": {},
}


class Applicant(Visitor):
    """Takes part; what is typed can be changed by name."""

    def begin_entry(self, draw: str) -> Page:
        """Begin an application, or the change of one."""
        shown = self.browser.get(f"/en/draws/{draw}")
        page = self.browser.submit(shown, f"/en/draws/{draw}/entry")
        assert page.status == 303, page.words
        if "/book/draft/" in page.headers["Location"]:
            self.draft = page.headers["Location"].partition("/book/draft/")[2].partition("/")[0]
        return page

    def answer(self, page: Page, **typed: Any) -> Page:
        """Answer page after page from where one is sent; return the check, or the page that found a mistake."""
        while page.status == 303 and not page.headers["Location"].endswith("/check"):
            step = page.headers["Location"].rpartition("/")[2]
            page = self.send(step, **STEPS[step] | typed)
        return page if page.status != 303 else self.browser.follow(page)

    def send_entry(self) -> Page:
        """Send the answers from the check of all."""
        return self.browser.submit(self.browser.get(self.path("check")), self.path("entry"))

    def apply(self, draw: str, **typed: Any) -> Page:
        """Do all of it; return what the last page answers."""
        check = self.answer(self.begin_entry(draw), **typed)
        return check if check.mistakes else self.send_entry()
