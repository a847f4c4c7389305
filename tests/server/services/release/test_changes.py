"""An application is changed until its draw closes: one transaction, the same entry number, a fact."""

from __future__ import annotations

import pytest

from server.services.context import RuleBroken
from server.store.queries.privacy import personal_keys
from server.store.tables import Message
from tests.server.at_once import at_once
from tests.server.services.release.crowd import Crowd


def told(crowd: Crowd, line: str) -> dict[str, object]:
    """Open what an application keeps sealed."""
    row = crowd.application(line)
    return crowd.office.store.read(
        lambda session: personal_keys.open_json(
            personal_keys.box(session, crowd.context.keys, row.personal_key_id),
            row.sealed_details,
            b"details",
        )
    )


def test_a_change_keeps_the_entry_number_and_is_a_fact(crowd: Crowd) -> None:
    crowd.open_draw()
    (one,) = crowd.people(1)
    line = crowd.apply(one, "2026-12-03")
    before = crowd.application(line)
    assert crowd.change(one, "2026-12-04 00:00-12:00", "any", language="pl", document="ZZ999") == line
    after = crowd.application(line)
    assert after.preferences == ["2026-12-04 00:00-12:00", "any"]
    assert (after.id, after.personal_key_id, after.language) == (before.id, before.personal_key_id, "pl")
    assert after.document_hash != before.document_hash
    assert told(crowd, line)["document"] == "ZZ999"
    (fact,) = crowd.office.facts("application.changed")
    assert fact.data == {"draw": crowd.draw_row.public_id, "service": "P", "application": after.id}
    crowd.close()
    assert crowd.document()["applications"] == [[line, ["2026-12-04 00:00-12:00", "any"]]]


def test_what_says_the_same_changes_nothing_and_sends_nothing(crowd: Crowd) -> None:
    crowd.open_draw()
    (one,) = crowd.people(1)
    line = crowd.apply(one, "2026-12-03")
    assert crowd.change(one, "2026-12-03") == line
    assert crowd.office.facts("application.changed") == []
    assert len(crowd.office.rows(Message)) == 1


def test_a_change_is_told_to_the_new_address_and_what_waits_for_the_old_one_is_dropped(crowd: Crowd) -> None:
    crowd.open_draw()
    (one,) = crowd.people(1)
    crowd.apply(one)
    crowd.change(one, "2026-12-04", email="new@example.org")
    crowd.change(one, "2026-12-05", email="new@example.org")
    states = [(row.kind, row.status, row.sealed_to is None) for row in crowd.office.rows(Message)]
    assert states == [
        ("draw_applied", "dropped", True),
        ("draw_applied", "dropped", True),
        ("draw_applied", "queued", False),
    ]


def test_it_cannot_become_somebody_who_takes_part_already(crowd: Crowd) -> None:
    crowd.open_draw()
    one, other = crowd.people(2)
    line = crowd.apply(one)
    crowd.apply(other)
    assert crowd.change(one, document=f"FE{other:07}") == "already_applied"
    assert crowd.application(line).preferences == ["any"]
    assert crowd.office.facts("application.changed") == []


def test_after_the_window_nobody_changes_and_without_an_application_there_is_nothing_to(crowd: Crowd) -> None:
    crowd.open_draw()
    one, other = crowd.people(2)
    line = crowd.apply(one)
    with pytest.raises(RuleBroken) as none:
        crowd.change(other)
    assert none.value.status == 404
    crowd.office.clock.advance(days=3)
    assert crowd.change(one, "2026-12-04") == "window_closed"
    assert crowd.application(line).preferences == ["any"]


def test_two_changes_at_once_are_both_whole(crowd: Crowd) -> None:
    crowd.open_draw()
    (one,) = crowd.people(1)
    line = crowd.apply(one)
    days = ("2026-12-03", "2026-12-04", "2026-12-05", "2026-12-07")
    at_once(4, lambda place: crowd.change(one, days[place], document=f"D{days[place]}"))
    row = crowd.application(line)
    assert told(crowd, line)["document"] == f"D{row.preferences[0]}"
    assert len(crowd.office.facts("application.changed")) == 4


def test_who_gave_a_telephone_hears_by_text_message_too(crowd: Crowd) -> None:
    crowd.open_draw(capacity=1)
    one, other = crowd.people(2)
    crowd.apply(one, "2026-12-03 08:00-09:00", phone="+48601234567")
    crowd.apply(other, "2026-12-03 08:00-09:00")
    channels = [(row.kind, row.channel) for row in crowd.office.rows(Message)]
    assert sorted(channels) == [("draw_applied", "email"), ("draw_applied", "email"), ("draw_applied", "sms")]
