"""How a reservation was made is kept sealed, held when it is removed, and looked at when it looks odd."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from server.services.guard import evidence
from server.services.guard.evidence import Traces
from server.services.guard.suspicion import suspicious
from server.store.tables import Evidence, PersonalKey
from tests.server.sample_office import SampleOffice

BOT = Traces("198.51.100.0/24", "HeadlessThing/1", 900, 40, (300, 300, 300), "puzzle")
PERSON = Traces("203.0.113.0/24", "Firefox", 95_000, 1_200, (40_000, 55_000), "puzzle")
DAY = timedelta(days=1)


def keep(office: SampleOffice, traces: Traces, hour: str = "12:00", account: int | None = None) -> int:
    booked = office.book("P", hour)
    context = office.runtime.context()
    office.store.write(lambda session: evidence.keep(session, context, booked["id"], account, traces))
    found: int = booked["id"]
    return found


def export(office: SampleOffice, ids: list[int] | None = None) -> list[dict[str, Any]]:
    context = office.runtime.context()
    return office.store.write(lambda session: evidence.export(session, context, ids))


def test_what_identifies_a_browser_is_sealed_and_what_compares_browsers_is_a_hash(
    office: SampleOffice,
) -> None:
    keep(office, PERSON)
    (row,) = office.rows(Evidence)
    kept = bytes(row.sealed_details) + bytes(row.block_hash) + bytes(row.agent_hash)
    assert not any(word in kept for word in (b"203.0.113", b"Firefox"))
    assert (row.fill_ms, row.challenge_ms) == (95_000, 1_200)
    assert row.personal_key_id in {key.id for key in office.rows(PersonalKey)}


def test_times_that_no_clock_can_show_are_kept_as_the_nearest(office: SampleOffice) -> None:
    keep(office, Traces("b", "a" * 10_000, -5, 10**12))
    (row,) = office.rows(Evidence)
    assert (row.fill_ms, row.challenge_ms) == (0, 2**31 - 1)
    assert len(export(office, [row.reservation_id])[0]["agent"]) == 400


def test_evidence_that_is_held_can_be_read_for_ninety_days(office: SampleOffice) -> None:
    held, _ = keep(office, BOT), keep(office, PERSON, "12:30")
    context = office.runtime.context()
    assert office.store.write(lambda session: evidence.hold(session, context, held))
    (told,) = export(office)
    assert told["reservation"] == held
    assert (told["address_block"], told["agent"], told["pages_ms"]) == (
        "198.51.100.0/24",
        "HeadlessThing/1",
        [300, 300, 300],
    )
    office.clock.advance(days=91)
    assert export(office) == []


def test_who_exports_evidence_is_on_record_with_ids_only(office: SampleOffice) -> None:
    held = keep(office, BOT)
    context = office.runtime.context()
    office.store.write(lambda session: evidence.hold(session, context, held))
    export(office)
    kept, given = office.facts("evidence.held", "evidence.exported")
    assert kept.data["reservation"] == held
    assert given.data == {"reservations": [held]}


def test_a_reservation_without_evidence_has_nothing_to_hold(office: SampleOffice) -> None:
    booked = office.book("P", "12:00")
    context = office.runtime.context()
    assert not office.store.write(lambda session: evidence.hold(session, context, booked["id"]))
    assert office.facts("evidence.held") == []


def test_staff_see_the_suspicious_ones_with_the_reasons(office: SampleOffice) -> None:
    bots = [keep(office, BOT, hour) for hour in ("12:00", "12:10", "12:20", "12:30", "12:40", "12:50")]
    keep(office, PERSON, "13:00")
    context = office.runtime.context()

    def listed(branch: str) -> list[Any]:
        branch_id = office.runtime.context().office.branch_named(branch).id  # type: ignore[union-attr]
        return office.store.read(lambda session: suspicious(session, context, branch_id, DAY))

    found = listed("wroclaw")
    assert [each.reservation_id for each in found] == bots
    assert found[0].reasons == ("too_fast", "same_timing", "same_block")
    assert (found[0].score, found[0].is_held) == (7, False)
    assert listed("legnica") == []
    office.clock.advance(days=2)
    context = office.runtime.context()
    assert listed("wroclaw") == []
