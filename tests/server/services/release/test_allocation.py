"""The places of a draw: given by its order, each once, passed on when they come back, and open at the end."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from server.domain.release import draw as rules
from server.services.booking.slots.places import return_places
from server.services.release import allocation, draws
from server.store.queries.privacy import personal_keys
from server.store.tables import Account, Application, Message, Reservation, Slot
from tests.server.at_once import at_once
from tests.server.movable_clock import TEN
from tests.server.services.booking.slots.bookable import at
from tests.server.services.release.crowd import PLACES, Crowd

# --- giving -----------------------------------------------------------------------------------------------


def test_where_no_number_decides_it_is_drawn_at_once(crowd: Crowd) -> None:
    crowd.open_draw()
    lines = [crowd.apply(one) for one in crowd.people(3)]
    crowd.close()
    assert crowd.give() == 1
    assert crowd.draw_row.public_number == ""
    visits = [crowd.visit_of(line) for line in lines]
    assert {visit.status for visit in visits if visit} == {"booked"}
    assert len({visit.code_hash for visit in visits if visit}) == 3
    (fact,) = crowd.office.facts("draw.drawn")
    assert (fact.data["applications"], fact.data["drawn"], fact.data["booked"]) == (3, 3, 3)


def test_the_winners_are_those_of_the_order_and_their_hours_suit_them(crowd: Crowd) -> None:
    crowd.open_draw()
    wishes = ["2026-12-03", "2026-12-04 08:00-12:00", "2026-12-04", "any 14:00-15:00", "2026-12-05"]
    lines = {
        crowd.apply(one, wishes[n % 5], wishes[(n + 1) % 5]): n for n, one in enumerate(crowd.people(40))
    }
    crowd.close()
    crowd.give()
    said = crowd.document()
    assert sorted(said["order"]) == sorted(lines)
    assert [crowd.application(line).place for line in said["order"]] == list(range(1, 41))
    for line, number in lines.items():
        visit, given = crowd.visit_of(line), said["given"].get(line)
        if visit is None:
            assert given is None
            continue
        hour = visit.appointment_at.astimezone(at("12-03", "08:00").tzinfo).isoformat(timespec="minutes")
        assert hour == given
        assert any(rules.suits(wish, hour) for wish in (wishes[number % 5], wishes[(number + 1) % 5]))


def test_never_more_are_booked_than_there_are_places(crowd: Crowd) -> None:
    crowd.open_draw()
    for one in crowd.people(PLACES + 10):
        crowd.apply(one)
    crowd.close()
    crowd.give()
    assert len(crowd.office.rows(Reservation)) == PLACES
    assert all(slot.taken == 1 for slot in crowd.slots() if slot.draw_id)
    losers = [row for row in crowd.office.rows(Application) if row.reservation_id is None]
    told = crowd.office.rows(Message, Message.kind == "draw_result")
    assert sorted(message.facts["place"] for message in told) == sorted(row.place for row in losers)
    assert len(losers) == 10
    assert len(crowd.office.rows(Message, Message.kind == "confirmation")) == PLACES
    assert sum(crowd.free().values()) == 0


def test_what_nobody_wants_is_open_to_everybody_afterwards(crowd: Crowd) -> None:
    crowd.open_draw()
    for one in crowd.people(3):
        crowd.apply(one, "2026-12-03 08:00-09:00")
    crowd.close()
    crowd.give()
    assert crowd.slot(at("12-03", "08:00")).taken == 1
    assert crowd.take(at("12-03", "08:00")) == "slot_full"
    assert crowd.take(at("12-03", "09:00")) == "taken"
    assert crowd.free()["12-04"] == 7


def test_a_limit_of_a_day_is_kept_and_the_rest_is_given_back(crowd: Crowd) -> None:
    crowd.open_draw(daily_limit=2)
    for one in crowd.people(5):
        crowd.apply(one, "2026-12-03")
    crowd.close()
    assert crowd.document()["terms"]["day_limits"]["2026-12-03"] == 2
    assert crowd.limits()["12-03"] == (2, 2)
    assert crowd.limits()["12-04"] == (2, 2)
    crowd.give()
    assert len(crowd.office.rows(Reservation)) == 2
    assert crowd.limits()["12-03"] == (2, 2)
    assert crowd.limits()["12-04"] == (0, 2)
    assert all(crowd.slot(at("12-04", f"{hour:02}:00")).taken == 0 for hour in range(8, 15))


def test_a_draw_that_breaks_off_goes_on_where_it_was(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd.open_draw()
    for one in crowd.people(60):
        crowd.apply(one)
    crowd.close()
    given, calls = allocation.give_some, []

    def breaks(session: Session, **rest: Any) -> int:
        done = given(session, **rest)
        calls.append(done)
        if len(calls) == 2:
            raise RuntimeError("the power is gone")
        return done

    monkeypatch.setattr(allocation, "_AT_ONCE", 20)
    monkeypatch.setattr(allocation, "give_some", breaks)
    with pytest.raises(RuntimeError):
        crowd.give()
    assert sum(row.place is not None for row in crowd.office.rows(Application)) == 20
    assert crowd.draw_row.drawn_at is None
    monkeypatch.setattr(allocation, "give_some", given)
    assert crowd.give() == 1
    assert crowd.give() == 0
    assert len(crowd.office.rows(Reservation)) == PLACES
    places = [row.place for row in crowd.office.rows(Application)]
    assert sorted(places) == list(range(1, 61))


def test_what_a_turn_leaves_undone_the_next_one_does(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allocation, "_AT_ONCE", 20)
    crowd.open_draw()
    for one in crowd.people(50):
        crowd.apply(one)
    crowd.close()
    for finished, placed in ((0, 20), (0, 40), (1, 50), (0, 50)):
        assert allocation.give_places(crowd.office.store, crowd.context, most_steps=1) == finished
        assert sum(row.place is not None for row in crowd.office.rows(Application)) == placed
    assert len(crowd.office.rows(Reservation)) == PLACES


def test_two_servers_give_each_place_once(crowd: Crowd) -> None:
    crowd.open_draw()
    for one in crowd.people(60):
        crowd.apply(one)
    crowd.close()
    context, store = crowd.context, crowd.office.store
    assert sum(at_once(4, lambda _: allocation.give_places(store, context))) == 1
    assert len(crowd.office.rows(Reservation)) == PLACES
    assert len(crowd.office.facts("draw.drawn")) == 1
    assert all(slot.taken == 1 for slot in crowd.slots() if slot.draw_id)


def test_the_place_of_a_winner_who_is_gone_goes_to_the_next(crowd: Crowd) -> None:
    crowd.open_draw()
    people = {crowd.apply(one, "2026-12-03 08:00-09:00"): one for one in crowd.people(3)}
    crowd.close()
    first, second, _ = crowd.document()["order"]
    gone = people[first]
    crowd.office.store.write(
        lambda session: setattr(session.get_one(Account, gone), "deleted_at", crowd.context.now)
    )
    crowd.give()
    assert crowd.visit_of(first) is None
    assert crowd.visit_of(second) is not None
    assert crowd.slot(at("12-03", "08:00")).taken == 1
    said = crowd.document()
    assert list(said["given"]) == [first]
    assert said["later"] == [[second, "2026-12-03T08:00+01:00"]]


# --- places that come back ----------------------------------------------------------------------------------


def _drawn_for_one_hour(crowd: Crowd) -> list[str]:
    crowd.open_draw()
    for one in crowd.people(3):
        crowd.apply(one, "2026-12-03 08:00-09:00")
    crowd.close()
    crowd.give()
    order: list[str] = crowd.document()["order"]
    return order


def _cancel(crowd: Crowd, line: str) -> None:
    row = crowd.visit_of(line)
    assert row is not None
    crowd.office.set_reservation(row.id, status="cancelled", ended_at=crowd.context.now)
    crowd.give_back(row.id)
    crowd.advance(hours=4)
    return_places(crowd.office.store, crowd.context, next_in_order=allocation.next_in_order)


def test_a_cancelled_place_goes_to_the_next_in_order(crowd: Crowd) -> None:
    first, second, third = _drawn_for_one_hour(crowd)
    _cancel(crowd, first)
    assert crowd.visit_of(second) is not None
    assert crowd.visit_of(third) is None
    assert crowd.slot(at("12-03", "08:00")).taken == 1
    _cancel(crowd, second)
    assert crowd.visit_of(third) is not None
    _cancel(crowd, third)
    assert crowd.slot(at("12-03", "08:00")).taken == 0
    assert [line for line, _ in crowd.document()["later"]] == [second, third]


def test_a_place_too_near_to_its_hour_is_open_to_everybody(crowd: Crowd) -> None:
    first, second, _ = _drawn_for_one_hour(crowd)
    crowd.office.clock.set(
        at("12-03", "08:00") - allocation.NOTICE - timedelta(hours=4) + timedelta(seconds=1)
    )
    _cancel(crowd, first)
    assert crowd.visit_of(second) is None
    assert crowd.take(at("12-03", "08:00")) == "taken"


def test_the_next_in_order_has_it_only_where_the_hour_suits(crowd: Crowd) -> None:
    crowd.open_draw()
    people = crowd.people(2)
    one, other = crowd.apply(people[0], "2026-12-03 08:00-09:00"), crowd.apply(people[1], "2026-12-05")
    crowd.close()
    crowd.give()
    _cancel(crowd, one)
    assert crowd.visit_of(other) is None
    assert crowd.slot(at("12-03", "08:00")).taken == 0


def test_hours_planned_after_the_draw_go_to_those_in_order_first(crowd: Crowd) -> None:
    first, second, third = _drawn_for_one_hour(crowd)
    crowd.office.open_slot("P", at("12-03", "08:30"), capacity=3)
    assert crowd.take(at("12-03", "08:30")) == "not_released"
    assert allocation.offer_late_hours(crowd.office.store, crowd.context) == 1
    assert [crowd.visit_of(line).appointment_at for line in (second, third)] == [at("12-03", "08:30")] * 2
    assert crowd.slot(at("12-03", "08:30")).taken == 2
    assert crowd.take(at("12-03", "08:30")) == "taken"
    assert allocation.offer_late_hours(crowd.office.store, crowd.context) == 0
    assert crowd.visit_of(first).appointment_at == at("12-03", "08:00")


def test_a_service_that_verifies_asks_its_questions_of_winners(crowd: Crowd) -> None:
    question = {"key": "case", "label": {"en": "Case number"}}
    crowd.office.set_policy("P", verification_required=True)
    crowd.open_draw(questions=[question])
    (one,) = crowd.people(1)
    line = crowd.apply(one)
    crowd.close()
    crowd.give()
    assert crowd.visit_of(line).status == "pending"
    assert "questions" in {message.kind for message in crowd.office.rows(Message)}


# --- large --------------------------------------------------------------------------------------------------


def test_ten_thousand_applications_are_drawn_in_bounded_steps(crowd: Crowd) -> None:
    row = crowd.open_draw(capacity=10)
    _ten_thousand_apply(crowd, row.id)
    crowd.office.clock.set(row.closes_at)
    began = time.process_time()
    assert draws.close_draws(crowd.office.store, crowd.context) == 1
    closed = time.process_time()
    assert crowd.give() == 1
    given = time.process_time()
    print(
        f"10 000 applications: closed in {closed - began:.2f} s, given in {given - closed:.2f} s of processor"
    )
    assert given - began < 30
    assert len(crowd.document()["given"]) == len(crowd.office.rows(Reservation)) == 10 * PLACES
    assert crowd.office.rows(Slot, Slot.draw_id == row.id, Slot.taken != Slot.capacity) == []
    assert crowd.office.rows(Application, Application.place.is_(None)) == []


def _ten_thousand_apply(crowd: Crowd, draw_id: int) -> None:
    some = [["any"], ["2026-12-03", "any 12:00-24:00"], ["2026-12-04 08:00-12:00"], ["2026-12-08"]]
    people = crowd.people(10_000)

    def work(session: Session) -> None:
        key_id, box = personal_keys.new_key(session, crowd.context.keys, TEN)
        details = personal_keys.seal_json(box, crowd.details(1).as_json(), b"details")
        rows = [
            {
                "draw_id": draw_id,
                "public_id": f"L{number:011}",
                "account_id": account_id,
                "personal_key_id": key_id,
                "sealed_details": details,
                "preferences": some[number % 4],
                "language": "en",
                "applied_at": TEN,
            }
            for number, account_id in enumerate(people)
        ]
        session.execute(insert(Application), rows)

    crowd.office.store.write(work)
