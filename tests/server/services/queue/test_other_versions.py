"""A kiosk and a server of two versions understand each other: a new field is left out until it says something."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from pydantic import AwareDatetime, Field, ValidationError

from kiosk.alone.journal import Journal, Journalled
from kiosk.alone.sending import request_of
from kiosk.alone.standby import Standby
from terminal.client import Client
from terminal.clock import ServerClock
from tests.kiosk.alone.samples import MADE, TOKEN, entry
from tests.server.sample_office import SampleOffice
from wire import messages as wire
from wire.messages.offline import Hash, Series, Wall
from wire.messages.shapes import Language, Letter, Message, Word


class ListOfBefore(Message):
    """OfflineList as it was before counters could call from a kiosk's own line."""

    branch: Word
    zone: str
    day: date
    day_starts_at: Wall = "00:00"
    made_at: AwareDatetime
    valid_until: AwareDatetime
    letter: Letter
    next_ordinals: dict[Series, int] = Field(default_factory=dict)
    salt: Hash
    services: list[wire.OfflineService]
    reservations: list[wire.OfflineReservation]


class EntryOfBefore(Message):
    """OfflineEntry as it was then."""

    at: AwareDatetime
    service: Letter
    series: Series
    ordinal: int
    language: Language
    priority: Word | None = None
    reservation: int | None = None
    unanswered: str | None = None


@pytest.fixture
def office(office: SampleOffice) -> SampleOffice:
    """Let the kiosk have its letter, and a visit be booked."""
    office.kiosk.post("/devices/me/status")
    office.book("P", "10:30")
    return office


def body_of_list(office: SampleOffice, query: str = "") -> str:
    return str(office.kiosk.get(f"/offline/list{query}").get_json()["body"])


def test_a_kiosk_of_before_reads_the_list_of_a_new_server(office: SampleOffice) -> None:
    assert len(ListOfBefore.model_validate_json(body_of_list(office)).reservations) == 1
    with pytest.raises(ValidationError, match="line_key"):  # control
        ListOfBefore.model_validate_json(body_of_list(office, "?line=1"))


def test_a_new_kiosk_reads_the_list_of_a_server_of_before(office: SampleOffice) -> None:
    of_before = ListOfBefore.model_validate_json(body_of_list(office)).model_dump_json(exclude_none=True)
    assert wire.OfflineList.model_validate_json(of_before).line_key is None


@pytest.mark.parametrize("has_line", [False, True])
def test_only_a_kiosk_with_a_line_asks_for_its_key(qapp, tmp_path: Path, has_line: bool) -> None:
    client = Client("http://127.0.0.1:9", TOKEN, ServerClock())
    asked: list[str] = []
    client.send = lambda request, *_: asked.append(request.path)  # type: ignore[method-assign]
    standby = Standby(client, tmp_path / "kiosk.token", has_line=has_line)
    standby._ask()
    standby.stop()
    assert asked == ["/api/v1/offline/list?line=1" if has_line else "/api/v1/offline/list"]


@pytest.fixture
def given(tmp_path: Path) -> tuple[Journalled, Journalled, Journalled]:
    """Nobody called the first; the second was served, and the third did not come."""
    journal = Journal(tmp_path / "kiosk.journal")
    keys = [journal.add(MADE.date(), entry(), 1).key for _ in range(3)]
    for key, no_show in ((keys[1], False), (keys[2], True)):
        journal.call(key, 7, MADE, f"a-wish-for-{key}")
        journal.end(key, MADE + timedelta(minutes=4), no_show=no_show)
    first, second, third = journal.of(MADE.date())
    journal.close()
    return first, second, third


def sent(entry: Journalled) -> str:
    body = request_of(entry).body
    assert body is not None
    return body.model_dump_json(exclude_none=True)


def test_a_server_of_before_takes_what_nobody_called(given: tuple[Journalled, ...]) -> None:
    assert EntryOfBefore.model_validate_json(sent(given[0])).ordinal == 1
    assert "no_show" not in sent(given[1]), "only of who did not come it says something"
    assert '"no_show":true' in sent(given[2])
    with pytest.raises(ValidationError, match="called_at"):  # control
        EntryOfBefore.model_validate_json(sent(given[1]))


@pytest.mark.parametrize("more", [{}, {"no_show": False}], ids=["before the line", "the line's first"])
def test_a_new_server_takes_the_entry_of_a_kiosk_of_before(
    office: SampleOffice, more: dict[str, bool]
) -> None:
    values = {"at": office.clock.now(), "service": "N", "series": "NX", "ordinal": 1, "language": "pl"}
    of_before = EntryOfBefore.model_validate(values).model_dump(mode="json", exclude_none=True)
    answer = office.kiosk.post("/offline/entries", of_before | more)
    assert (answer.status_code, answer.get_json()["number"]) == (201, "NX01")
