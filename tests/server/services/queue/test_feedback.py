"""What visitors think: asked once after a finished visit, told by service; words sealed and erased."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from server.services.context import RuleBroken
from server.services.privacy import erasure
from server.services.queue import feedback
from server.services.queue.feedback import Stage
from server.store.tables import Feedback, PersonalKey
from tests.server.sample_office import KEYS, SampleOffice


def served(office: SampleOffice, ticket: dict[str, Any] | None = None) -> tuple[int, str]:
    """Serve a visitor; return the ticket's id and the token of its page."""
    found = ticket or office.walk_in("P")
    clerk = office.clerk(7)
    clerk.post(f"/tickets/{found['id']}/call", {"reason": "other"})
    clerk.post(f"/tickets/{found['id']}/start")
    assert clerk.post(f"/tickets/{found['id']}/finish", {"outcome": "served"}).status_code == 200
    return found["id"], KEYS.track_token(found["id"])


def stage(office: SampleOffice, token: str) -> Stage:
    context = office.runtime.context()
    return office.store.read(lambda session: feedback.stage(session, context, token))


def give(office: SampleOffice, token: str, mark: int = 4, words: str = "") -> None:
    context = office.runtime.context()
    office.store.write(lambda session: feedback.give(session, context, token, mark, words))


def refused(office: SampleOffice, token: str, mark: int = 4, words: str = "") -> str:
    with pytest.raises(RuleBroken) as broken:
        give(office, token, mark, words)
    return broken.value.reason


def words(office: SampleOffice) -> list[str]:
    """Read what was written in the last days."""
    context = office.runtime.context()
    branch = context.office.branch_named("wroclaw")
    assert branch is not None
    today = branch.policy.business_day(context.now)
    said = office.store.read(
        lambda session: feedback.words_of(session, context, branch, today - timedelta(days=99), today)
    )
    return [each.words for each in said]


@pytest.fixture
def asking(office: SampleOffice) -> SampleOffice:
    """Give an office that asks."""
    office.set_policy(feedback=True)
    return office


def test_nobody_is_asked_unless_the_office_wants_it(office: SampleOffice) -> None:
    _, token = served(office)
    assert stage(office, token) is Stage.CLOSED
    assert refused(office, token) == "feedback_closed"
    office.set_policy(feedback=True)
    assert stage(office, token) is Stage.ASKED


def test_a_visitor_is_asked_once_after_the_visit_and_within_a_day(asking: SampleOffice) -> None:
    waiting = asking.walk_in("P")
    token = KEYS.track_token(waiting["id"])
    assert stage(asking, token) is Stage.CLOSED
    assert refused(asking, token) == "feedback_closed"
    _, token = served(asking, waiting)
    asking.clock.advance(hours=24, seconds=-1)
    assert stage(asking, token) is Stage.ASKED
    asking.clock.advance(seconds=1)
    assert (stage(asking, token), refused(asking, token)) == (Stage.CLOSED, "feedback_closed")
    asking.clock.advance(seconds=-1)
    give(asking, token)
    assert (stage(asking, token), refused(asking, token)) == (Stage.GIVEN, "feedback_given")
    assert len(asking.rows(Feedback)) == 1


def test_a_visitor_who_did_not_come_is_not_asked(asking: SampleOffice) -> None:
    ticket = asking.walk_in("P")
    asking.clerk(7).post(f"/tickets/{ticket['id']}/withdraw", {})
    assert stage(asking, KEYS.track_token(ticket["id"])) is Stage.CLOSED


@pytest.mark.parametrize("mark", [0, 6, -1, 100])
def test_a_mark_is_one_to_five(asking: SampleOffice, mark: int) -> None:
    _, token = served(asking)
    assert refused(asking, token, mark) == "mark_missing"
    assert asking.rows(Feedback) == []


