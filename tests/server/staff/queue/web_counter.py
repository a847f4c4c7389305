"""A counter in a browser without scripts: enrolled by a code, a clerk at it, every step a form of the page."""

from __future__ import annotations

import re
from typing import Any

from server.services.access import devices
from server.services.access.devices import NewDevice
from tests.server.portal.browser import Page
from tests.server.sample_office import SampleOffice
from tests.server.staff.people import Colleague, People
from wire.vocabulary import DeviceRole, Role

COUNTER = "/staff/at/wroclaw/counter"


def code_for(office: SampleOffice, number: int, branch: str = "wroclaw") -> str:
    """Make the enrolment code of a counter, as an administrator does."""
    context = office.runtime.context()
    found = context.office.branch_named(branch)
    assert found is not None
    hall = "B" if number == 20 else "A"
    new = NewDevice(DeviceRole.COUNTER, f"browser {number}", hall, number)
    return office.store.write(lambda session: devices.prepare_enrolment(session, context, found, new))


def enrol(office: SampleOffice, browser: Colleague, number: int, branch: str = "wroclaw") -> Page:
    """Make a browser a counter."""
    address = f"/staff/at/{branch}/counter/code"
    return browser.post(address, {"code": code_for(office, number, branch)})


class WebCounter:
    """Somebody at a counter in a browser."""

    def __init__(self, office: SampleOffice, browser: Colleague) -> None:
        self.office, self.browser = office, browser
        self.page = browser.get(COUNTER)

    def look(self, query: str = "") -> Page:
        """Open the page anew."""
        self.page = self.browser.get(COUNTER + query)
        return self.page

    def can(self, step: str) -> bool:
        """Say whether the page has a button for a step."""
        return f'name="step" value="{step}"' in self.page.text

    def form(self, step: str) -> dict[str, Any]:
        """Return what the form of a step would send, without what a person chooses in it."""
        for text in re.findall(r"<form.*?</form>", self.page.text, re.S):
            if f'name="step" value="{step}"' in text:
                hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text)
                return dict(hidden) | {"step": step}
        raise AssertionError(f"the page has no form for {step}")

    def do(self, step: str, **chosen: Any) -> Page:
        """Press the button of a step, and go where its answer leads."""
        return self.send(self.form(step) | chosen)

    def send(self, form: dict[str, Any]) -> Page:
        """Send a form of the page, and go where its answer leads."""
        answer = self.browser.send("POST", f"{COUNTER}/act", form)
        assert answer.status == 303, answer.words
        self.page = self.browser.follow(answer)
        return self.page

    @property
    def number(self) -> str:
        """Return what stands large on the page."""
        found = re.search(r'id="counter-number">([^<]*)<', self.page.text)
        return found[1].strip() if found else ""


def at_counter(office: SampleOffice, people: People, number: int = 7, role: Role = Role.CLERK) -> WebCounter:
    """Sign somebody in on the pages, make their browser a counter and let them sit down there."""
    browser = people.signed_in(role)
    assert enrol(office, browser, number).status == 303
    browser.submit(browser.get(COUNTER), f"{COUNTER}/sit-down")
    return WebCounter(office, browser)
