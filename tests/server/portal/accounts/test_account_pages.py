"""The pages of an account: from the form to the end, without scripts, and without a hint whose it is."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask

from server.store.tables import Account, AccountSession
from tests.server.portal.booking_visitor import DAY, TEMPLATE, TOMORROW_TEN
from tests.server.portal.browser import Browser, Page
from tests.server.portal.owner import Owner
from tests.server.sample_office import SampleOffice
from tests.server.services.accounts.people import ANNA, PASSWORD

NEW = "nine blue umbrellas"


@pytest.fixture
def owner(office: SampleOffice, browser: Browser, portal: Flask) -> Owner:
    """Give a person with a browser, in a network from which nobody has come yet."""
    portal.extensions["numerek_limiter"].reset()
    return Owner(office, browser)


def plain(page: Page) -> str:
    """Return a page without the words that are drawn anew for each answer."""
    return re.sub(r'(nonce=|name="(?:csrf_token|shown)"[^>]*value=)"[^"]*"', "", page.text)


def test_a_person_makes_an_account_confirms_it_and_logs_in(owner: Owner) -> None:
    browser = owner.browser
    sent = owner.register()
    assert (sent.status, sent.headers["Location"]) == (303, "/en/account/sent")
    assert browser.follow(sent).heading == "Check your e-mail"
    link = owner.link("confirm_email")
    assert link.startswith("/en/account/confirm/")
    assert browser.get(link).heading == "Confirm your e-mail address"
    assert owner.office.one(Account).confirmed_at is None
    confirmed = browser.post(link)
    assert browser.follow(confirmed).heading == "Your e-mail address is confirmed"
    entered = owner.log_in()
    assert (entered.status, entered.headers["Location"]) == (303, "/en/reservations")
    assert browser.follow(entered).heading == "My reservations"
    account = browser.get("/en/account")
    assert account.heading == "My account"
    assert ANNA in account.words


@pytest.mark.parametrize(
    ("field", "typed", "mistake"),
    [
        ("email", "", "Enter your e-mail address"),
        ("email", "anna", "Enter an e-mail address in the form name@example.com"),
        ("password", "", "Choose a password"),
        ("password", "short", "Choose a password of 8 characters or more"),
        ("password", "x" * 900, "Choose a password of 200 characters or fewer"),
        ("password", "password1", "Many people have this password, or it is your name. Choose another one"),
        ("terms", "", "To make an account, read the terms and accept them"),
    ],
)
def test_a_mistake_is_told_at_its_field_and_nothing_is_made(
    owner: Owner, field: str, typed: str, mistake: str
) -> None:
    page = owner.register(**{field: typed})
    assert page.status == 422
    assert page.mistakes == [mistake]
    assert page.title.startswith("Error: ")
    assert f'href="#{field}"' in page.text
    assert PASSWORD not in page.text
    assert owner.office.rows(Account) == []


def test_a_known_address_is_answered_like_a_new_one(owner: Owner) -> None:
    owner.register()
    owner.browser.post(owner.link("confirm_email"))
    known, new = (owner.register(email) for email in (ANNA, "new@example.com"))
    assert known.status == new.status == 303
    assert known.headers["Location"] == new.headers["Location"]
    assert known.text == new.text
    pages = [plain(owner.browser.follow(answer)) for answer in (known, new)]
    assert pages[0] == pages[1]


def test_a_wrong_password_and_a_wrong_address_give_the_same_page(owner: Owner) -> None:
    owner.people.made()
    typed = ((ANNA, "wrong password"), ("nobody.there@example.com", "wrong password"))
    pages = [owner.log_in(*each) for each in typed]
    assert [page.status for page in pages] == [422, 422]
    assert pages[0].mistakes == ["The e-mail address or the password is wrong"]
    shown = [plain(page).replace(email, "") for page, (email, _) in zip(pages, typed, strict=True)]
    assert shown[0] == shown[1]


def test_a_forgotten_password_is_asked_for_without_a_hint(owner: Owner) -> None:
    owner.people.made()
    answers = [
        owner.browser.post("/en/account/reset", {"email": email})
        for email in (ANNA, "nobody@example.com", "no address")
    ]
    assert {(answer.status, answer.headers["Location"], answer.text) for answer in answers} == {
        (303, "/en/account/reset/sent", answers[0].text)
    }
    assert len({plain(owner.browser.follow(answer)) for answer in answers}) == 1
    assert len(owner.people.letters("reset_password")) == 1


def test_a_forgotten_password_is_set_by_the_link_once(owner: Owner, office: SampleOffice) -> None:
    owner.inside()
    elsewhere = Browser(office.app, "203.0.113.9")
    elsewhere.post("/en/account/reset", {"email": ANNA})
    link = owner.link("reset_password").replace("/pl/", "/en/")
    weak = elsewhere.post(link, {"new": "password1"})
    assert weak.status == 422
    done = elsewhere.post(link, {"new": NEW})
    assert (done.status, done.headers["Location"]) == (303, "/en/log-in")
    assert "Your password is changed." in elsewhere.follow(done).words
    assert elsewhere.get(link).status == 410
    assert owner.browser.get("/en/account").headers["Location"] == "/en/log-in?next=/en/account"
    assert owner.log_in().status == 422
    assert owner.log_in(password=NEW).status == 303


def test_who_is_not_confirmed_is_told_so_only_with_the_right_password(owner: Owner) -> None:
    owner.register()
    assert owner.log_in(password="wrong password").mistakes
    page = owner.log_in()
    assert (page.status, page.heading) == (200, "Confirm your e-mail address first")
    assert owner.browser.get("/en/account").status == 303


def test_too_many_tries_are_told_with_the_time_to_wait(owner: Owner, office: SampleOffice) -> None:
    owner.people.made()
    for _ in range(5):
        owner.log_in(password="wrong password")
    page = owner.log_in()
    assert (page.status, page.headers["Retry-After"]) == (429, "1")
    assert page.mistakes == ["There were too many tries. Wait 1 second, then try again"]
    elsewhere = Browser(office.app, "203.0.113.9")
    assert Owner(office, elsewhere).log_in().status == 303


def test_after_the_log_in_one_is_where_one_wanted_to_go(owner: Owner) -> None:
    owner.people.made()
    sent_on = owner.browser.get("/en/account/password")
    assert sent_on.headers["Location"] == "/en/log-in?next=/en/account/password"
    assert owner.log_in(path=sent_on.headers["Location"]).headers["Location"] == "/en/account/password"


@pytest.mark.parametrize(
    "there",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/en/log-out%00"],
)
def test_a_log_in_leads_to_no_other_host(owner: Owner, there: str) -> None:
    owner.people.made()
    assert owner.log_in(path=f"/en/log-in?next={there}").headers["Location"] == "/en/reservations"


def test_the_cookie_is_new_after_a_log_in_and_worth_nothing_after_the_log_out(owner: Owner) -> None:
    owner.browser.get("/en/log-in")
    before = owner.browser.cookie
    owner.inside()
    inside = owner.browser.cookie
    assert inside != before
    assert owner.browser.get("/en/log-out").heading == "Do you want to log out?"
    assert owner.browser.get("/en/account").status == 200
    left = owner.browser.post("/en/log-out")
    assert "You are logged out." in owner.browser.follow(left).words
    thief = Browser(owner.office.app)
    thief._client.set_cookie("__Host-numerek", inside or "", domain="numerek.test", secure=True)
    assert thief.get("/en/account").status == 303


def test_sessions_are_listed_and_ended(owner: Owner, office: SampleOffice) -> None:
    owner.inside()
    phone = Browser(office.app, "203.0.113.9")
    form = phone.get("/en/log-in").fields | {"email": ANNA, "password": PASSWORD}
    agent = "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"
    assert phone.send("POST", "/en/log-in", form, {"User-Agent": agent}).status == 303
    listed = owner.browser.get("/en/account/sessions")
    assert "Firefox on Android" in listed.words
    assert "– this one" in listed.words
    (button,) = [each for each in listed.html.named("button") if each.get("value", "").isdigit()]
    ended = owner.browser.post("/en/account/sessions", {"which": button["value"]})
    assert "That session is ended." in owner.browser.follow(ended).words
    assert phone.get("/en/account").status == 303
    assert owner.browser.get("/en/account").status == 200


def test_all_other_sessions_are_ended_at_once(owner: Owner, office: SampleOffice) -> None:
    owner.inside()
    others = [Owner(office, Browser(office.app)).inside() for _ in range(2)]
    owner.browser.post("/en/account/sessions", {"which": "others"})
    assert [other.browser.get("/en/account").status for other in others] == [303, 303]
    assert owner.browser.get("/en/account").status == 200


@pytest.mark.parametrize("which", ["", "0", "-1", "1 OR 1=1", "9" * 30, "٣", "others\0", "x" * 10_000])
def test_nonsense_ends_no_session(owner: Owner, which: str) -> None:
    owner.inside()
    assert owner.browser.post("/en/account/sessions", {"which": which}).status == 303
    assert owner.browser.get("/en/account").status == 200


def test_a_password_is_changed_with_the_old_one(owner: Owner) -> None:
    owner.inside()
    wrong = owner.browser.post("/en/account/password", {"old": "wrong password", "new": NEW})
    assert wrong.mistakes == ["This is not the password you have now"]
    done = owner.browser.post("/en/account/password", {"old": PASSWORD, "new": NEW})
    assert owner.browser.follow(done).heading == "My account"
    owner.browser.post("/en/log-out")
    assert owner.log_in(password=NEW).status == 303


def test_an_address_is_changed_by_the_link_at_the_new_one(owner: Owner) -> None:
    owner.inside()
    other = "anna@example.org"
    wrong = owner.browser.post("/en/account/email", {"email": other, "password": "wrong password"})
    assert wrong.mistakes == ["This is not your password"]
    asked = owner.browser.post("/en/account/email", {"email": other, "password": PASSWORD})
    assert owner.browser.follow(asked).heading == "Check your new mailbox"
    link = owner.link("change_email")
    assert other not in link
    assert owner.browser.get(link).heading == "Use this e-mail address"
    assert ANNA in owner.browser.get("/en/account").words
    taken = owner.browser.post(link)
    assert other in owner.browser.follow(taken).words
    assert owner.browser.get(link).status == 410


def test_an_account_is_deleted_with_its_password(owner: Owner) -> None:
    owner.inside()
    wrong = owner.browser.post("/en/account/delete", {"password": "wrong password"})
    assert wrong.mistakes == ["This is not your password"]
    done = owner.browser.post("/en/account/delete", {"password": PASSWORD})
    assert "Your account is deleted." in owner.browser.follow(done).words
    assert owner.browser.get("/en/account").status == 303
    assert owner.office.one(Account).email_hash is None
    assert owner.log_in().status == 422


def test_newer_terms_are_asked_for_before_anything_else(owner: Owner, portal: Flask) -> None:
    owner.inside()
    runtime = portal.extensions["numerek"]
    portal.extensions["numerek"] = replace(
        runtime, portal=runtime.portal.model_copy(update={"terms_version": "2027-01"})
    )
    try:
        page = owner.browser.get("/en/account/sessions")
        assert page.headers["Location"] == "/en/account/terms?next=/en/account/sessions"
        terms = page.headers["Location"]
        assert owner.browser.get("/en/terms").status == 200
        assert owner.browser.get("/en/account/delete").status == 200
        assert owner.browser.post(terms).mistakes == ["To go on, read the terms and accept them"]
        accepted = owner.browser.post(terms, {"terms": "y"})
        assert accepted.headers["Location"] == "/en/account/sessions"
        assert owner.browser.follow(accepted).heading == "Where you are logged in"
    finally:
        portal.extensions["numerek"] = runtime
    assert owner.office.one(Account).terms_version == "2027-01"


# --- forged, stale and doubled forms, and what nobody should type ------------------------------------

_FORMS = (
    *("/en/account/new", "/en/log-in", "/en/account/reset", "/en/account/password"),
    *("/en/account/email", "/en/account/delete", "/en/account/sessions", "/en/log-out"),
)


@pytest.mark.parametrize("path", _FORMS)
@pytest.mark.parametrize("token", [None, "", "forged", "é" * 500])
def test_a_form_without_its_token_does_nothing(owner: Owner, path: str, token: str | None) -> None:
    owner.inside()
    sent = {"email": "new@example.com", "password": PASSWORD, "old": PASSWORD, "new": NEW, "terms": "y"}
    sent |= {"which": "others"} | ({} if token is None else {"csrf_token": token})
    letters = len(owner.people.letters())
    page = owner.browser.send("POST", path, sent)
    assert (page.status, page.heading) == (400, "This page was open too long")
    assert len(owner.people.letters()) == letters
    assert owner.browser.get("/en/account").status == 200


def test_a_form_that_was_opened_before_the_log_in_is_too_old_after_it(owner: Owner) -> None:
    owner.people.made()
    opened = owner.browser.get("/en/log-in")
    owner.inside()
    again = owner.browser.submit(opened, "/en/log-in", {"email": ANNA, "password": PASSWORD})
    assert again.heading == "This page was open too long"
    assert owner.browser.get("/en/account").status == 200


def test_back_and_the_button_again_makes_no_second_account(owner: Owner) -> None:
    opened = owner.browser.get("/en/account/new")
    filled = {"email": ANNA, "password": PASSWORD, "terms": "y"}
    assert [owner.browser.submit(opened, "/en/account/new", filled).status for _ in range(2)] == [303, 303]
    owner.office.one(Account)
    link = owner.link("confirm_email")
    button = owner.browser.get(link)
    for _ in range(2):
        assert owner.browser.submit(button, link).headers["Location"] == "/en/account/confirmed"


@pytest.mark.parametrize(
    "typed",
    [
        "x" * 10_000,
        "a\0b@example.com",
        "\u202eanna@example.com",
        "🐢@🐢.example",
        "<script>@x",
        "a@b\r\nBcc: c@d.example",
    ],
)
def test_hostile_input_is_a_mistake_and_never_an_error(owner: Owner, typed: str) -> None:
    assert owner.register(email=typed).status == 422
    assert owner.log_in(email=typed, password=typed).status == 422
    assert owner.browser.post("/en/account/reset", {"email": typed}).status in (303, 422)
    assert "<script>@x" not in owner.register(email=typed).text
    assert owner.office.rows(Account) == []
    assert owner.people.letters() == []


@pytest.mark.parametrize("token", ["x", "%00", "é", "a" * 5_000, "..", "%F0%9F%90%A2", ".eJw.x"])
@pytest.mark.parametrize("page", ["confirm", "reset", "email"])
def test_links_that_are_none_are_told_to_work_no_longer(owner: Owner, page: str, token: str) -> None:
    answer = owner.browser.get(f"/en/account/{page}/{token}")
    assert answer.status in (404, 410)
    assert answer.heading


def test_fields_tell_browsers_and_password_managers_what_they_are(owner: Owner) -> None:
    def told(path: str) -> dict[str, str | None]:
        fields = owner.browser.get(path).html.named("input")
        return {each["name"]: each.get("autocomplete") for each in fields if each.get("type") != "hidden"}

    assert told("/en/account/new") == {"email": "email", "password": "new-password", "terms": None}
    assert told("/en/log-in") == {"email": "username", "password": "current-password"}
    owner.inside()
    assert told("/en/account/password") == {"old": "current-password", "new": "new-password"}


def test_a_session_in_use_is_kept_and_pages_that_are_read_write_nothing(owner: Owner) -> None:
    owner.inside()
    before = owner.office.one(AccountSession).seen_at
    for _ in range(4):
        owner.office.clock.advance(minutes=29)
        assert owner.browser.get("/en/account").status == 200
    assert owner.office.one(AccountSession).seen_at == before
    owner.office.clock.advance(minutes=30)
    assert owner.browser.get("/en/account").status == 303


def test_the_chosen_hour_is_found_again_after_making_an_account_on_the_way(owner: Owner) -> None:
    browser = owner.browser
    owner.office.set_policy("L", booking={"slots": [TEMPLATE]})
    owner.office.open_slot("L", TOMORROW_TEN)
    hour = f"{TOMORROW_TEN:%Y-%m-%dT%H:%MZ}"
    log_in = browser.post(f"/en/book/wroclaw/L/{DAY}", {"hour": hour}).headers["Location"]
    page = browser.get(log_in)
    assert "You need an account to book this visit." in page.words
    assert "Tuesday, 24 November 2026, 10:00" in page.words
    (new,) = [link for link in page.links if link.startswith("/en/account/new?")]
    sent = owner.register(path=new)
    assert "10:00" in browser.follow(sent).words
    confirmed = browser.follow(browser.post(owner.link("confirm_email")))
    (back,) = [link for link in confirmed.links if link.startswith("/en/log-in?") and "hour" in link]
    there = owner.log_in(path=back).headers["Location"]
    assert there == f"/en/book/wroclaw/L/{DAY}?hour={hour}"
    assert f'value="{hour}" id="hour" checked' in browser.get(there).text


def test_the_destination_goes_through_a_forgotten_password_too(owner: Owner) -> None:
    owner.register()
    owner.browser.post(owner.link("confirm_email"))
    asked = "/en/account/reset?next=/en/book/wroclaw/L"
    assert owner.browser.post(asked, {"email": ANNA}).headers["Location"].endswith("?next=/en/book/wroclaw/L")
    done = owner.browser.post(owner.link("reset_password"), {"new": NEW})
    assert done.headers["Location"] == "/en/log-in?next=/en/book/wroclaw/L"


@pytest.mark.parametrize(
    "foreign", ["https://evil.example/", "//evil.example", "/\\evil.example", "/en/none"]
)
def test_a_destination_elsewhere_is_carried_nowhere(owner: Owner, foreign: str) -> None:
    page = owner.browser.get(f"/en/log-in?next={foreign}")
    assert "evil" not in page.text.replace("/en/log-in?next=", "").replace(f"next={foreign}", "")
    owner.register(path=f"/en/account/new?next={foreign}")
    assert "next" not in owner.link("confirm_email")
