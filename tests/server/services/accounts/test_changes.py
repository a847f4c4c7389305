"""Passwords and addresses change, accounts end: what an intruder opened is closed, and links work once."""

from __future__ import annotations

from typing import Any

import pytest

from server.services.accounts import changes, deletion
from server.services.accounts.changes import Asked, Changed, LinkSpent
from server.services.accounts.entry import Wrong
from server.services.accounts.registration import Refused
from server.services.accounts.tries import SlowDown
from server.services.booking.owners import Owner
from server.store.queries.privacy import personal_keys
from server.store.tables import (
    Account,
    AccountSession,
    Draft,
    Message,
    PersonalKey,
    PlaceReturn,
    PlaceWish,
)
from tests.server.at_once import at_once
from tests.server.services.accounts.people import ANNA, HOME, PASSWORD, People
from tests.server.services.booking.booked_office import NOON, BookedOffice

NEW = "nine blue umbrellas"
OTHER = "anna@example.org"


def change(people: People, token: str, old: str = PASSWORD, new: str = NEW) -> Any:
    """Type the old password and a new one."""
    return changes.change_password(people.store, people.context, people.me(token), old, new, HOME)


def ask_email(people: People, token: str, email: str = OTHER, password: str = PASSWORD) -> Any:
    """Type a new address and the password."""
    return changes.ask_email_change(people.store, people.context, people.me(token), password, email, HOME)


def reset(people: People, token: str, new: str = NEW) -> Any:
    """Set a new password behind a link."""
    return changes.reset(people.store, people.context, token, new)


def delete(people: People, token: str, password: str = PASSWORD) -> Any:
    """Delete one's account."""
    return deletion.delete(people.store, people.context, people.me(token), password, HOME)


def test_a_new_password_needs_the_old_one_and_ends_the_other_sessions(people: People) -> None:
    people.made()
    other, mine = people.inside(), people.inside()
    assert change(people, mine, old="wrong password") == Wrong()
    assert people.who(other) is not None
    assert change(people, mine) == Changed()
    assert people.who(other) is None
    assert people.who(mine) is not None
    assert people.log_in() == Wrong()
    people.inside(password=NEW)
    letter = people.letters()[-1]
    assert (letter.kind, letter.to, letter.facts["change"]) == ("account_changed", ANNA, "password")


@pytest.mark.parametrize("new", ["short", "anna.nowak1", "password1"])
def test_an_easy_new_password_changes_nothing(people: People, new: str) -> None:
    people.made()
    assert isinstance(change(people, people.inside(), new=new), Refused)
    people.inside()


def test_who_found_an_open_browser_guesses_slowly(people: People) -> None:
    people.made()
    token = people.inside()
    for _ in range(5):
        assert change(people, token, old="wrong password") == Wrong()
    assert isinstance(delete(people, token), SlowDown)
    assert isinstance(ask_email(people, token), SlowDown)


def test_of_two_changes_at_once_one_counts(people: People) -> None:
    people.made()
    token = people.inside()
    new = [f"{NEW} {place}" for place in range(2)]
    answers = at_once(2, lambda place: change(people, token, new=new[place]))
    assert sorted(type(answer).__name__ for answer in answers) == ["Changed", "Wrong"]
    people.inside(password=new[answers.index(Changed())])


def test_a_forgotten_password_is_set_anew_and_ends_every_session(people: People) -> None:
    people.made()
    token = people.inside()
    assert people.do(changes.ask_reset, ANNA) == Asked()
    link = people.letters("reset_password")[0].token
    assert people.do(changes.may_reset, link)
    assert reset(people, link) == Changed()
    assert people.who(token) is None
    assert people.log_in() == Wrong()
    people.inside(password=NEW)
    assert people.letters()[-1].kind == "account_changed"


def test_a_reset_link_works_once(people: People) -> None:
    people.made()
    for _ in range(2):
        people.do(changes.ask_reset, ANNA)
    first, second = (letter.token for letter in people.letters("reset_password"))
    assert reset(people, first) == Changed()
    assert not people.do(changes.may_reset, first)
    assert reset(people, first, "another long one") == LinkSpent()
    assert reset(people, second, "another long one") == LinkSpent()
    people.inside(password=NEW)


def test_of_two_resets_at_once_one_counts(people: People) -> None:
    people.made()
    people.do(changes.ask_reset, ANNA)
    link = people.letters("reset_password")[0].token
    answers = at_once(2, lambda place: reset(people, link, f"{NEW} {place}"))
    assert sorted(type(answer).__name__ for answer in answers) == ["Changed", "LinkSpent"]


def test_a_reset_link_is_over_after_an_hour(people: People) -> None:
    people.made()
    people.do(changes.ask_reset, ANNA)
    people.office.clock.advance(hours=1)
    assert reset(people, people.letters("reset_password")[0].token) == LinkSpent()


def test_a_weak_password_does_not_spend_the_link(people: People) -> None:
    people.made()
    people.do(changes.ask_reset, ANNA)
    link = people.letters("reset_password")[0].token
    assert reset(people, link, "password1") == Refused("password_common")
    assert reset(people, link) == Changed()


def test_an_unknown_address_gets_the_same_answer_and_no_letter(people: People) -> None:
    people.made()
    assert people.do(changes.ask_reset, "nobody@example.com") == people.do(changes.ask_reset, ANNA)
    assert [letter.to for letter in people.letters("reset_password")] == [ANNA]


