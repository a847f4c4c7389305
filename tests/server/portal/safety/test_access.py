"""Who may open what: every route by kind of visitor, another's objects, words that no form has (Safe 5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from server.store.tables import Account, Fact, Reservation
from tests.server.portal.addresses import addresses, print_of
from tests.server.portal.browser import Browser
from tests.server.portal.safe_scene import Scene, scene
from tests.server.sample_office import SampleOffice

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

# Whoever comes by may open these; all others want a log-in, or a secret of one's own in the address.
PUBLIC = frozenset(
    {
        *("root", "asset", "favicon", "apple-touch-icon", "robots", "challenge"),
        *("start.show", "services.listed", "country.show"),
        *("service.show", "service.pdf", "service.send", "terms.show", "terms.pdf", "terms.send"),
        *("terms.earlier_show", "terms.earlier_pdf", "terms.earlier_send"),
        *("privacy.earlier_show", "privacy.earlier_pdf", "privacy.earlier_send"),
        *("privacy.show", "privacy.pdf", "privacy.send", "contact.show", "contact.pdf", "contact.send"),
        *("accessibility.show", "accessibility.pdf", "accessibility.send"),
        *("account_new.show", "account_new.sent", "account_new.confirmed", "log_in.show", "log_in.leave"),
        *("account_password.ask", "account_password.sent"),
        *("book.branches", "book.services", "book.calendar", "book.hours", "release.waiting_room"),
        *("public_queue.as_json", "public_queue.as_csv"),
        *("release.listed", "release.draw", "release.data", "release.script"),
        "release.line_script",
        *("release.shuffle", "release.shuffle_data"),
        *(
            "audit.days",
            "audit.keys",
            "audit.latest",
            "audit.checkpoint",
            "audit.log",
            "audit.row",
            "audit.since",
            "audit.cosign",
        ),
    }
)
# A secret of the address opens these: a letter's link, or a draft beside its browser.
BY_SECRET = frozenset({"token", "link"})


@pytest.fixture
def used(office: SampleOffice, portal: Flask) -> Iterator[Scene]:
    portal.extensions["numerek_limiter"].enabled = False
    try:
        yield scene(office)
    finally:
        portal.extensions["numerek_limiter"].enabled = True


def built(portal: Flask, used: Scene, which: Any, method: str) -> list[str]:
    """Write the addresses of the rules that are chosen, in the owner's words."""
    kept = [rule for rule in portal.url_map.iter_rules() if which(rule) and method in (rule.methods or ())]
    wanted = {(rule.endpoint, frozenset(rule.arguments)) for rule in kept}
    found = []
    for rule, address in zip(portal.url_map.iter_rules(), addresses(portal, **used.words), strict=True):
        if (rule.endpoint, frozenset(rule.arguments)) in wanted:
            found.append(address)
    return found


def is_private(rule: Any) -> bool:
    return rule.endpoint not in PUBLIC and not BY_SECRET & rule.arguments


def send(browser: Browser, method: str, path: str) -> Any:
    """Open an address, or send it a form with a good token."""
    if method == "GET":
        return browser.get(path)
    token = browser.get("/en/terms/send").fields["csrf_token"]
    return browser.send("POST", path, {"csrf_token": token})


def test_every_route_is_public_by_name_or_wants_a_log_in_or_a_secret(used: Scene, portal: Flask) -> None:
    private = built(portal, used, is_private, "GET")
    assert len(private) > 10
    for path in private:
        page = Browser(used.office.app).get(path)
        assert page.status in (302, 303), path
        assert page.headers["Location"].startswith("/en/log-in"), path
    assert {rule.endpoint for rule in portal.url_map.iter_rules()} >= PUBLIC


def test_who_is_not_logged_in_sends_no_private_form(used: Scene, portal: Flask) -> None:
    before = print_of(used.office)
    for path in built(portal, used, is_private, "POST"):
        page = send(Browser(used.office.app), "POST", path)
        to_log_in = page.headers.get("Location", "").startswith("/en/log-in")
        assert to_log_in or page.status == 404, path
    assert print_of(used.office) == before


def test_control_the_owner_opens_what_others_do_not(used: Scene, portal: Flask) -> None:
    opened = [used.owner.browser.get(path).status for path in built(portal, used, is_private, "GET")]
    assert opened.count(200) > 10
    assert not [status for status in opened if status >= 400 and status != 404]


