"""Somebody with an account at the pages: what they fill in, and the links of their letters."""

from __future__ import annotations

from server.store.tables import Account
from tests.server.portal.browser import Browser, Page
from tests.server.sample_office import SampleOffice
from tests.server.services.accounts.people import ANNA, PASSWORD, People


class Owner:
    """A person with a browser; `people` looks behind the scenes."""

    def __init__(self, office: SampleOffice, browser: Browser) -> None:
        self.office = office
        self.browser = browser
        self.people = People(office)

    def register(
        self, email: str = ANNA, password: str = PASSWORD, path: str = "/en/account/new", **more: str
    ) -> Page:
        """Fill in the page of a new account."""
        filled = {"email": email, "password": password, "terms": "y"} | more
        return self.browser.post(path, filled)

    def link(self, kind: str) -> str:
        """Return the path of the link in the last letter of a kind."""
        url = self.people.letters(kind)[-1].values["url"]
        assert url.startswith("https://numerek.test/")
        return url.removeprefix("https://numerek.test")

    def log_in(self, email: str = ANNA, password: str = PASSWORD, path: str = "/en/log-in") -> Page:
        """Fill in the page to log in."""
        return self.browser.post(path, {"email": email, "password": password})

    def inside(self) -> Owner:
        """Have an account and be logged in."""
        if not self.office.rows(Account):
            self.people.register(language="en")
            self.people.confirm()
        assert self.log_in().status == 303
        return self