def test_a_reset_confirms_the_address_too(people: People) -> None:
    people.register()
    people.do(changes.ask_reset, ANNA)
    assert reset(people, people.letters("reset_password")[0].token) == Changed()
    people.inside(password=NEW)


def test_a_new_address_is_confirmed_at_itself_and_the_old_one_is_told(people: People) -> None:
    people.made()
    token = people.inside()
    assert ask_email(people, token) == Asked()
    letter = people.letters("change_email")[0]
    assert letter.to == OTHER
    assert OTHER.partition("@")[0] not in letter.token
    people.inside()
    assert people.do(changes.may_change_email, letter.token)
    assert people.do(changes.change_email, letter.token) == Changed()
    assert people.log_in() == Wrong()
    people.inside(OTHER)
    told = people.letters()[-1]
    assert (told.kind, told.to, told.facts["change"]) == ("account_changed", ANNA, "email")
    assert people.do(changes.change_email, letter.token) == LinkSpent()


def test_a_new_address_that_is_known_looks_the_same(people: People) -> None:
    people.made()
    people.made(OTHER)
    assert ask_email(people, people.inside()) == Asked()
    letter = people.letters()[-1]
    assert (letter.kind, letter.to) == ("already_known", OTHER)


def test_a_new_address_that_became_known_meanwhile_is_not_taken(people: People) -> None:
    people.made()
    ask_email(people, people.inside())
    people.made(OTHER)
    assert people.do(changes.change_email, people.letters("change_email")[0].token) == LinkSpent()
    people.inside()


def test_a_new_password_spends_the_link_to_a_new_address(people: People) -> None:
    people.made()
    token = people.inside()
    ask_email(people, token)
    change(people, token)
    assert people.do(changes.change_email, people.letters("change_email")[0].token) == LinkSpent()


def test_what_is_no_address_is_not_taken(people: People) -> None:
    people.made()
    assert ask_email(people, people.inside(), "anna@\0") == Refused("email_malformed")


def test_a_deleted_account_leaves_a_row_without_anything_personal(people: People) -> None:
    people.made()
    other, token = people.inside(), people.inside()
    account = people.office.one(Account)
    service = people.office.service_id("P")

    def belongings(session: Any, context: Any) -> None:
        key, _ = personal_keys.new_key(session, context.keys, context.now)
        draft = {"token_hash": b"t", "account_id": account.id, "personal_key_id": key}
        session.add(Draft(**draft, service_id=service, made_at=context.now))
        wish = {"account_id": account.id, "service_id": service, "language": "pl"}
        session.add(PlaceWish(**wish, wished_at=context.now))

    people.do(belongings)
    assert delete(people, token, "wrong password") == Wrong()
    assert delete(people, token) == deletion.Deleted()
    assert people.who(token) is None
    assert people.who(other) is None
    gone = people.office.one(Account)
    personal_values = (gone.email_hash, gone.sealed_email, gone.password_hash, gone.personal_key_id)
    assert personal_values == (None,) * 4
    assert gone.deleted_at == people.context.now
    for table in (AccountSession, Draft, PlaceWish):
        assert people.office.rows(table) == []
    assert not people.office.rows(PersonalKey, PersonalKey.id == account.personal_key_id)
    letter = people.letters()[-1]
    assert (letter.kind, letter.to) == ("account_deleted", ANNA)
    assert people.log_in() == Wrong()
    assert people.office.facts()[-2].data == {"account": account.id, "reason": "by_owner"}


def test_links_of_a_deleted_account_are_spent_and_the_address_is_free_again(people: People) -> None:
    people.made()
    people.do(changes.ask_reset, ANNA)
    link = people.letters("reset_password")[0].token
    delete(people, people.inside())
    assert {letter.to for letter in people.letters() if letter.kind != "account_deleted"} == {None}
    assert reset(people, link) == LinkSpent()
    people.made()
    people.inside()


def test_sessions_long_over_are_tidied_away(people: People) -> None:
    people.made()
    people.inside()
    people.office.clock.advance(days=15)
    deletion.tidy(people.store, people.context)
    assert people.office.rows(AccountSession) == []
    assert people.office.rows(Account) != []


def test_visits_of_a_deleted_account_are_cancelled_and_nothing_of_them_is_left(people: People) -> None:
    people.made()
    token = people.inside()
    owner = Owner(people.me(token).id)
    booked = BookedOffice(people.office)
    booked.rule()
    people.office.open_slot("L", NOON)
    visit = booked.activated(owner)
    booked.draft(owner)
    keys = len(people.office.rows(PersonalKey))
    assert delete(people, token) == deletion.Deleted()
    row = people.office.reservation(visit)
    assert (row.status, row.sealed_person, row.person_hash, row.email_hash) == ("cancelled", None, None, None)
    assert people.office.one(PlaceReturn).reservation_id == visit
    left = {(message.status, message.sealed_to) for message in booked.messages(visit)}
    assert left == {("dropped", None)}
    assert people.office.rows(Draft) == []
    # What is left: the key of the last letter; the account's, the visit's and the drafts' are gone.
    (key,) = people.office.rows(PersonalKey)
    assert keys > 1
    assert people.office.rows(Message, Message.personal_key_id == key.id)[0].kind == "account_deleted"
