"""An office that set itself up: from an empty database, by its first administrator, on the pages alone."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import count
from typing import Any

from playwright.sync_api import Browser

from tests.server.sample_office import Door
from tests.server.staff.journeys.colleague import PASSWORD, Colleague
from tests.server.staff.office.empty_office import EmptyOffice
from wire.vocabulary import Role

AT = "/staff/at/opole"
GUIDE = f"{AT}/first-steps"
_DAYS = ("mon", "tue", "wed", "thu", "fri")
_CODE = r"[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}"


class Founded:
    """A served office in one language; what `found` did not make on a page is not there."""

    def __init__(self, fresh: EmptyOffice, address: str, browser: Browser, language: str) -> None:
        self.fresh, self.address, self.browser, self.language = fresh, address, browser, language
        self._numbers = count(1)
        self.kiosk = Door(fresh.app)
        self.administrator = self.somebody()

    def somebody(self) -> Colleague:
        """Give a browser in which nobody is signed in."""
        return Colleague(self.browser, self.address, self.fresh.clock, self.language)

    def colleague(self, role: Role) -> Colleague:
        """Invite somebody of a role, and let them come in by the address that they are given."""
        came = self.somebody()
        came.login = f"{role}{next(self._numbers)}"
        came.chooses_password(self.invite(role, came.login), second_factor=role is not Role.CLERK)
        return came

    def found(self) -> None:
        """Walk the administrator's way: from the one-time address to a hall in which a kiosk is enrolled."""
        ewa = self.administrator
        ewa.open(self.fresh.first_address())
        ewa.send("Continue", name="Ewa Maj", login="ewa", password=PASSWORD)
        ewa.open("/staff/me/app")
        ewa.shows_second_factor()
        ewa.open("/staff/")
        ewa.send("Save", code="opole", name="Urząd w Opolu")
        ewa.send("Add", name="Sala A")
        ewa.press("Next")
        self._services(ewa)
        self._counters(ewa)
        ewa.fill(**{f"opening_hours__{day}": "08:00-15:30" for day in _DAYS})
        ewa.press("Save and go on")
        self._hours_to_book(ewa)
        self.kiosk = self.fresh.enrol(self.code_for("kiosk"))

    def _services(self, ewa: Colleague) -> None:
        for letter, pl, en in (("P", "Paszporty", "Passports"), ("L", "Pobyt", "Residence")):
            ewa.send("Add", letter=letter, names__pl=pl, names__en=en)
        ewa.send("Add", letter="K", names__pl="Rozmowa", names__en="Talk")
        ewa.press("Next")

    def _counters(self, ewa: Colleague) -> None:
        for number, letters in (("7", "P"), ("10", "PK"), ("12", "L")):
            ewa.fill(number=number)
            for letter in "PLK":
                ewa.page.set_checked(f"main [name=services][value={letter}]", letter in letters)
            ewa.press("Add")
        ewa.press("Next")

    def _hours_to_book(self, ewa: Colleague) -> None:
        """Let L and K be booked, K only after the office has looked at each visit."""
        for letter in "LK":
            number = self.service(letter)
            ewa.open(f"{AT}/settings/service/{number}/slots")
            ewa.page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
            for day in _DAYS:
                ewa.page.check(f"main [name='booking.slots.0.days'][value={day}]")
            ewa.send("Save", booking__slots__0__hours="08:00-15:00", booking__slots__0__every_minutes="30")
        ewa.open(f"{AT}/settings/service/{self.service('K')}/service")
        ewa.page.check("main [name=verification_required]")
        ewa.press("Save")

    def invite(self, role: Role, login: str) -> str:
        """Let the administrator add somebody; return the one-time address that the page shows."""
        ewa = self.administrator
        ewa.open(f"{AT}/users/new")
        for each in ewa.page.locator("main [name=roles]").all():
            each.set_checked(False)
        ewa.page.check(f"main [name=roles][value='{role}.{self.branch.id}']")
        ewa.send("Add and show the address", name=f"Anna {login}", login=login)
        return "/staff" + ewa.page.inner_text("main .access-address").partition("/staff")[2]

    def code_for(self, device: str, counter: str = "") -> str:
        """Let the administrator make a device's code."""
        ewa = self.administrator
        ewa.open(f"{AT}/devices/new?role={device}")
        ewa.page.check(f"main [name=role][value={device}]")
        if counter:
            ewa.page.select_option("main [name=counter]", counter)
        ewa.press("Make the code")
        assert ewa.page.locator("main .staff-qr svg").count() == 1
        found = re.search(_CODE, ewa.page.inner_text("main"))
        assert found is not None
        return found[0]

    def clerk_at(self, counter: str) -> Door:
        """Let a clerk work at a counter in the installed program."""
        somebody = self.colleague(Role.CLERK)
        somebody.leave()
        device = self.fresh.enrol(self.code_for("counter", counter))
        answer = device.post("/sessions", {"login": somebody.login, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        return Door(self.fresh.app, answer.get_json()["token"])

    def ticket(self, letter: str) -> str:
        """Let a visitor take a ticket at the kiosk; return its number."""
        answer = self.kiosk.post("/tickets", {"service": letter, "language": "pl"})
        assert answer.status_code == 201, answer.text
        number: str = answer.get_json()["ticket"]["number"]
        return number

    @property
    def branch(self) -> Any:
        """Return the branch."""
        found = self.fresh.runtime.office.current().branch_named("opole")
        assert found is not None
        return found

    def service(self, letter: str) -> int:
        """Return a service's id."""
        found: int = self.branch.services[letter].id
        return found

    def tomorrow(self) -> str:
        """Return the day after, as addresses have it."""
        return f"{self.fresh.clock.now() + timedelta(days=1):%Y-%m-%d}"
