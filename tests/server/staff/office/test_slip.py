"""The slip as a setting: previews with the dots of the paper, saved, taken back, and told to the kiosks."""

from __future__ import annotations

import base64
import io
import re
from typing import Any

import pytest
from PIL import Image

from printers import Slip
from printers.layout import preview
from server.staff import slip_picture
from tests.server.portal.browser import Page
from tests.server.sample_office import SampleOffice
from tests.server.staff.office.forms import save, typed
from tests.server.staff.office.test_settings import HOSTILE, value
from tests.server.staff.people import Colleague, People
from wire.vocabulary import Role

SLIP = "/staff/at/wroclaw/settings/slip"
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def manager(office: SampleOffice, people: People) -> Colleague:
    """Sign a manager in."""
    return people.signed_in(Role.MANAGER)


@pytest.fixture
def slips(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Slip, int]]:
    """Record the slips that are drawn."""
    found: list[tuple[Slip, int]] = []

    def drawn(slip: Slip, width: int) -> Image.Image:
        found.append((slip, width))
        return preview(slip, width)

    monkeypatch.setattr(slip_picture, "preview", drawn)
    return found


def pictures(page: Page) -> list[Image.Image]:
    found = re.findall(r'src="data:image/png;base64,([^"]+)"', page.text)
    return [Image.open(io.BytesIO(base64.b64decode(each))) for each in found]


def look(manager: Colleague, **changes: Any) -> Page:
    return manager.send("POST", SLIP, typed(manager.get(SLIP), **changes) | {"preview": "on"})


def test_the_pictures_have_the_dots_of_the_paper_in_each_language(
    manager: Colleague, slips: list[tuple[Slip, int]]
) -> None:
    shown = pictures(manager.get(SLIP))
    assert [each.width for each in shown] == [576, 384, 576, 384]
    assert [slip.rows[0][0] for slip, _ in slips] == ["Wydano", "Wydano", "Issued", "Issued"]
    for picture, (slip, width) in zip(shown, slips, strict=True):
        assert picture.mode == "1"
        assert picture.tobytes() == preview(slip, width).tobytes()


def test_a_preview_shows_what_was_typed_and_saves_nothing(
    office: SampleOffice, manager: Colleague, slips: list[tuple[Slip, int]]
) -> None:
    page = look(
        manager, slip__footer__pl="Toalety: parter", slip__rows__ahead="1", slip__rows__issued="", sample="L"
    )
    assert page.status == 200
    slip = slips[4][0]
    assert (slip.number, slip.lines) == ("L042", ("Toalety: parter",))
    assert [label for label, _ in slip.rows] == ["Wizyta", "Przed Tobą", "Wezwanie ok."]
    assert "Toalety: parter" in page.text
    assert value(office).get("slip") is None


def test_what_is_saved_reaches_the_kiosk_without_a_restart_and_is_taken_back(
    office: SampleOffice, manager: Colleague
) -> None:
    assert office.kiosk.get("/devices/me").get_json()["settings"]["slip"]["rows"][0] == "appointment_at"
    places = {"slip__rows__appointment_at": "2", "slip__rows__issued": "", "slip__rows__ahead": "1"}
    done = save(manager, SLIP, slip__cut="full", slip__number_size="large", slip__hall=None, **places)
    assert done.status == 303, done.mistakes
    told = office.kiosk.get("/devices/me").get_json()["settings"]["slip"]
    assert told["rows"] == ["ahead", "appointment_at", "expected"]
    assert (told["cut"], told["number_size"], told["hall"]) == ("full", "large", False)
    records = manager.get("/staff/at/wroclaw/records")
    action = re.findall(r'action="([^"]+/take-back|[^"]+/undo|[^"]+/back)"', records.text)[0]
    manager.send("POST", action, {"csrf_token": records.fields["csrf_token"]})
    assert office.kiosk.get("/devices/me").get_json()["settings"]["slip"].get("cut") is None


def test_a_form_that_nobody_touched_changes_nothing(office: SampleOffice, manager: Colleague) -> None:
    before = value(office)
    assert save(manager, SLIP).status == 303
    assert value(office) == before


def test_hostile_and_overlong_texts_are_drawn_and_told(
    manager: Colleague, slips: list[tuple[Slip, int]]
) -> None:
    page = look(manager, slip__footer__pl=HOSTILE.replace("‏", ""), slip__office__pl="W" * 200)
    assert (page.status, len(pictures(page))) == (200, 4)
    assert "<script>alert" not in page.text
    assert slips[4][0].office == "W" * 200
    long = look(manager, slip__footer__pl="x" * 501, slip__office__pl="Nazwa")
    assert (long.status, len(long.mistakes)) == (422, 1)
    assert slips[12][0].lines == (), "what does not fit is left out of the preview"
    assert slips[12][0].office == "Nazwa"


def test_the_part_that_comes_anew_needs_the_right_and_shows_what_is_typed(
    manager: Colleague, people: People, slips: list[tuple[Slip, int]]
) -> None:
    form = typed(manager.get(SLIP), slip__number_size="small", sample_copy=["on"])
    page = manager.send("POST", f"{SLIP}/preview", form)
    assert (page.status, len(pictures(page))) == (200, 4)
    assert (slips[4][0].number_size, slips[4][0].copy_mark) == ("small", "KOPIA")
    for role in (Role.CLERK, Role.SUPERVISOR, Role.AUDITOR):
        assert people.signed_in(role).get(SLIP).status == 403
