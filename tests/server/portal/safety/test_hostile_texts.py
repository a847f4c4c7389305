"""What people type stays text: from every field to every page, letter, paper and counter (quality.md, Safe 1)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from email.headerregistry import Address
from typing import Any

import pytest
from flask import Flask

from server.adapters.challenges import NoChallenges
from server.adapters.countries import FixedCountries
from server.adapters.mail import compose
from server.adapters.papers.calendar_file import calendar_file
from server.adapters.papers.office_papers import confirmation_page
from server.services.booking.owners import Owner
from server.services.booking.visits import show
from server.services.ports import Letter, Outside, Visit
from server.store.tables import Account, Branch, Message, Reservation
from server.workers.outbox_worker import OutboxWorker
from tests.server.portal.booking_visitor import TOMORROW_TEN, Visitor
from tests.server.portal.browser import Browser, Page, Reader
from tests.server.portal.outer import PapersKept
from tests.server.portal.safe_scene import QUESTIONS
from tests.server.sample_office import SampleOffice

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

# Each has a tag, an attribute or a sign of its own that must not come out as one.
NAMES = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</title><svg onload=alert(1)>",
    "{{7*7}}{% raw %}%(x)s{0}",
    "javascript:alert(1)",
    "<!--<plaintext>",
    "&lt;script&gt;&#60;b&#62;",
    "'; DROP TABLE reservation; --",
    "' OR '1'='1",
    "=HYPERLINK(1)",
    "👩‍👩‍👧‍👦 Ñandú",
    "عبد الله بن محمد",
    "Αnna Nоwаk",
    "ж" * 99,
)
REFUSED = (
    *("\x00", "a\x00b", "a\r\nBcc: evil@example.net", "a\nb", "\u202egnol", "\u2066x", "\x1b[2J", "\x7f"),
    *("\u2028\u0085", "ж" * 10_000, "\ue000", "\uffff"),
)
EVIL = ("script", "img", "svg", "plaintext", "iframe", "object")


class Kept:
    """A mailer that keeps what it was given, as mail servers get it."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    def send(self, letter: Letter) -> None:
        """Keep it."""
        self.letters.append(letter)

    def close(self) -> None:
        """Do nothing."""


@pytest.fixture
def guest(office: SampleOffice, portal: Flask) -> Iterator[Visitor]:
    limiter = portal.extensions["numerek_limiter"]
    limiter.enabled = False
    made = Visitor(office, Browser(office.app))
    made.rule(account_required=False, most_children=1, one_per_person=False)
    made.rule("K", account_required=False, verification_required=True, questions=QUESTIONS)
    made.open(capacity=50)
    made.open(letter="K", capacity=50)
    yield made
    limiter.enabled = True


def booked(guest: Visitor, text: str, letter: str = "L") -> list[Page]:
    """Book with a text in every field that takes text; return every page that was met."""
    guest.begin(calendar=f"/en/book/wroclaw/{letter}")
    met = []

    def step(name: str, /, **typed: Any) -> None:
        assert guest.send(name, **typed).status == 303, (name, text)
        met.append(guest.browser.get(guest.path(name)))

    short = text[:40]
    step("details", given_names=text, surname=text, birth_date=["1", "5", "1990"], document=f"AB1234 {short}")
    if letter == "L":
        step("children", name=text, birth_year="2019", do="continue")
    step("contact", email="a@example.org", language="en")
    met += [guest.browser.get(guest.path(page)) for page in ("check", "hour", "refused")]
    there = guest.hold().headers["Location"]
    code = there.removesuffix("/activate") + "/activate"
    met.append(guest.browser.get(code))
    met.append(guest.browser.post(code, {"code": text}))
    guest.browser.post(code, {"code": guest.code()})
    met += [guest.browser.get(there), guest.browser.get(f"{there}/cancel")]
    return met


def assert_plain(page: Page, usual: set[str]) -> None:
    """See that a page has no element, attribute or address that the usual one has not."""
    assert page.html.problems == []
    # Ours come from files of ours, or have the nonce of the answer: a browser runs no others.
    ours = [
        each for each in page.html.named("script") if "/assets/" in each.get("src", "") or "nonce" in each
    ]
    assert page.html.named("script") == ours
    assert not [tag for tag, _ in page.html.elements if tag in EVIL and tag not in usual | {"script"}]
    for _tag, attributes in page.html.elements:
        assert not [name for name in attributes if name.startswith("on")]
        for name in ("href", "src", "action", "formaction"):
            assert not attributes.get(name, "").lower().startswith(("javascript:", "data:text"))


def visit_of(office: SampleOffice, number: int) -> Visit:
    """Read a visit as letters and papers get it."""
    link = office.runtime.keys.visit_token(number)
    context = office.runtime.context()
    return office.store.read(lambda session: show(session, context, Owner(link=link), number, "en"))


@pytest.mark.parametrize("text", NAMES)
def test_what_is_typed_into_a_booking_is_text_on_every_page_letter_and_paper(
    guest: Visitor, text: str
) -> None:
    office = guest.office
    usual = {tag for page in booked(guest, "Nowak") for tag, _ in page.html.elements}
    pages = booked(guest, text)
    for page in pages:
        assert_plain(page, usual)
    number = office.rows(Reservation)[-1].id
    told = visit_of(office, number)
    # What joins signs cannot be seen, and goes.
    assert told.applicant == f"{text} {text}".replace("\u200d", "")
    assert any(" ".join(f"{text} {text}".split()) in page.words for page in pages)
    paper = Reader(confirmation_page(told, "en"))
    assert not [tag for tag, _ in paper.elements if tag in ("script", "img")]
    lines = calendar_file(told, "en").decode().replace("\r\n ", "").split("\r\n")
    assert {line.partition(":")[0].partition(";")[0] for line in lines} == {
        line.partition(":")[0].partition(";")[0]
        for line in calendar_file(visit_of(office, 1), "en").decode().replace("\r\n ", "").split("\r\n")
    }
    for letter in sent(office):
        assert letter.subject.isprintable()
        assert not [tag for tag, _ in Reader(letter.html).elements if tag in EVIL]
        message = compose(letter, Address("Office", "office", "example.org"), office.clock.now())
        assert message.get_all("Bcc") is None
        assert len(message.get_all("To") or []) == 1


