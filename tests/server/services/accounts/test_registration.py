"""An account is made with a letter; nobody but the owner of an address learns whether it is known."""

from __future__ import annotations

import statistics
import time

import pytest

from server.services.access import passwords
from server.services.accounts import changes, registration
from server.services.accounts.address import address_of
from server.services.accounts.deletion import tidy
from server.services.accounts.registration import Refused, Registered
from server.store.queries.privacy import personal_keys
from server.store.tables import Account, PersonalKey
from tests.server.at_once import at_once
from tests.server.sample_office import SampleOffice
from tests.server.services.accounts.people import ANNA, PASSWORD, People


def test_an_account_is_made_and_confirmed_by_the_link_of_its_letter(people: People) -> None:
    assert people.register() == Registered()
    (letter,) = people.letters()
    assert (letter.kind, letter.to, letter.language) == ("confirm_email", ANNA, "pl")
    assert letter.values["url"].startswith("https://numerek.test/pl/account/confirm/")
    row = people.office.one(Account)
    assert row.confirmed_at is None
    assert (row.terms_version, row.terms_accepted_at) == ("2026-12", people.context.now)
    assert people.confirm() == "confirmed"
    assert people.office.one(Account).confirmed_at == people.context.now
    assert [fact.type for fact in people.office.facts()][-2:] == ["account.made", "account.confirmed"]


def test_the_address_is_sealed_and_its_link_does_not_tell_it(people: People) -> None:
    people.register()
    row = people.office.one(Account)
    for kept in (row.sealed_email, row.email_hash, *(f.data for f in people.office.facts())):
        assert "nowak" not in str(kept)
    assert "nowak" not in people.letters()[0].values["url"]
    opened = people.do(
        lambda session, context: personal_keys.open_json(
            personal_keys.box(session, context.keys, row.personal_key_id), row.sealed_email, b"email"
        )
    )
    assert opened == ANNA


def test_a_known_address_gets_the_same_answer_and_its_owner_a_letter(people: People) -> None:
    people.made()
    before = people.office.one(Account).password_hash
    assert people.register(password="another long password", language="ru") == Registered()
    assert people.office.one(Account).password_hash == before
    letter = people.letters()[-1]
    assert (letter.kind, letter.to, letter.language, letter.values) == ("already_known", ANNA, "pl", {})


@pytest.mark.parametrize(
    "same", ["Anna.Nowak@Example.COM", " anna.nowak@example.com ", "ANNA.NOWAK@EXAMPLE.COM"]
)
def test_an_address_is_known_however_it_is_written(people: People, same: str) -> None:
    people.made()
    people.register(same)
    assert people.letters()[-1].kind == "already_known"


def test_a_domain_in_another_script_is_one_address_in_both_spellings() -> None:
    cyrillic, ascii_only = address_of("ola@приклад.укр"), address_of("ola@xn--80aikifvh.xn--j1amh")
    assert cyrillic is not None
    assert cyrillic == ascii_only


@pytest.mark.parametrize(
    "typed",
    [
        *("", "anna", "anna@", "@example.com", "anna@example", "a b@example.com", "anna@exam ple.com"),
        *("anna\0@example.com", "anna@example.com\r\nBcc: x@example.com", "a@" + "b" * 300 + ".com"),
        *("x" * 10_000, "\u202eanna@example.com", "anna@[127.0.0.1]", "anna@localhost", "😀@😀"),
    ],
)
def test_what_is_no_address_is_refused(people: People, typed: str) -> None:
    assert people.register(typed) == Refused("email_malformed")
    assert people.office.rows(Account) == []


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        *(("short 1", "password_too_short"), ("x" * 5_000, "password_too_long")),
        *(("password2026", "password_common"), ("anna.nowak1", "password_common")),
    ],
)
def test_a_password_that_is_too_easy_makes_no_account(people: People, password: str, reason: str) -> None:
    assert people.register(password=password) == Refused(reason)
    assert people.office.rows(Account) == []


