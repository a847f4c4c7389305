"""A draw from its window to its end: committed before, computed after, each person once, each place once."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, text

from server.domain.release import draw as rules
from server.services.context import RuleBroken
from server.services.release import draws
from server.services.release.draws import secret_of
from server.store.store import Store
from server.store.tables import Application, Draw, Message, PersonalKey
from tests.server.at_once import at_once
from tests.server.movable_clock import TEN
from tests.server.services.booking.slots.bookable import at
from tests.server.services.release.crowd import PLACES, Crowd

LOTTERY = {"en": "the main numbers of the lottery of 26 November"}


# --- the window -------------------------------------------------------------------------------------------


def test_a_draw_opens_with_its_window_and_tells_the_hash_of_its_secret(crowd: Crowd) -> None:
    row = crowd.open_draw()
    assert (row.opens_at, row.closes_at) == (at("11-23", "08:00"), at("11-26", "08:00"))
    assert (row.first_day, row.last_day) == (date(2026, 12, 3), date(2026, 12, 9))
    secret = secret_of(crowd.context, row)
    assert len(secret) == 32
    assert row.secret_hash == hashlib.sha256(secret).digest()
    assert secret not in row.sealed_secret
    (fact,) = crowd.office.facts("draw.opened")
    assert fact.data == {"draw": row.public_id, "service": "P", "secret_hash": row.secret_hash.hex()}


def test_it_has_the_hours_of_its_days_also_those_that_are_planned_later(crowd: Crowd) -> None:
    row = crowd.open_draw()
    first, last = at("12-03", "00:00"), at("12-10", "00:00")
    slots = crowd.slots()
    covered = [slot for slot in slots if first <= slot.starts_at < last]
    assert len(covered) == PLACES
    assert {slot.draw_id for slot in covered} == {row.id}
    assert {slot.draw_id for slot in slots if slot not in covered} == {None}
    crowd.office.open_slot("P", at("12-05", "09:00"))
    draws.open_draws(crowd.office.store, crowd.context)
    assert crowd.slot(at("12-05", "09:00")).draw_id == row.id


def test_what_it_has_nobody_can_book_openly(crowd: Crowd) -> None:
    crowd.open_draw()
    assert crowd.take(at("12-03", "08:00")) == "not_released"
    assert sum(crowd.free().values()) == 0


def test_two_servers_open_it_once(crowd: Crowd) -> None:
    crowd.open(release="draw")
    other = Store(crowd.office.url) if not crowd.office.store.sqlite else crowd.office.store
    stores = [crowd.office.store, other] * 2
    context = crowd.context
    opened = at_once(4, lambda place: draws.open_draws(stores[place], context))
    assert sorted(opened) == [0, 0, 0, 1]
    assert len(crowd.office.rows(Draw)) == len(crowd.office.facts("draw.opened")) == 1
    if other is not crowd.office.store:
        other.close()


def test_a_service_that_draws_nothing_has_no_draw(crowd: Crowd) -> None:
    crowd.open()
    draws.open_draws(crowd.office.store, crowd.context)
    assert crowd.office.rows(Draw) == []


# --- applying ---------------------------------------------------------------------------------------------


def test_each_person_applies_once_by_account_name_or_document(crowd: Crowd) -> None:
    crowd.open_draw()
    one, other, third, fourth = crowd.people(4)
    assert len(crowd.apply(one)) == 12
    assert crowd.apply(one, name="Somebody Else", document="XX99") == "already_applied"
    assert crowd.apply(other, document=f"FE {one:07}") == "already_applied"
    assert crowd.apply(third, name=f"IVAN  NUMBER{one}") == "already_applied"
    assert len(crowd.apply(fourth)) == 12
    assert crowd.office.one(Application, Application.account_id == one).sealed_details is not None
    (fact, _) = crowd.office.facts("application.made")
    assert set(fact.data) == {"draw", "service", "application"}


def test_of_the_same_person_many_times_at_once_one_takes_part(crowd: Crowd) -> None:
    crowd.open_draw()
    people = crowd.people(8)

    def work(place: int) -> str:
        try:
            return crowd.apply(people[place], name="Ivan Same", document="FE1")
        except RuleBroken as broken:
            return broken.reason

    answers = at_once(8, work)
    assert sorted(len(answer) == 12 for answer in answers) == [False] * 7 + [True]
    assert set(answers) - {"already_applied"} == {answer for answer in answers if len(answer) == 12}
    assert len(crowd.office.rows(Application)) == 1


def test_control_without_the_indexes_more_take_part(crowd: Crowd) -> None:
    row = crowd.open_draw()
    people = crowd.people(2)
    crowd.apply(people[0], name="Ivan Same", document="FE1")
    twice = {"draw_id": row.id, "person_hash": crowd.office.one(Application).person_hash}
    for name in ("person", "document", "account"):
        crowd.office.store.write(
            lambda session, name=name: session.execute(text(f"DROP INDEX ix_application_{name}"))
        )
    try:
        crowd.office.store.write(lambda session: session.add(_bare_application(**twice)))
        assert len(crowd.office.rows(Application)) == 2
    finally:
        crowd.office.store.write(lambda session: session.execute(delete(Application)) and None)
        for index in Application.__table__.indexes:
            if index.name in ("ix_application_person", "ix_application_document", "ix_application_account"):
                crowd.office.store.write(lambda session, index=index: index.create(session.connection()))


def _bare_application(**values: Any) -> Application:
    now = TEN
    return Application(public_id="TWICE", preferences=["any"], language="en", applied_at=now, **values)


def test_nobody_applies_before_or_after_the_window(crowd: Crowd) -> None:
    row = crowd.open_draw()
    (one,) = crowd.people(1)
    crowd.office.clock.set(row.closes_at - timedelta(microseconds=1))
    assert len(crowd.apply(one)) == 12
    crowd.office.clock.set(row.closes_at)
    assert crowd.apply(crowd.people(1)[0]) == "window_closed"


@pytest.mark.parametrize("wish", ["2026-12-02", "2026-12-10", "yes", "any 12:00-11:00", "any\x00"])
def test_a_wish_that_the_draw_cannot_meet_is_refused(crowd: Crowd, wish: str) -> None:
    crowd.open_draw()
    (one,) = crowd.people(1)
    with pytest.raises(RuleBroken) as refused:
        crowd.apply(one, wish)
    assert (refused.value.status, refused.value.reason) == (422, "bad_preferences")


def test_an_account_without_a_confirmed_address_cannot_apply(crowd: Crowd) -> None:
    crowd.open_draw()
    (one,) = crowd.people(1)
    crowd.office.store.write(lambda session: session.execute(text("UPDATE account SET confirmed_at = NULL")))
    with pytest.raises(RuleBroken) as refused:
        crowd.apply(one)
    assert refused.value.reason == "not_confirmed"


def test_who_withdraws_leaves_nothing_personal_and_may_apply_again(crowd: Crowd) -> None:
    crowd.open_draw()
    (one,) = crowd.people(1)
    keys = len(crowd.office.rows(PersonalKey))
    first = crowd.apply(one)
    assert crowd.withdraw(one)
    assert not crowd.withdraw(one)
    row = crowd.application(first)
    assert [row.account_id, row.person_hash, row.document_hash, row.sealed_details] == [None] * 4
    (message,) = crowd.office.rows(Message)
    assert (message.status, message.sealed_to, message.personal_key_id) == ("dropped", None, None)
    assert len(crowd.office.rows(PersonalKey)) == keys
    second = crowd.apply(one)
    crowd.close()
    assert [line for line, _ in crowd.document()["applications"]] == [second]


def test_after_the_window_nobody_withdraws(crowd: Crowd) -> None:
    crowd.open_draw()
    (one,) = crowd.people(1)
    crowd.apply(one)
    crowd.office.clock.advance(days=3)
    assert not crowd.withdraw(one)


def test_who_applies_is_told_the_line_and_the_hash_to_keep(crowd: Crowd) -> None:
    row = crowd.open_draw()
    (one,) = crowd.people(1)
    line = crowd.apply(one)
    (message,) = crowd.office.rows(Message)
    assert (message.kind, message.channel, message.language) == ("draw_applied", "email", "en")
    assert message.facts["line"] == rules.shown_line(line)
    assert message.facts["secret_hash"] == row.secret_hash.hex()


# --- closing and deciding ---------------------------------------------------------------------------------


def test_the_hash_of_the_list_is_told_when_it_closes_and_before_the_number(crowd: Crowd) -> None:
    crowd.open_draw(number=LOTTERY)
    for one in crowd.people(5):
        crowd.apply(one)
    with pytest.raises(RuleBroken) as early:
        crowd.number("1 2 3")
    assert early.value.reason == "draw_is_open"
    crowd.close()
    row, (fact,) = crowd.draw_row, crowd.office.facts("draw.closed")
    assert fact.data["list_hash"] == row.list_hash.hex()
    assert (fact.data["applications"], fact.data["places"]) == (5, PLACES)
    assert row.seed is None
    said = crowd.document()
    assert "secret" not in said
    assert "order" not in said
    assert said["terms"]["number"] == LOTTERY


def test_the_number_decides_once_and_for_all(crowd: Crowd) -> None:
    crowd.open_draw(number=LOTTERY)
    crowd.close()
    crowd.number("  3 8 15\t22 ")
    row = crowd.draw_row
    assert row.public_number == "3 8 15 22"
    secret = secret_of(crowd.context, row)
    assert row.seed == hashlib.sha256(secret + row.list_hash + b"3 8 15 22").digest()
    with pytest.raises(RuleBroken) as again:
        crowd.number("9")
    assert again.value.reason == "number_is_known"
    assert crowd.draw_row.seed == row.seed


@pytest.mark.parametrize("number", ["", "  ", "7" * 101, "7\x007", "7\u202e7"])
def test_what_is_no_number_is_refused(crowd: Crowd, number: str) -> None:
    crowd.open_draw(number=LOTTERY)
    crowd.close()
    with pytest.raises(RuleBroken) as refused:
        crowd.number(number)
    assert refused.value.reason == "bad_number"


def test_it_closes_once_and_holds_its_places(crowd: Crowd) -> None:
    crowd.open_draw(capacity=2, number=LOTTERY)
    crowd.office.clock.advance(days=3)
    context, store = crowd.context, crowd.office.store
    assert sum(at_once(4, lambda _: draws.close_draws(store, context))) == 1
    slots = [slot for slot in crowd.slots() if slot.draw_id]
    assert {(slot.capacity, slot.taken) for slot in slots} == {(2, 2)}
    assert crowd.take(at("12-03", "08:00"), trusted=True) == "slot_full"


def test_an_application_that_comes_while_the_list_closes_is_on_it_or_refused(crowd: Crowd) -> None:
    row = crowd.open_draw()
    people = crowd.people(12)
    context = crowd.context
    crowd.office.clock.set(row.closes_at)
    late = crowd.context
    crowd.office.clock.set(context.now)

    def work(place: int) -> str:
        if place == 6:
            draws.close_draws(crowd.office.store, late)
            return ""
        return crowd.apply(people[place])

    lines = {line for line in at_once(12, work) if len(line) == 12}
    assert {line for line, _ in crowd.document()["applications"]} == lines
    said = crowd.document()
    terms = rules.Terms.read(said["terms"])
    entries = [rules.Entry(line, tuple(wishes)) for line, wishes in said["applications"]]
    told = rules.list_text(row.public_id, row.secret_hash, terms, entries)
    assert hashlib.sha256(told).hexdigest() == said["list_hash"]
