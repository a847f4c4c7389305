"""How many expected times held, told to everybody: only where the office wants it, and never of a few people."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import insert

from server.domain.queue.accuracy import published_percent
from server.store.tables import DAY_SUM
from tests.server.sample_office import SampleOffice
from tests.server.services.statistics.test_keeping import MONDAY

SAID = {
    "pl": "W ostatnich 28 dniach 63% osób wezwaliśmy w podanych godzinach.",
    "en": "In the last 28 days 63% of people were called within the times given.",
    "uk": "За останні 28 днів 63% відвідувачів викликали у вказаний час.",
    "ru": "За последние 28 дней 63% посетителей вызвали в указанное время.",
}


def summed(office: SampleOffice, promises: int, kept: int, days_ago: int = 0) -> None:
    """Put the sums of a day down."""
    day = MONDAY - timedelta(days=days_ago)
    service = office.service_id("N")
    branch = office.runtime.office.current().branch_named("wroclaw")
    assert branch is not None
    row = {
        **{"branch_id": branch.id, "day": day, "service_id": service, "hour": 10, "origin": "walk_in"},
        **{"kind": "kept", "weekday": day.weekday(), "promises": promises, "promises_kept": kept},
    }
    office.store.write(lambda session: session.execute(insert(DAY_SUM).values(row)))
    office.clock.advance(seconds=6)


def feed(office: SampleOffice) -> int | None:
    """Read what programs are told."""
    told: int | None = (
        office.door().get("//open/wroclaw/queue.json").get_json().get("expected_times_held_percent")
    )
    rows = list(csv.DictReader(io.StringIO(office.door().get("//open/wroclaw/queue.csv").text)))
    assert {row["expected_times_held_percent"] for row in rows} == {"" if told is None else str(told)}
    return told


def page(office: SampleOffice, language: str) -> str:
    """Read the phone page of a new ticket in a language."""
    ticket = office.walk_in("N", language=language)
    return office.door().get(f"//t/{ticket['track_url'].rsplit('/', 1)[1]}").text


def test_nothing_is_told_unless_the_office_wants_it(office: SampleOffice) -> None:
    summed(office, 100, 63)
    assert feed(office) is None
    assert "63%" not in page(office, "en")
    office.set_policy(public_expected_times=True)
    assert feed(office) == 63


@pytest.mark.parametrize("language", sorted(SAID))
def test_a_visitor_reads_it_in_the_language_of_the_ticket(office: SampleOffice, language: str) -> None:
    office.set_policy(public_expected_times=True, languages=sorted(SAID))
    summed(office, 100, 63)
    assert SAID[language] in page(office, language)


def test_only_the_last_28_days_count_and_never_a_few_people(office: SampleOffice) -> None:
    office.set_policy(public_expected_times=True)
    summed(office, 1000, 1000, days_ago=28)
    summed(office, 49, 49, days_ago=27)
    assert feed(office) is None
    summed(office, 51, 1)
    assert feed(office) == 50


def test_the_share_at_its_edges() -> None:
    assert [published_percent(*each) for each in ((0, 0), (49, 49), (50, 0), (50, 50), (200, 101))] == [
        *(None, None, 0, 100, 50),
    ]