def sent(office: SampleOffice) -> list[Letter]:
    """Have the outbox worker write all that is due."""
    kept = Kept()
    outside = Outside(PapersKept(), FixedCountries(), NoChallenges(), kept)
    outbox_worker = OutboxWorker(office.store, office.runtime.context, outside)
    while outbox_worker.send_one():
        pass
    assert kept.letters
    return kept.letters


def test_control_a_page_that_writes_a_name_as_it_is_would_be_seen(guest: Visitor) -> None:
    page = booked(guest, "Nowak")[3]
    assert_plain(page, {"svg"})
    for text in NAMES[:2]:
        page.html = Reader(page.text.replace("Nowak", text))
        with pytest.raises(AssertionError):
            assert_plain(page, {"svg"})


@pytest.mark.parametrize("text", REFUSED)
def test_what_no_name_has_is_a_mistake_of_its_field_and_is_never_kept(guest: Visitor, text: str) -> None:
    guest.begin()
    good = {"given_names": "Anna", "surname": "Nowak", "birth_date": ["1", "5", "1990"], "document": "AB1234"}
    for field in ("given_names", "surname", "document"):
        page = guest.send("details", **{**good, field: f"x{text}x"})
        assert page.status in (413, 422), field
        assert page.status == 413 or page.mistakes, field
    assert guest.send("details", **good).status == 303
    assert guest.send("children", name=f"x{text}x", birth_year="2019", do="continue").status in (413, 422)
    guest.send("children", do="continue")
    for field in ("email",):
        assert guest.send("contact", **{field: f"a{text}@example.org", "language": "en"}).status in (413, 422)
    assert guest.send("contact", email="a@example.org", language=text).status in (413, 422)


@pytest.mark.parametrize("text", NAMES[:8])
def test_the_counter_gets_the_name_as_it_was_typed_and_the_slip_gets_none(guest: Visitor, text: str) -> None:
    office = guest.office
    booked(guest, text)
    told = visit_of(office, office.rows(Reservation)[-1].id)
    office.clock.set(TOMORROW_TEN - timedelta(minutes=30))
    answer = office.kiosk.post("/check-ins", {"code": told.qr})
    assert answer.status_code == 201
    slip = json.dumps(answer.get_json(), ensure_ascii=False)
    assert text not in slip
    counter = office.clerk(10)
    called = counter.post("/counters/10/call-next")
    assert called.status_code == 200, called.text
    assert called.content_type == "application/json"
    assert called.headers["X-Content-Type-Options"] == "nosniff"
    shown = json.dumps(called.get_json(), ensure_ascii=False)
    assert json.dumps(f"{text} {text}", ensure_ascii=False) in shown
    board = office.board.get("/boards/A")
    assert board.status_code == 200
    assert text not in board.text


@pytest.mark.parametrize("text", NAMES)
def test_what_is_answered_to_questions_is_text(guest: Visitor, text: str) -> None:
    page = booked(guest, "Anna", "K")[-2]
    link = next(each for each in page.links if "/questions/" in each)
    wrong = guest.browser.post(link, {"q-case": text, "q-filed": ["99", "1", "1"]})
    assert wrong.status == 422
    assert wrong.fields["q-case"] == text
    assert_plain(wrong, {"svg"})
    look = guest.browser.post(link, {"q-case": text})
    assert text in look.words or " ".join(text.split()) in look.words
    assert_plain(look, {"svg"})
    assert guest.browser.post(link, {"q-case": text, "do": "send"}).status == 303
    assert_plain(guest.browser.get(link), {"svg"})


@pytest.mark.parametrize("text", NAMES)
def test_what_is_typed_into_the_account_pages_is_text(guest: Visitor, text: str) -> None:
    browser = guest.browser
    for path, typed in (
        ("/en/account/new", {"email": text, "password": "x", "terms": "y"}),
        ("/en/log-in", {"email": text, "password": text}),
        ("/en/terms/send", {"email": text}),
    ):
        page = browser.post(path, typed)
        assert page.status == 422, path
        assert_plain(page, {"svg"})
        assert page.fields["email"] == text
        assert "password" not in page.fields or page.fields["password"] == ""
    assert browser.post("/en/account/reset", {"email": text}).headers["Location"] == "/en/account/reset/sent"
    assert guest.office.rows(Account) == []
    assert guest.office.rows(Message) == []


def test_sql_in_a_field_neither_ends_a_table_nor_finds_anything(guest: Visitor) -> None:
    booked(guest, "'; DROP TABLE reservation; --")
    assert len(guest.office.rows(Reservation)) == 1
    guest.log_in()
    other = Browser(guest.office.app)
    for email in ("' OR '1'='1", "anna.nowak@example.org' --", "' OR email_hash IS NOT NULL --"):
        page = other.post("/en/log-in", {"email": email, "password": "' OR '1'='1"})
        assert page.status == 422, email
    for path in ("/en/v/' OR '1'='1", "/en/draws/' OR 1=1 --", "/en/questions/%27%20OR%201=1", "/en/book/x'"):
        assert other.get(path).status == 404, path
    assert len(guest.office.rows(Branch)) == 2