@pytest.mark.parametrize("logged_in", [True, False])
def test_anothers_number_or_draft_is_not_there(used: Scene, portal: Flask, logged_in: bool) -> None:
    def owned(rule: Any) -> bool:
        return "number" in rule.arguments or ("token" in rule.arguments and "draft" in rule.rule)

    before = print_of(used.office)
    browser = used.stranger(logged_in=logged_in)
    if logged_in:
        before = print_of(used.office)
    seen = 0
    for method in ("GET", "POST"):
        for path in built(portal, used, owned, method):
            page = send(browser, method, path)
            sent_away = page.headers.get("Location", "").startswith("/en/log-in") and not logged_in
            assert page.status == 404 or sent_away, f"{method} {path}"
            seen += 1
    assert seen > 15
    assert print_of(used.office) == before


def test_a_secret_that_is_a_little_wrong_is_not_there(used: Scene, portal: Flask) -> None:
    def by_secret(rule: Any) -> bool:
        return bool(BY_SECRET & rule.arguments)

    browser = used.owner.browser
    before = print_of(used.office)
    tokens = {"token": used.owner.draft, "link": used.link}
    for secret in (used.owner.draft, used.link, used.questions):
        for wrong in (secret[:-1], secret + "A", secret.swapcase(), "A" * len(secret), str(used.number)):
            used.owner.draft, used.link = wrong, wrong
            for method in ("GET", "POST"):
                for path in built(portal, used, by_secret, method):
                    page = send(browser, method, path)
                    # Links of letters say in words that they work no longer.
                    assert page.status in (404, 410), f"{method} {path}"
    used.owner.draft, used.link = tokens["token"], tokens["link"]
    assert print_of(used.office) == before
    assert browser.get(used.owner.path("check")).status == 200
    assert browser.get(f"/en/v/{used.link}").status == 200


def test_a_number_is_no_link_and_a_link_no_number(used: Scene) -> None:
    guests = used.office.rows(Reservation, Reservation.account_id.is_(None))
    (guest,) = [row for row in guests if row.integrator_id is None]
    assert used.owner.browser.get(f"/en/reservations/{guest.id}").status == 404
    assert used.guest.browser.get(f"/en/v/{guest.id}").status == 404
    assert used.guest.browser.get(f"/en/v/{used.number}").status == 404
    for text in (f"{used.number}.0", f"+{used.number}", f" {used.number}", f"{used.number}%20", "0", "-1"):
        assert used.owner.browser.get(f"/en/reservations/{text}").status == 404, text


# --- words that no form has ----------------------------------------------------------------------

EXTRA = {
    **dict.fromkeys(("id", "account_id", "account", "owner", "reservation_id", "integrator_id"), "1"),
    **dict.fromkeys(("branch_id", "service_id", "slot_id", "is_admin", "activation_tries", "taken"), "1"),
    **dict.fromkeys(("status", "kind", "removed_reason"), "booked"),
    **dict.fromkeys(("confirmed_at", "booked_at", "lapses_at", "made_at", "activated_at"), "2020-01-01"),
    **dict.fromkeys(("role", "password_hash", "terms_version", "traces", "challenge", "PASSED"), "x"),
}


def test_fields_that_no_form_has_set_nothing(used: Scene, portal: Flask) -> None:
    browser, forms = used.owner.browser, 0
    watched = (Reservation, Account)

    def rows() -> list[Any]:
        return [
            [{key: value for key, value in vars(row).items() if not key.startswith("_")} for row in found]
            for found in (used.office.rows(table) for table in watched)
        ]

    before = rows()
    for path in built(portal, used, lambda rule: True, "POST"):
        if re.search(r"log-out|cancel|again|withdraw|/hold", path):
            continue
        page = browser.send(
            "POST", path, EXTRA | {"csrf_token": browser.get("/en/terms/send").fields["csrf_token"]}
        )
        assert page.status < 500, path
        forms += 1
    assert forms > 15
    assert rows() == before


def test_a_booking_with_extra_fields_is_as_one_without(used: Scene) -> None:
    visitor = used.guest
    visitor.begin(calendar="/en/book/wroclaw/N")
    for step, filled in (
        ("details", {"surname": "Nowak", "birth_date": ["1", "5", "1980"], "document": "HH 1"}),
        ("contact", {"email": "h@example.org", "language": "en"}),
    ):
        assert visitor.send(step, **filled, **EXTRA).status == 303
    check = visitor.browser.get(visitor.path("check"))
    visitor.browser.submit(check, visitor.path("hold"), EXTRA)
    row = used.office.rows(Reservation)[-1]
    assert (row.status, row.account_id, row.integrator_id, row.activation_tries) == ("held", None, None, 0)
    assert row.booked_at == used.office.clock.now()
    assert row.service_id == used.office.service_id("N")
    assert used.office.facts("reservation.held")[-1].data["reservation"] == row.id
    assert not [fact for fact in used.office.rows(Fact) if "is_admin" in str(fact.data)]
