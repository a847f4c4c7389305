"""Messages go into the outbox with what they tell, come out once, and leave nothing personal behind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from server.domain.messages.retries import MOST_TRIES, pause
from server.services import messages
from server.services.context import RuleBroken
from server.services.messages import NewMessage
from server.services.messages.dead_letters import let_go, retry
from server.services.messages.delivery import Result, Taken, begin, settle, take, take_stock
from server.store.queries import messages as rows
from server.store.queries.privacy import personal_keys
from server.store.tables import Message, PersonalKey
from tests.server.at_once import at_once
from tests.server.sample_office import SampleOffice
from wire.vocabulary import Channel, MessageKind, MessageStatus

ALL = tuple(Channel)


def message(key: str = "one", **more: Any) -> NewMessage:
    """Write a message to somebody."""
    told: dict[str, Any] = {
        "kind": MessageKind.RESET_PASSWORD,
        "channel": Channel.EMAIL,
        "language": "uk",
        "to": "anna@example.org",
        "key": key,
        "values": {"url": "https://numerek.test/uk/account/reset/abc"},
    }
    return NewMessage(**(told | more))


def post(office: SampleOffice, new: NewMessage) -> bool:
    """Post in a transaction of its own."""
    context = office.runtime.context()
    return office.store.write(lambda session: messages.post(session, context, new))


def taken(office: SampleOffice, channels: tuple[Channel, ...] = ALL) -> Taken | None:
    """Take the next one."""
    context = office.runtime.context()
    return office.store.write(lambda session: take(session, context, channels))


def begun(office: SampleOffice, each: Taken) -> bool:
    """Begin to hand over."""
    context = office.runtime.context()
    return office.store.write(lambda session: begin(session, context, each))


def settled(office: SampleOffice, each: Taken, result: Result, problem: str = "") -> None:
    """Settle."""
    context = office.runtime.context()
    office.store.write(lambda session: settle(session, context, each, result, problem))


def only(office: SampleOffice) -> Any:
    """Read the one message there is."""
    return office.one(Message)


def is_empty_of_anything_personal(row: Any) -> bool:
    return (row.personal_key_id, row.sealed_to, row.sealed_values) == (None, None, None)


def test_a_message_comes_out_as_it_went_in_and_only_once(office: SampleOffice) -> None:
    assert post(office, message(facts={"change": "password"}))
    each = taken(office)
    assert each is not None
    assert (each.to, each.values) == (
        "anna@example.org",
        {"url": "https://numerek.test/uk/account/reset/abc"},
    )
    assert (each.kind, each.language, each.attempt) == (MessageKind.RESET_PASSWORD, "uk", 1)
    assert each.facts["change"] == "password"
    assert taken(office) is None


def test_the_same_key_again_does_nothing_and_leaves_no_key_behind(office: SampleOffice) -> None:
    assert post(office, message())
    before = len(office.rows(PersonalKey))
    assert not post(office, message(to="other@example.org"))
    assert len(office.rows(PersonalKey)) == before
    assert taken(office).to == "anna@example.org"  # type: ignore[union-attr]


def test_of_many_posts_of_one_key_at_once_one_stands(office: SampleOffice) -> None:
    answers = at_once(8, lambda _place: post(office, message()))
    assert sorted(answers) == [False] * 7 + [True]
    assert len(office.rows(Message)) == 1


def test_what_is_posted_goes_with_its_transaction(office: SampleOffice) -> None:
    context = office.runtime.context()

    def work(session: Any) -> None:
        messages.post(session, context, message())
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        office.store.write(work)
    assert office.rows(Message) == []


def test_nothing_of_a_message_lies_open_in_its_row(office: SampleOffice) -> None:
    post(office, message())
    row = only(office)
    told = repr({name: value for name, value in vars(row).items() if not name.startswith("_")})
    assert "anna" not in told
    assert "abc" not in told


def test_what_was_sent_is_erased_with_the_key_that_was_its_own(office: SampleOffice) -> None:
    before = len(office.rows(PersonalKey))
    post(office, message())
    each = taken(office)
    assert each is not None
    assert begun(office, each)
    settled(office, each, Result.SENT)
    assert is_empty_of_anything_personal(only(office))
    assert only(office).status == MessageStatus.SENT
    assert len(office.rows(PersonalKey)) == before
    (fact,) = office.facts("message.sent")
    assert fact.data == {
        "message": each.id,
        "kind": "reset_password",
        "channel": "email",
        "attempts": 1,
    }


def test_a_key_that_belongs_to_a_person_outlives_the_message(office: SampleOffice) -> None:
    context = office.runtime.context()
    key_id = office.store.write(lambda session: personal_keys.new_key(session, context.keys, context.now)[0])
    post(office, message(personal_key_id=key_id))
    each = taken(office)
    assert each is not None
    settled(office, each, Result.SENT)
    assert key_id in [row.id for row in office.rows(PersonalKey)]


def test_pauses_grow_and_end(office: SampleOffice) -> None:
    post(office, message())
    waits = []
    for attempt in range(1, MOST_TRIES + 1):
        each = taken(office)
        assert each is not None
        assert each.attempt == attempt
        assert begun(office, each)
        settled(office, each, Result.LATER, "no_connection")
        row = only(office)
        if row.status == MessageStatus.FAILED:
            break
        waits.append((row.due_at - office.clock.now()).total_seconds() / 60)
        office.clock.set(row.due_at)
    assert (attempt, row.status, row.problem) == (MOST_TRIES, MessageStatus.FAILED, "no_connection")
    about = (1, 5, 15, 60, *[180] * 7)
    assert all(0.79 < wait / meant < 1.21 for wait, meant in zip(waits, about, strict=True))
    assert len(set(waits)) > 5
    (fact,) = office.facts("message.set_aside")
    assert (fact.data["problem"], fact.data["unclear"]) == ("no_connection", False)


def test_the_pause_is_spread_by_a_fifth_and_no_more() -> None:
    assert pause(1, 0.0) == timedelta(seconds=48)
    assert pause(1, 1.0) == timedelta(seconds=72)
    assert pause(MOST_TRIES, 0.5) is None


def test_what_is_past_its_time_is_dropped_unsent(office: SampleOffice) -> None:
    post(office, message(expires_at=office.clock.now() + timedelta(minutes=10)))
    office.clock.advance(minutes=10)
    assert taken(office) is None
    assert (only(office).status, only(office).problem) == (MessageStatus.DROPPED, "expired")
    assert is_empty_of_anything_personal(only(office))


def test_what_is_due_later_waits_for_its_time(office: SampleOffice) -> None:
    post(office, message(due_at=office.clock.now() + timedelta(hours=22)))
    assert taken(office) is None
    office.clock.advance(hours=22)
    assert taken(office) is not None


def test_a_channel_that_is_not_set_up_keeps_its_messages(office: SampleOffice) -> None:
    post(office, message(channel=Channel.SMS))
    assert taken(office, (Channel.EMAIL,)) is None
    assert only(office).status == MessageStatus.QUEUED


def test_somebody_who_waits_before_a_page_comes_first(office: SampleOffice) -> None:
    post(office, message("slow", kind=MessageKind.REMINDER))
    office.clock.advance(seconds=5)
    post(office, message("code", kind=MessageKind.ACTIVATION_CODE))
    assert [taken(office).key for _ in "ab"] == ["code", "slow"]  # type: ignore[union-attr]


def test_an_outbox_worker_who_dies_before_the_handover_loses_nothing(office: SampleOffice) -> None:
    post(office, message())
    assert taken(office) is not None
    take_stock(office.store, office.runtime.context(), is_alone=True)
    office.clock.advance(minutes=3)
    again = taken(office)
    assert again is not None
    assert again.attempt == 2


def test_an_outbox_worker_who_dies_in_the_handover_leaves_it_unknown(office: SampleOffice) -> None:
    post(office, message())
    each = taken(office)
    assert each is not None
    assert begun(office, each)
    assert take_stock(office.store, office.runtime.context(), is_alone=False) == 0
    assert take_stock(office.store, office.runtime.context(), is_alone=True) == 1
    assert (only(office).status, only(office).problem) == (MessageStatus.UNKNOWN, "stopped_midway")
    office.clock.advance(days=1)
    assert taken(office) is None
    settled(office, each, Result.SENT)
    assert only(office).status == MessageStatus.UNKNOWN


def test_beside_other_servers_a_handover_is_given_up_only_when_its_time_is_over(office: SampleOffice) -> None:
    post(office, message())
    each = taken(office)
    assert each is not None
    assert begun(office, each)
    office.clock.advance(minutes=11)
    assert take_stock(office.store, office.runtime.context(), is_alone=False) == 1
    assert only(office).status == MessageStatus.UNKNOWN


def test_staff_try_an_unclear_one_again_only_when_they_say_so(office: SampleOffice) -> None:
    post(office, message())
    each = taken(office)
    assert each is not None
    assert begun(office, each)
    settled(office, each, Result.UNCLEAR, "broken_line")
    context = office.runtime.context()
    with pytest.raises(RuleBroken, match="unclear"):
        office.store.write(lambda session: retry(session, context, each.id))
    office.store.write(lambda session: retry(session, context, each.id, although_unclear=True))
    again = taken(office)
    assert again is not None
    assert (again.to, again.attempt) == ("anna@example.org", 1)


def test_only_what_was_set_aside_can_be_tried_again_or_let_go(office: SampleOffice) -> None:
    post(office, message())
    context, row_id = office.runtime.context(), only(office).id
    for step in (retry, let_go):
        with pytest.raises(RuleBroken, match="not_set_aside"):
            office.store.write(lambda session, step=step: step(session, context, row_id))
        with pytest.raises(RuleBroken, match="not_found"):
            office.store.write(lambda session, step=step: step(session, context, 999))


def test_what_was_erased_cannot_be_tried_again(office: SampleOffice) -> None:
    visit = office.book("P", "12:00")["id"]
    post(office, message(reservation_id=visit))
    each, context = taken(office), office.runtime.context()
    assert each is not None
    settled(office, each, Result.REFUSED, "refused_550")
    office.store.write(lambda session: rows.erase(session, session.get_one(Message, each.id)))
    with pytest.raises(RuleBroken, match="erased"):
        office.store.write(lambda session: retry(session, context, each.id))


def test_what_was_let_go_is_erased(office: SampleOffice) -> None:
    post(office, message())
    each = taken(office)
    assert each is not None
    settled(office, each, Result.REFUSED, "refused_550")
    assert not is_empty_of_anything_personal(only(office))
    context = office.runtime.context()
    office.store.write(lambda session: let_go(session, context, each.id))
    assert is_empty_of_anything_personal(only(office))


def test_queued_messages_of_a_visit_can_be_dropped_by_kind(office: SampleOffice) -> None:
    visit = office.book("P", "12:00")["id"]
    other = office.book("P", "12:00")["id"]
    for key, kind, about in (
        ("a", MessageKind.REMINDER, visit),
        ("b", MessageKind.CONFIRMATION, visit),
        ("c", MessageKind.REMINDER, other),
    ):
        post(office, message(key, kind=kind, reservation_id=about))
    context = office.runtime.context()
    dropped = office.store.write(
        lambda session: messages.drop(session, context, reservation_id=visit, kinds=[MessageKind.REMINDER])
    )
    states = [row.status for row in office.rows(Message)]
    assert (dropped, states) == (1, ["dropped", "queued", "queued"])


def test_a_dropped_message_is_not_handed_over_although_it_was_taken(office: SampleOffice) -> None:
    visit = office.book("P", "12:00")["id"]
    post(office, message(reservation_id=visit))
    each, context = taken(office), office.runtime.context()
    assert each is not None
    office.store.write(lambda session: messages.drop(session, context, reservation_id=visit))
    assert not begun(office, each)


def test_forgetting_somebody_lets_their_key_be_shredded(office: SampleOffice) -> None:
    visit = office.book("P", "12:00")["id"]
    context = office.runtime.context()
    key_id = office.reservation(visit).personal_key_id
    for key in "abc":
        post(office, message(key, reservation_id=visit, personal_key_id=key_id))
    for result in (Result.REFUSED, Result.UNCLEAR):
        each = taken(office)
        assert each is not None
        begun(office, each)
        settled(office, each, result, "x")
    count = office.store.write(lambda session: messages.forget(session, context, reservation_id=visit))
    assert count == 3
    assert all(is_empty_of_anything_personal(row) for row in office.rows(Message))
    office.set_reservation(visit, personal_key_id=None)
    office.store.write(lambda session: personal_keys.shred(session, [key_id]))


def test_nobody_drops_the_messages_of_everybody(office: SampleOffice) -> None:
    context = office.runtime.context()
    for step in (messages.drop, messages.forget):
        with pytest.raises(ValueError, match="either"):
            office.store.write(lambda session, step=step: step(session, context))


def test_a_key_that_would_be_cut_short_is_a_bug(office: SampleOffice) -> None:
    with pytest.raises(ValueError, match="120"):
        post(office, message("x" * 121))


def test_two_postmen_never_take_the_same_message(office: SampleOffice) -> None:
    for place in range(40):
        post(office, message(str(place)))

    def work(_place: int) -> list[str]:
        mine = []
        while (each := taken(office)) is not None:
            mine.append(each.key)
        return mine

    got = [key for mine in at_once(4, work) for key in mine]
    assert sorted(got) == sorted(str(place) for place in range(40))
