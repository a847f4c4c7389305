"""The page of a waiting room's order: its hash before the hour, its list after it, what a stranger computes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from server.store.tables import Shuffle, WaitingRoomEntry
from server.texts import LANGUAGES
from tests.server.portal.booking_visitor import Visitor
from tests.server.portal.browser import Browser
from tests.server.portal.chromium import chromium, complaints, open_page, served, too_wide
from tests.server.portal.release.test_waiting_room import ROOM
from tests.server.sample_office import SampleOffice
from tests.server.services.release.crowd import Crowd

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def crowd(office: SampleOffice) -> Crowd:
    """Give a daily release whose secret is bound."""
    made = Crowd(office)
    made.open_daily(per_minute=2)
    made.commit()
    return made


@pytest.fixture
def visitor(office: SampleOffice, browser: Browser) -> Visitor:
    return Visitor(office, browser)


def path(crowd: Crowd, more: str = "", language: str = "en") -> str:
    return f"/{language}/orders/{crowd.office.one(Shuffle).public_id}{more}"


def test_before_the_hour_the_hash_is_there_and_no_list(
    crowd: Crowd, visitor: Visitor, browser: Browser
) -> None:
    page = browser.get(path(crowd))
    secret_hash = crowd.office.one(Shuffle).secret_hash.hex()
    assert secret_hash in page.words
    assert "comes at the hour" in page.words
    assert "Find your entry" not in page.words
    assert path(crowd) in browser.get("/en/draws").links
    crowd.hour("11:40")
    visitor.log_in()
    browser.post(ROOM)
    room = browser.get(ROOM)
    line = crowd.office.one(WaitingRoomEntry).line
    assert "-".join((line[:4], line[4:8], line[8:])) in room.words
    assert secret_hash in room.words
    assert path(crowd) in room.links
    assert line not in browser.get(path(crowd)).text.replace("-", "")


def test_after_the_hour_a_stranger_computes_it_and_finds_a_line(
    crowd: Crowd, browser: Browser, tmp_path: Path
) -> None:
    crowd.hour("11:45")
    for one in crowd.people(130):
        crowd.enter(one)
    crowd.hour("12:00")
    crowd.shuffle()
    page = browser.get(path(crowd))
    assert (page.status, page.html.problems) == (200, [])
    assert "130 people were in the waiting room" in page.words
    for name, address in (("draw.py", "/en/draws/draw.py"), ("draw.json", path(crowd, "/draw.json"))):
        (tmp_path / name).write_bytes(browser.get(address).response.data)
    said = json.loads((tmp_path / "draw.json").read_text())
    command = [sys.executable, "-I", "draw.py", "draw.json", said["secret_hash"], said["list_hash"]]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stdout.strip()) == (0, "OK: 130 entries, 0 places")
    last = said["order"][-1]
    found = browser.get(path(crowd, f"?line={last.lower()}"))
    assert f"{last[:4]}-{last[4:8]}-{last[8:]} has place 130." in found.words
    assert "Entries 101 to 130 of 130" in found.words
    assert "no such entry number" in browser.get(path(crowd, "?line=ABCD")).words
    assert "Entries 101 to 130" in browser.get(path(crowd, "?from=99999999")).words


def test_what_was_drawn_in_the_line_in_front_is_told_and_computed(
    crowd: Crowd, browser: Browser, tmp_path: Path
) -> None:
    assert "numerek-place" not in browser.get(path(crowd)).words
    opens_at = crowd.hour("12:00")
    crowd.office.store.write(
        lambda session: session.query(Shuffle).update({"line_first": 7, "line_last": 1_007})
    )
    page = browser.get(path(crowd))
    assert (page.status, page.html.problems) == (200, [])
    assert "the order of their numbers, 8 to 1007." in page.words
    assert opens_at == crowd.office.one(Shuffle).opens_at
    for name, address in (("line.py", "/en/draws/line.py"), ("draw.json", path(crowd, "/draw.json"))):
        assert address in page.links
        (tmp_path / name).write_bytes(browser.get(address).response.data)
    command = [sys.executable, "-I", "line.py", "draw.json", "1007"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stdout.partition(" has place ")[0]) == (0, "OK: number 1007")


def test_an_order_that_was_not_bound_in_time_says_so(crowd: Crowd, browser: Browser) -> None:
    crowd.hour("11:45")
    for one in crowd.people(2):
        crowd.enter(one)
    row = crowd.office.one(Shuffle)
    crowd.office.store.write(lambda session: session.delete(session.get(Shuffle, row.id)))
    crowd.hour("12:00")
    crowd.shuffle()
    assert "this order proves nothing" in browser.get(path(crowd)).words


def test_there_is_a_page_in_every_language_and_none_of_another_order(crowd: Crowd, browser: Browser) -> None:
    for language in LANGUAGES:
        page = browser.get(path(crowd, language=language))
        assert (page.status, page.html.problems) == (200, [])
    for missing in ("/en/orders/0", "/en/orders/0/draw.json"):
        assert browser.get(missing).status == 404


@pytest.mark.parametrize("width", [320, 1280])
def test_no_barrier_and_nothing_too_wide(crowd: Crowd, width: int) -> None:
    wrong = []
    with served(crowd.office.app) as at, chromium() as started:
        page = started.new_page(viewport={"width": width, "height": 900})
        for state in ("before", "after"):
            if state == "after":
                crowd.hour("11:45")
                for one in crowd.people(30):
                    crowd.enter(one)
                crowd.hour("12:00")
                crowd.shuffle()
            for address in (path(crowd, language="uk"), "/uk/draws"):
                open_page(page, f"{at}{address}")
                wrong += [f"{state} {address}: {each}" for each in complaints(page)]
                if too_wide(page) > 0:
                    wrong.append(f"{state} {address}: too wide")
    assert wrong == []
