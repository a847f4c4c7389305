"""The page *What if?*: who may see it, what it says of no day, of a change, of trouble and of bad input."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from server.services.access import users
from tests.server.movable_clock import TEN
from tests.server.portal.browser import Page
from tests.server.sample_office import SampleOffice
from tests.server.services.queue.test_what_if import lives
from tests.server.staff.people import Colleague, People
from tests.server.staff.queue.days import PlayedHere, give
from tests.server.staff.statistics.test_overview import PlotsKept
from wire.vocabulary import Role

PAGE = "/staff/at/wroclaw/what-if"
DAY = f"{PAGE}?day={TEN.date()}"
OPENED = f"{DAY}&counter1=8&what1=open&letters1=N"


def joined(page: Page) -> str:
    """Return the words of a page without anything between them: those of a table's cells touch."""
    return "".join(page.words.split())


@pytest.fixture
def outside(office: SampleOffice, monkeypatch: pytest.MonkeyPatch) -> tuple[PlayedHere, PlotsKept]:
    """Give the pages days that are played in the test."""
    return give(office, monkeypatch)


@pytest.fixture
def manager(office: SampleOffice, outside: tuple[PlayedHere, PlotsKept], people: People) -> Colleague:
    """Give a manager who reads English, the day after one with three visitors."""
    lives(office)
    office.clock.advance(days=1)
    found = people.signed_in(Role.MANAGER)
    office.store.write(lambda session: users.speak(session, found.user_id, "en"))
    return found


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.MANAGER, 200), (Role.AUDITOR, 403), (Role.SUPERVISOR, 403), (Role.CLERK, 403)],
)
def test_managers_may_ask(signed_in: Callable[..., Colleague], role: Role, status: int) -> None:
    assert signed_in(role).get(PAGE).status == status


def test_without_a_day_nothing_is_played_and_without_any_it_says_so(
    office: SampleOffice, outside: tuple[PlayedHere, PlotsKept], people: People
) -> None:
    found = people.signed_in(Role.MANAGER)
    office.store.write(lambda session: users.speak(session, found.user_id, "en"))
    assert "There are no past days with tickets yet." in found.get(PAGE).words
    lives(office)
    office.clock.advance(days=1)
    shown = people.sign_in(found.user_id).get(PAGE)
    assert "Choose a day" in shown.words
    assert 'value="2026-11-23"' in shown.text
    assert "<picture>" not in shown.text


def test_an_unchanged_day_is_as_it_was_with_the_error_of_the_model(manager: Colleague) -> None:
    found = manager.get(DAY)
    assert found.status == 200
    assert "What if: Monday, 23 November 2026…" in found.words
    assert "Half of those who came for N would wait 6.5 min, as before." in found.words
    assert "6.5min6.5min0min" in joined(found)
    assert "Do not rely on this" not in found.words


def test_a_further_counter_shortens_the_wait_in_table_sentence_and_plot(
    manager: Colleague, outside: tuple[PlayedHere, PlotsKept]
) -> None:
    found = manager.get(OPENED)
    assert "Half of those who came for N would wait 0 min instead of 6.5: −6.5 to −6.5 min" in found.words
    assert "Medianwait6.5min0min−6.5min−6.5…−6.5" in joined(found)
    assert manager.get(OPENED.replace("what-if?", "what-if/plot.svg?")).status == 200
    (plot,) = outside[1].asked
    assert plot.kind == "lines"
    assert manager.get(OPENED.replace("what-if?", "what-if/plot.svg?size=narrow&")).status == 200
    assert outside[1].asked[1].kind == "narrow_lines"
    assert {mark.row for mark in plot.marks} == {"was", "would be"}


