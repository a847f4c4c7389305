"""People book on the web, by straight and by corrected ways, in each language, with scripts or not."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser
from PySide6.QtWidgets import QApplication

from deploy.demo.folder import ZONE
from deploy.demo.offscreen.waiting import until
from kiosk.visit.screens import SlipState, TicketShown
from server.texts import LANGUAGES
from tests.journeys.conftest import TEN, Hall, MovedClock
from tests.journeys.person import (
    Person,
    activate,
    choose_an_hour,
    confirm_account,
    fill_in,
    log_in,
    make_account,
    text_of,
)
from tests.server.portal.chromium import chromium

_PHONE, _DESK = {"width": 320, "height": 800}, {"width": 1280, "height": 900}
_TOMORROW = "2027-05-13"
# Every language, and the first four without scripts too.
_WAYS = [*((each, True) for each in LANGUAGES), *((each, False) for each in LANGUAGES[:4])]
_DRAWN_AT = datetime.fromisoformat("2027-05-17T08:05:00+02:00")
_DRAWN_DAY, _STAY_ENDS = "2027-05-21", ("19", "5", "2027")


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> MovedClock:
    """Give a clock that stands at ten in the morning; these stories only move it on."""
    clock = MovedClock(tmp_path_factory.mktemp("clock") / "clock")
    clock.is_now(TEN)
    return clock


@pytest.fixture(scope="module")
def hall(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory, clock: MovedClock) -> Iterator[Hall]:
    """Give a hall whose office can be booked on the web."""
    stage = Hall(tmp_path_factory.mktemp("hall"), clock.file)
    yield stage
    stage.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a browser."""
    with chromium() as started:
        yield started


@pytest.fixture
def somebody(hall: Hall, clock: MovedClock, browser: Browser) -> Iterator[Callable[..., Person]]:
    """Make people, each at a browser of their own."""
    came: list[Person] = []

    def come(number: int, language: str, *, scripts: bool, on_a_phone: bool) -> Person:
        context = browser.new_context(viewport=_PHONE if on_a_phone else _DESK, java_script_enabled=scripts)
        came.append(Person(hall, clock, context, language))
        came[-1].has_scripts, came[-1].address = scripts, f"person{number}@example.org"
        return came[-1]

    yield come
    for each in came:
        each.context.close()


def local(hour: str) -> datetime:
    """Read an hour of a form, by the clock of the branch."""
    return datetime.strptime(hour, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC).astimezone(ZONE)


def printed(person: Person, folder: Path) -> Image.Image:
    """Download the PDF of the confirmation and print it, coarsely."""
    (folder / "confirmation.pdf").write_bytes(person.download("confirmation.pdf"))
    subprocess.run(
        ["pdftoppm", "-r", "110", "-png", "-singlefile", folder / "confirmation.pdf", folder / "page"],
        check=True,
    )
    return Image.open(folder / "page.png")


def around_the_code(sheet: Image.Image, read: zxingcpp.Barcode) -> Image.Image:
    """Cut out what a camera sees of a sheet that is held before it."""
    corner, opposite = read.position.top_left, read.position.bottom_right
    x, y = (corner.x + opposite.x) // 2, (corner.y + opposite.y) // 2
    return sheet.convert("L").crop((x - 320, y - 240, x + 320, y + 240))


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("language", "scripts"), _WAYS)
def test_from_the_start_page_to_the_slip(
    hall: Hall, somebody: Callable[..., Person], tmp_path: Path, language: str, scripts: bool
) -> None:
    number = _WAYS.index((language, scripts))
    person = somebody(number, language, scripts=scripts, on_a_phone=number % 2 == 1)
    make_account(person)
    choose_an_hour(person, "L", f"{TEN:%Y-%m-%d}")
    fill_in(person, number)
    person.send()
    activate(person)
    sheet = printed(person, tmp_path)
    (read,) = zxingcpp.read_barcodes(sheet)
    assert read.text.startswith("NQ1:")
    hall.without_list()  # a slow server on a busy machine is waited for
    hall.ready_kiosk()
    before = len(hall.printer.machine.slips)
    hall.kiosk.camera.hold_up(around_the_code(sheet, read))
    hall.kiosk.until_shows(TicketShown)
    hall.kiosk.camera.take_away()
    assert hall.ticket().service.code == "L"
    until(lambda: hall.slip_is(SlipState.PRINTED), "the slip printed")
    assert len(hall.printer.machine.wait_for_slips(before + 1, 5)) == before + 1


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("number", "language", "scripts"), [(12, "pl", True), (13, "ru", False)])
def test_an_account_on_the_way_a_corrected_address_and_a_moved_visit(
    somebody: Callable[..., Person], tmp_path: Path, number: int, language: str, scripts: bool
) -> None:
    person = somebody(number, language, scripts=scripts, on_a_phone=scripts)
    chosen = choose_an_hour(person, "Z", _TOMORROW)
    make_account_on_the_way(person, chosen)
    fill_in(person, number)
    correct_the_address(person, f"{local(chosen):%H:%M}")
    activate(person)
    assert f"{local(chosen):%H:%M}" in person.words(".visit-panel")
    move(person, chosen, tmp_path)
    day = f"/book/wroclaw/Z/{_TOMORROW}"
    person.open(day)
    old_hour = f"input[name=hour][value='{chosen}']"
    assert person.page.locator("main input[name=hour]").count()
    assert not person.page.locator(f"main {old_hour}").count()
    person.clock.advance(minutes=181)
    person.until_shown(day, old_hour)