def test_another_token_is_nobodys(asking: SampleOffice) -> None:
    _, token = served(asking)
    assert refused(asking, token[:-1] + ("A" if token[-1] != "A" else "B")) == "not_found"
    assert refused(asking, "1-abc") == "not_found"


def test_words_are_sealed_under_a_key_of_their_own_and_the_fact_has_none(asking: SampleOffice) -> None:
    ticket, token = served(asking)
    give(asking, token, 5, "  Pani Anna była miła\r\ndziękuję  ")
    row = asking.one(Feedback)
    assert b"Anna" not in row.sealed_words
    assert words(asking) == ["Pani Anna była miła\ndziękuję"]
    (fact,) = asking.facts("feedback.given")
    assert fact.data == {"ticket": ticket, "service": "P", "mark": 5, "has_words": True}


def test_hidden_characters_are_left_out_and_500_are_enough(asking: SampleOffice) -> None:
    _, token = served(asking)
    assert refused(asking, token, 1, "x" * 501) == "words_too_long"
    give(asking, token, 1, "\x00\u202eevil\u2066\x1b[2J" + "x" * 490)
    assert words(asking) == ["evil[2J" + "x" * 490]


def test_without_words_no_key_is_made(asking: SampleOffice) -> None:
    before = len(asking.rows(PersonalKey))
    _, token = served(asking)
    give(asking, token, 3, " \n\x00 ")
    row = asking.one(Feedback)
    assert (row.sealed_words, row.personal_key_id) == (None, None)
    assert len(asking.rows(PersonalKey)) == before


def test_the_figures_are_by_service(asking: SampleOffice) -> None:
    for letter, marks in (("P", (5, 4, 4, 1)), ("N", (3,))):
        for mark in marks:
            _, token = served(asking, asking.walk_in(letter))
            give(asking, token, mark)
    context = asking.runtime.context()
    branch = context.office.branch_named("wroclaw")
    assert branch is not None
    today = branch.policy.business_day(context.now)

    def told(day: Any) -> Any:
        return asking.store.read(lambda session: feedback.by_service(session, context, branch, day, day))

    found = {each.letter: each for each in told(today)}
    assert set(found) == {"P", "N"}
    assert (found["P"].count, found["P"].mean) == (4, 3.5)
    assert [found["P"].share(mark) for mark in feedback.MARKS] == [25, 0, 0, 50, 25]
    assert (found["N"].count, found["N"].mean) == (1, 3.0)
    assert told(today - timedelta(days=1)) == ()


def test_words_end_with_the_visits_data_and_the_mark_stays(asking: SampleOffice) -> None:
    _, token = served(asking)
    give(asking, token, 2, "Czekałem długo")
    asking.clock.advance(days=14, seconds=-1)
    erasure.erase(asking.store, asking.runtime.context())
    assert words(asking) == ["Czekałem długo"]
    asking.clock.advance(seconds=2)
    erasure.erase(asking.store, asking.runtime.context())
    assert words(asking) == []
    row = asking.one(Feedback)
    assert (row.mark, row.sealed_words, row.personal_key_id) == (2, None, None)
    assert asking.rows(PersonalKey) == []
    assert {fact.data.get("words") for fact in asking.facts("personal_data.erased")} == {1}


def test_a_key_that_words_need_is_not_lost(asking: SampleOffice) -> None:
    _, token = served(asking)
    give(asking, token, 2, "Czekałem długo")
    asking.clock.advance(days=3)
    erasure.erase(asking.store, asking.runtime.context())
    assert words(asking) == ["Czekałem długo"]


def test_words_of_a_booked_visitor_go_with_the_reservation(asking: SampleOffice) -> None:
    _, token = served(asking, asking.arrive("P", "10:20"))
    give(asking, token, 2, "Czekałem długo")
    asking.set_policy(erase_after_days=1)
    asking.clock.advance(days=2)
    erasure.erase(asking.store, asking.runtime.context())
    assert (words(asking), asking.rows(PersonalKey)) == ([], [])