def test_known_and_unknown_addresses_cost_one_hash_each(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.made()
    hashed = []
    really = passwords.hash_password
    monkeypatch.setattr(passwords, "hash_password", lambda given: hashed.append(given) or really(given))
    counts = []
    for email in (ANNA, "new@example.com", "new@example.com"):
        hashed.clear()
        people.register(email)
        counts.append(len(hashed))
    assert counts == [1, 1, 1]


def test_known_and_unknown_addresses_take_the_same_time(people: People) -> None:
    people.made()
    took: dict[bool, list[float]] = {True: [], False: []}
    for place in range(12):
        people.office.clock.advance(hours=2)
        for is_known in (True, False):
            began = time.perf_counter()
            people.register(ANNA if is_known else f"new{place}@example.com")
            took[is_known].append(time.perf_counter() - began)
    known, unknown = (statistics.median(took[each]) for each in (True, False))
    assert max(known, unknown) / min(known, unknown) < 1.6


def test_of_two_confirmations_at_once_one_does_it(people: People) -> None:
    people.register()
    token = people.letters()[0].token
    assert sorted(at_once(2, lambda _: people.confirm(token))) == ["already", "confirmed"]
    assert len(people.office.facts("account.confirmed")) == 1


def test_of_many_registrations_at_once_one_account_comes(people: People) -> None:
    at_once(4, lambda place: people.register(password=f"{PASSWORD} {place}"))
    people.office.one(Account)
    assert people.confirm() == "confirmed"
    entered = [type(people.log_in(password=f"{PASSWORD} {place}")).__name__ for place in range(4)]
    assert sorted(entered) == ["LoggedIn", "Wrong", "Wrong", "Wrong"]


def test_looking_at_a_link_changes_nothing(people: People) -> None:
    people.register()
    token = people.letters()[0].token
    assert people.do(registration.look_at_confirmation, token) == "confirmed"
    assert people.office.one(Account).confirmed_at is None


def test_a_link_is_over_after_a_day(people: People) -> None:
    people.register()
    people.office.clock.advance(hours=23, minutes=59)
    assert people.do(registration.look_at_confirmation, people.letters()[0].token) == "confirmed"
    people.office.clock.advance(minutes=1)
    assert people.confirm() == "spent"


def test_a_forged_link_and_one_for_something_else_do_nothing(people: People) -> None:
    people.register()
    token = people.letters()[0].token
    people.made("ola@example.com")
    changed = token[:20] + ("A" if token[20] != "A" else "B") + token[21:]
    for forged in (changed, token[1:], token.rpartition(".")[0], "x", "." * 50, "é", "a" * 10_000):
        assert people.confirm(forged) == "spent"
    people.do(changes.ask_reset, ANNA)
    assert people.confirm(people.letters("reset_password")[0].token) == "spent"


def test_whoever_registers_last_holds_the_link_that_counts(people: People) -> None:
    people.register(password="the first of passwords")
    people.register()
    first, second = (letter.token for letter in people.letters())
    assert people.confirm(first) == "spent"
    assert people.confirm(second) == "confirmed"
    people.inside()


def test_letters_to_one_address_are_few_within_an_hour(people: People) -> None:
    for _ in range(9):
        people.register()
    assert len(people.letters()) == 4
    assert people.confirm() == "confirmed"
    people.inside()
    people.office.clock.advance(hours=1)
    people.register()
    assert len(people.letters()) == 5


def test_what_nobody_confirms_is_forgotten_after_a_week(people: People, office: SampleOffice) -> None:
    people.register()
    people.made("ola@example.com")
    office.clock.advance(days=7)
    assert tidy(people.store, people.context) == 0
    office.clock.advance(seconds=1)
    assert tidy(people.store, people.context) == 1
    gone, kept = office.rows(Account)
    assert (gone.email_hash, gone.sealed_email, gone.password_hash) == (None, None, None)
    assert gone.personal_key_id is None
    assert kept.email_hash is not None
    assert office.rows(PersonalKey, PersonalKey.id == kept.personal_key_id)
    people.made()


def test_a_newer_version_of_the_terms_is_accepted_with_its_time(people: People) -> None:
    people.made()
    me = people.me(people.inside())
    people.office.clock.advance(minutes=1)
    people.do(registration.accept_terms, me.id, "2027-01")
    row = people.office.one(Account)
    assert (row.terms_version, row.terms_accepted_at) == ("2027-01", people.context.now)
