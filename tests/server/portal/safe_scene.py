"""A portal in full use: somebody with visits, a draft, questions and a draw, and a guest with a link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from server.store.tables import Application, Draft, Reservation, Verification
from tests.server.portal.booking_visitor import TOMORROW_TEN, Visitor
from tests.server.portal.browser import Browser, Page
from tests.server.portal.release.applicant import Applicant
from tests.server.sample_office import SampleOffice
from tests.server.services.release.crowd import Crowd

QUESTIONS: list[dict[str, Any]] = [
    {"key": "case", "label": {"en": "Case number"}},
    {"key": "filed", "label": {"en": "Filed on"}, "kind": "date", "required": False},
]
# Every table that somebody who is not its owner could write to through a page.
OWNED = (Reservation, Draft, Verification, Application)


@dataclass
class Scene:
    """What there is: words for addresses of somebody's own, and browsers of this person, a guest and others."""

    office: SampleOffice
    owner: Visitor
    guest: Visitor
    number: int
    pending: int
    link: str
    questions: str
    draw: str

    @property
    def words(self) -> dict[str, str]:
        """Return what the routes' addresses want, as the owner has it."""
        return {
            "branch": "wroclaw",
            "letter": "L",
            "day": f"{TOMORROW_TEN:%Y-%m-%d}",
            "number": str(self.number),
            "link": self.link,
            "draw": self.draw,
            "token": self.owner.draft,
        }

    def stranger(self, *, logged_in: bool) -> Browser:
        """Open another browser; with an account of its own, or without."""
        browser = Browser(self.office.app, "203.0.113.50")
        if logged_in:
            Visitor(self.office, browser).log_in("stranger@example.org")
        return browser


def letter_of(visitor: Visitor, letter: str, **typed: Any) -> Page:
    """Book a visit to a service, as a person of its own."""
    visitor.begin(calendar=f"/en/book/wroclaw/{letter}")
    visitor.fill_in(**typed)
    held = visitor.browser.follow(visitor.hold())
    visitor.browser.post(held.headers["Location"], {"code": visitor.code()})
    return visitor.browser.get(held.headers["Location"].removesuffix("/activate"))


def scene(office: SampleOffice) -> Scene:
    """Make it."""
    crowd = Crowd(office)
    crowd.open_draw()
    owner, guest = Applicant(office, Browser(office.app)), Visitor(office, Browser(office.app, "192.0.2.1"))
    owner.rule("L", account_limit=3, one_per_person=False)
    owner.rule("K", verification_required=True, questions=QUESTIONS)
    owner.rule("N", account_required=False)
    owner.rule("T", release="daily", release_at="12:00")
    for letter in "LKNT":
        owner.open(TOMORROW_TEN, TOMORROW_TEN + timedelta(hours=1), letter=letter, capacity=5)
    owner.log_in()
    confirmation = letter_of(owner, "L", email="anna.nowak@example.org")
    number = int(confirmation.response.request.path.rpartition("/")[2])
    waiting = letter_of(owner, "K", document="KK 765432")
    pending = int(waiting.response.request.path.rpartition("/")[2])
    questions = next(each for each in waiting.links if "/questions/" in each).rpartition("/")[2]
    draw = crowd.draw_row.public_id
    applied = owner.apply(draw)
    assert applied.status == 303, applied.mistakes
    owner.begin()
    owner.fill_in(document="XX 999999")
    owner.rule("L", account_limit=3, one_per_person=False, most_children=2)
    owner.browser.post(owner.path("children"), {"name": "Іван", "birth_year": "2019"})
    shown = letter_of(guest, "N", document="GG 111222", email="guest@example.org")
    link = shown.response.request.path.rpartition("/")[2]
    return Scene(office, owner, guest, number, pending, link, questions, draw)