def test_what_is_asked_stands_in_the_form_again(manager: Colleague) -> None:
    text = manager.get(f"{OPENED}&from1=09:00&opens.N=07:30&more.N=20&rule.priority_every=3").text
    for said in ('value="09:00"', 'value="07:30"', 'value="20"', 'value="3"', '<option value="8" selected>'):
        assert said in text
    assert 'id="counter3"' not in text


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("day=2026-11-24", "This day is not over"),
        ("day=2031-01-01", "This day is not over"),
        ("day=2026-11-22", "There are no tickets of this day"),
        ("day=soon", "Enter a day such as 2026-11-23"),
        ("weekday=tue", "There are no tickets of this day"),
        ("day=2026-11-23&counter1=77&what1=closed", "There is no counter 77 here"),
        ("day=2026-11-23&counter1=7&what1=also", "Enter the letters of services"),
        ("day=2026-11-23&counter1=7&what1=also&letters1=Ż", "There is no service Ż here"),
        ("day=2026-11-23&counter1=7&what1=closed&from1=12:00&to1=11:00", "later than the beginning"),
        ("day=2026-11-23&opens.N=25:00", "Enter an hour such as 07:30"),
        ("day=2026-11-23&more.N=-101", "Enter a whole number from -100 to 200"),
        ("day=2026-11-23&rule.priority_every=0", "Enter a whole number from 1 to 100"),
        ("day=2026-11-23&own=N&own.overdue_minutes=0", "Enter a whole number from 1 to 1440"),
        ("day=2026-11-23&own.overdue_minutes=5", "Choose the service whose rules these are"),
        ("day=2026-11-23&own=Q&own.overdue_minutes=5", "Choose the service whose rules these are"),
    ],
)
def test_what_cannot_be_asked_is_said_at_its_field(manager: Colleague, said: str, wanted: str) -> None:
    found = manager.get(f"{PAGE}?{said}")
    assert found.status == 422
    assert wanted in found.words
    assert "<picture>" not in found.text


@pytest.mark.parametrize(
    ("said", "is_tried"),
    [
        ("own=N&own.maximum_wait_minutes=20", True),
        ("own=N&own.maximum_wait_minutes=45", False),  # so it is now
        (
            "own=N&own.maximum_wait_minutes=45&rule.maximum_wait_minutes=20",
            True,
        ),  # it stays while others change
        ("own=P&own.maximum_wait_minutes=30", False),  # its own value of now
        ("own=P&own.maximum_wait_minutes=45", True),
        ("own=N", False),
    ],
)
def test_rules_of_one_service_are_tried_where_they_are_others(
    office: SampleOffice, manager: Colleague, said: str, is_tried: bool
) -> None:
    office.set_policy("P", maximum_wait_minutes=30)
    asked = f"{DAY.partition('?')[2]}&{said}"
    found = manager.get(f"{PAGE}?{asked}")
    assert found.status == 200
    assert "How near the model is to the day" in found.words
    assert "6.5min6.5min0min" in joined(found), "the sanity check plays the day without any change"
    put = manager.get(f"{PAGE}/put-in-force?{asked}")
    shown = put.words if put.status == 200 else ""
    letter = said[4]
    assert (f"{letter}, " in shown) is is_tried


def test_hostile_words_of_an_address_are_no_harm(manager: Colleague) -> None:
    found = manager.get(f"{PAGE}?day=%00&weekday=<script>&counter1=<b>&letters1=%F0%9F%92%A9&shown=%22")
    assert found.status in (400, 422)
    assert "<script>alert" not in found.text


@pytest.mark.parametrize(
    ("trouble", "wanted"),
    [("busy", "Others are asking"), ("too_slow", "took too long"), ("broken", "could not be played")],
)
def test_what_is_not_played_is_said(
    manager: Colleague, outside: tuple[PlayedHere, PlotsKept], trouble: str, wanted: str
) -> None:
    outside[0].trouble = trouble
    found = manager.get(DAY)
    assert found.status == 503
    assert wanted in found.words


def test_a_made_day_is_marked(office: SampleOffice, manager: Colleague) -> None:
    from server.store.tables import SummedDay

    assert "Made history" not in manager.get(DAY).words
    branch_id = office.runtime.context().office.branch_named("wroclaw").id  # type: ignore[union-attr]
    office.store.write(
        lambda session: session.add(SummedDay(branch_id=branch_id, day=TEN.date(), is_sample=True))
    )
    assert "Made history" in manager.get(DAY).words


def test_an_average_day_is_named(manager: Colleague) -> None:
    assert "What if: an average day: Monday…" in manager.get(f"{PAGE}?day=&weekday=mon").words