def make_account_on_the_way(person: Person, chosen: str) -> None:
    """Make the account that an hour needs, and come to the draft of this hour."""
    hour = f"{local(chosen):%H:%M}"
    assert hour in person.words(".govuk-inset-text")
    person.press("a[href*='/account/new']")
    person.look_closely()
    assert hour in person.words(".govuk-inset-text")
    confirm_account(person)
    person.look_closely()
    assert hour in person.words(".govuk-inset-text")
    person.press("a[href*='/log-in']")
    log_in(person)
    assert person.page.locator("main input[name=hour]:checked").get_attribute("value") == chosen
    person.send()
    assert "/book/draft/" in person.page.url
    assert hour in person.words(".booking-chosen")


def correct_the_address(person: Person, hour: str) -> None:
    """Book with a mistyped address, and correct it on the page that asks for the code."""
    person.follow("/contact")
    person.send(email=person.address.replace("person", "mistyped"))
    person.send()
    assert hour in person.words(".booking-chosen")
    person.follow("/contact")
    person.look_closely()
    person.send(email=person.address)
    assert hour in person.words(".booking-chosen")
    assert person.address in person.page.locator("main").inner_text()


def move(person: Person, chosen: str, folder: Path) -> None:
    """Move the visit; the page, the letter, the PDF and the calendar's file tell the new hour alone."""
    person.follow("/move")
    person.look_closely()
    other = person.page.locator("main .booking-nearest button").last
    new, old = local(str(other.get_attribute("value"))), local(chosen)
    with person.page.expect_navigation():
        other.click()
    (folder / "moved.pdf").write_bytes(person.download(".pdf"))
    paper = subprocess.run(["pdftotext", folder / "moved.pdf", "-"], check=True, capture_output=True)
    for told in (
        person.words(".visit-panel"),
        text_of(person.letter(f"{new:%H:%M}")),
        paper.stdout.decode(),
    ):
        assert f"{new:%H:%M}" in told
        assert f"{old:%H:%M}" not in told
    entry = person.download(".ics").decode()
    assert re.search(f"DTSTART.*:{new:%Y%m%dT%H%M%S}", entry)
    assert "SEQUENCE:0" not in entry


@pytest.mark.timeout(240)
def test_a_draw_warns_of_the_legal_stay_takes_a_change_and_tells_its_result(
    somebody: Callable[..., Person], clock: MovedClock
) -> None:
    people = [
        somebody(14, "uk", scripts=False, on_a_phone=True),
        somebody(15, "en", scripts=True, on_a_phone=False),
    ]
    for number, person in enumerate(people, 14):
        make_account(person)
        apply(person, number)
        change(person)
    clock.is_now(_DRAWN_AT)
    for person in people:
        person.open("/log-in")
        log_in(person)
        person.until_shown("/reservations", ".govuk-tag--green")
        person.look_closely()
        person.press("a[href*='/reservations/']")
        person.look_closely()
        assert "21" in person.words(".visit-panel")
        assert_warned(person)
        person.letter(person.words(".visit-code"))


def apply(person: Person, number: int) -> None:
    """Take part in the open draw with any day, while the legal stay ends before all of them."""
    person.open("/draws")
    person.press("a[href*='/draws/']")
    person.look_closely()
    person.send()
    fill_in(person, number, _STAY_ENDS)
    assert_warned(person)
    person.send()
    person.look_closely()


def change(person: Person) -> None:
    """Wish for one day instead; the stay still ends before it."""
    person.open("/reservations")
    person.press("button.booking-as-link")
    person.follow("/wishes")
    person.page.locator("main select[name=wish_1_day]").select_option(_DRAWN_DAY)
    person.send()
    person.look_closely()
    assert_warned(person)
    person.send()


def assert_warned(person: Person) -> None:
    """The page warns that the legal stay ends too early."""
    assert "19" in person.words(".govuk-warning-text")
    assert "2027" in person.words(".govuk-warning-text")
