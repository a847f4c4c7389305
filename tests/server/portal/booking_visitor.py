"""A person who books on the pages, step by step, in a browser without scripts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from server.services.accounts.address import address_of
from server.store.queries.privacy import personal_keys
from server.store.tables import Account, Message, Reservation, Slot
from tests.server.movable_clock import at
from tests.server.portal.browser import Browser, Page
from tests.server.sample_office import PASSWORD, SampleOffice, password_hash

TEMPLATE = {"days": ["mon", "tue", "wed", "thu", "fri"], "hours": "08:00-16:00", "every_minutes": 30}
TOMORROW_TEN = at("10:00") + timedelta(days=1)
DAY = "2026-11-24"
CALENDAR = "/en/book/wroclaw/L"
PERSON = {
    "given_names": "Оксана Іванівна",
    "surname": "Шевченко-Kowalska",
    "birth_date": ["1", "5", "1990"],
    "document": "FA 123456",
}
CONTACT = {"email": "oksana@example.org", "language": "uk"}


class Visitor:
    """Walks through the pages of booking; what is asked for can be changed by name."""

    def __init__(self, office: SampleOffice, browser: Browser, puzzle: dict[str, str] | None = None) -> None:
        self.office, self.browser = office, browser
        # What the widget of the puzzle sends, where one is set up.
        self.puzzle = puzzle or {}
        self.draft = ""

    def rule(self, letter: str = "L", **booking: Any) -> None:
        """Have a service booked on the web."""
        more = {key: booking.pop(key) for key in ("verification_required", "information") if key in booking}
        self.office.set_policy(letter, booking={"slots": [TEMPLATE]} | booking, **more)

    def open(self, *hours: datetime, letter: str = "L", capacity: int = 1) -> None:
        """Open hours; without any, ten o'clock tomorrow."""
        for hour in hours or (TOMORROW_TEN,):
            self.office.open_slot(letter, hour, capacity)

    def log_in(self, email: str = "anna.nowak@example.org") -> int:
        """Make an account and log in; return its id."""
        account_id = self.office.store.write(lambda session: self._account(session, email))
        page = self.browser.post("/en/log-in", {"email": email, "password": PASSWORD} | self.puzzle)
        assert page.status == 303, page.words
        return account_id

    def begin(self, hour: datetime = TOMORROW_TEN, calendar: str = CALENDAR) -> Page:
        """Choose an hour; the draft begins."""
        path = f"{calendar}/{hour:%Y-%m-%d}"
        page = self.browser.post(path, {"hour": f"{hour:%Y-%m-%dT%H:%MZ}"})
        assert page.status == 303, page.words
        if "/book/draft/" in page.headers["Location"]:
            self.draft = page.headers["Location"].partition("/book/draft/")[2].partition("/")[0]
        return page

    def path(self, step: str) -> str:
        """Return the address of a page of the draft."""
        return f"/en/book/draft/{self.draft}/{step}"

    def send(self, step: str, **typed: Any) -> Page:
        """Fill in a page of the draft and send it."""
        return self.browser.post(self.path(step), typed | self.puzzle)

    def fill_in(self, **typed: Any) -> Page:
        """Fill in who comes and how to reach them; return the check of all answers."""
        for step, known in (("details", PERSON), ("contact", CONTACT)):
            page = self.send(step, **{key: typed.get(key, value) for key, value in known.items()})
            assert page.status == 303, page.mistakes
        return self.browser.follow(page)

    def hold(self) -> Page:
        """Send the check of all answers."""
        check = self.browser.get(self.path("check"))
        return self.browser.submit(check, self.path("hold"))

    def hold_without_looking(self) -> Page:
        """Send a draft that was not checked, with a token of another form."""
        return self.browser.submit(self.browser.get("/en/log-out"), self.path("hold"))

    def booked(self, **typed: Any) -> Page:
        """Book the hour from its choice to the activation; return the confirmation."""
        self.begin()
        self.fill_in(**typed)
        held = self.browser.follow(self.hold())
        place = held.headers["Location"]
        done = self.browser.post(place, {"code": self.code()})
        assert done.status == 303, done.mistakes
        return self.browser.follow(done)

    def later(self) -> datetime:
        """Return an hour after the first."""
        return TOMORROW_TEN + timedelta(hours=1)

    def letters(self, kind: str) -> list[dict[str, Any]]:
        """Return what the reader of each letter of a kind may see."""
        found = self.office.rows(Message, Message.kind == kind)
        return [self.office.store.read(lambda session, row=row: self._values(session, row)) for row in found]

    def code(self) -> str:
        """Return the code that was sent last."""
        return str(self.letters("activation_code")[-1]["code"])

    def reservations(self) -> list[Any]:
        """Return all reservations."""
        return self.office.rows(Reservation)

    def taken(self) -> int:
        """Return how many places are taken."""
        return sum(row.taken for row in self.office.rows(Slot))

    def _values(self, session: Session, row: Message) -> dict[str, Any]:
        box = personal_keys.box(session, self.office.runtime.keys, row.personal_key_id)
        return dict(personal_keys.open_json(box, row.sealed_values, b"values") or {})

    def _account(self, session: Session, email: str) -> int:
        now, keys = self.office.clock.now(), self.office.runtime.keys
        address = address_of(email)
        assert address is not None
        key_id, box = personal_keys.new_key(session, keys, now)
        row = Account(
            personal_key_id=key_id,
            email_hash=address.hash(keys),
            sealed_email=personal_keys.seal_json(box, email, b"email"),
            password_hash=password_hash(),
            language="en",
            terms_version=self.office.runtime.portal.terms_version,
            terms_accepted_at=now,
            made_at=now,
            confirmed_at=now,
        )
        session.add(row)
        session.flush()
        return row.id
