"""Notices of the settings: on boards and booking pages in their hours, beside those of the hall."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from server.services.access import users
from server.services.office.notices import NoticeClock
from tests.server.portal.browser import Browser
from tests.server.sample_office import SampleOffice
from tests.server.staff.office.forms import save
from tests.server.staff.office.test_settings import HOSTILE, value
from tests.server.staff.people import Colleague, People
from wire.vocabulary import Role

BOARD = "/staff/at/wroclaw/settings/board"
HALL = "/staff/at/wroclaw/hall"
Board = Callable[[], dict[str, str]]


@pytest.fixture
def manager(office: SampleOffice, people: People) -> Colleague:
    """Sign a manager in, in English."""
    made = people.signed_in(Role.MANAGER)
    office.store.write(lambda session: users.speak(session, made.user_id, "en"))
    return made


@pytest.fixture
def board(office: SampleOffice) -> Board:
    """Read the notices of the board, as it does after each fact."""
    return lambda: office.board.get("/boards/A").get_json()["notices"]


def write(manager: Colleague, text: str, begins: str, ends: str, **more: object) -> list[str]:
    fields = {
        "0__text__pl": text,
        "0__begins": begins,
        "0__ends": ends,
        "0__board": ["on"],
        "0__portal": ["on"],
    }
    said = {f"timed_notices__{name}": each for name, each in (fields | more).items()}
    return save(manager, BOARD, **said).mistakes


def test_a_notice_is_shown_in_its_hours_and_open_boards_are_told(
    office: SampleOffice, manager: Colleague, board: Board
) -> None:
    clock = NoticeClock()

    def look(hour: str) -> int:
        office.clock.set(hour)
        return clock.look(office.store, office.runtime.context())

    assert write(manager, "Winda stoi", "2026-11-23T10:20", "2026-11-23T10:40") == []
    assert (look("10:19"), board()) == (0, {})
    assert "Winda stoi" not in Browser(office.app).get("/pl/contact").words
    assert "from Monday, 23 November 2026, 10:20" in manager.get(HALL).words
    assert (look("10:20"), board()) == (1, {"pl": "Winda stoi"})
    for address in ("/pl/", "/pl/contact", "/pl/book/wroclaw"):
        assert "Winda stoi" in Browser(office.app).get(address).words, address
    assert "Winda stoi" not in Browser(office.app).get("/pl/book/legnica").words
    assert "on the boards" in manager.get(HALL).words
    # A server that leads since a moment ago tells what turned while nobody looked, and no more.
    assert NoticeClock().look(office.store, office.runtime.context()) == 1
    assert look("10:30") == 0
    assert NoticeClock().look(office.store, office.runtime.context()) == 0
    assert (look("10:40"), board()) == (1, {})
    assert "Winda stoi" not in manager.get(HALL).words
    assert [each.type for each in office.facts("notice.posted", "notice.ended")] == [
        "notice.posted",
        "notice.posted",
        "notice.ended",
    ]


def test_it_stands_beside_what_the_office_always_says_and_can_be_for_pages_alone(
    office: SampleOffice, manager: Colleague, board: Board
) -> None:
    office.set_policy(notices={"pl": "Zawsze"})
    assert write(manager, "Winda stoi", "", "") == []
    assert board() == {"pl": "Zawsze • Winda stoi"}
    assert save(manager, BOARD, timed_notices__0__board=None).status == 303
    assert board() == {"pl": "Zawsze"}
    assert "Winda stoi" in Browser(office.app).get("/pl/contact").words
    assert save(manager, BOARD, timed_notices__0__remove=["on"]).status == 303
    assert value(office).get("timed_notices") in (None, [])


def test_mistakes_are_told_at_the_field_and_hostile_texts_are_words(
    office: SampleOffice, manager: Colleague, board: Board
) -> None:
    assert write(manager, "x", "2026-11-23T10:40", "2026-11-23T10:20") == ["This is not after the beginning"]
    assert write(manager, "x", "tomorrow", "") == ["Enter a day with an hour such as 2026-12-24T08:00"]
    assert write(manager, "x" * 201, "", "") == ["Enter 200 characters at most"]
    assert board() == {}
    hostile = HOSTILE.replace("‏", "")
    assert write(manager, hostile, "", "") == []
    assert board() == {"pl": hostile}
    for page in (Browser(office.app).get("/pl/contact"), manager.get(HALL), manager.get(BOARD)):
        assert "<script>alert" not in page.text
        assert "alert" in page.text
