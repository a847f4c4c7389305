"""Settings on pages: every one has its place, a form that is not touched changes nothing, mistakes are told."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from server.domain.booking import policy
from server.domain.office import notices, outcomes, policies, publisher
from server.domain.office.reading import readers
from server.services.office import things
from server.services.office.set_up import set_up_office
from server.staff.office import codec, groups
from server.staff.office.branch_words import BRANCH_GROUPS
from server.staff.office.publisher_words import PUBLISHER_GROUPS
from server.staff.office.service_words import SERVICE_GROUPS, WITHIN
from server.store.tables import OfficeChange
from tests.server.sample_office import SampleOffice
from tests.server.staff.office.forms import save, typed
from tests.server.staff.people import People
from wire.vocabulary import Role

ROOT = Path(__file__).resolve().parents[4]
AT = "/staff/at/wroclaw"
HOSTILE = '<script>alert("1")</script> & \'" {{ 7 * 7 }} %(name)s ‏שלום'


def value(office: SampleOffice, thing: Any = None) -> dict[str, Any]:
    wanted = thing or things.branch("wroclaw")
    return office.store.read(lambda session: things.stated(session, wanted)) or {}


def forms(office: SampleOffice) -> list[str]:
    """List the addresses of all forms of settings of the branch, its services and the rest."""
    branch = office.runtime.context().office.branch_named("wroclaw")
    assert branch is not None
    found = [f"{AT}/settings/{each}" for each in BRANCH_GROUPS]
    for service in branch.services.values():
        found += [f"{AT}/settings/service/{service.id}/{each}" for each in SERVICE_GROUPS]
    found += [f"{AT}/settings/halls/{each.id}" for each in branch.halls.values()]
    return found + [f"{AT}/settings/counters/{each.id}" for each in branch.counters.values()]


def demo(office: SampleOffice) -> None:
    """Take the demo's office over, which sets nearly everything."""
    said = tomllib.loads((ROOT / "deploy/demo/office.toml").read_text(encoding="utf-8"))
    now = office.clock.now()
    office.store.write(lambda session: set_up_office(session, now, said))
    office.runtime.office.forget()


def test_no_setting_is_forgotten_and_none_stands_twice() -> None:
    assert groups.undescribed() == set()
    for all_groups in (BRANCH_GROUPS, SERVICE_GROUPS):
        names = [name for group in all_groups.values() for name in group.names]
        assert len(names) == len(set(names))


def test_control_a_forgotten_setting_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(SERVICE_GROUPS, "words")
    assert groups.undescribed() == {"booking.words"}


def test_every_field_within_a_setting_has_its_words() -> None:
    for group in BRANCH_GROUPS:
        for each in groups.branch_group(group):
            codec.draw(each, None, {})
    for group in SERVICE_GROUPS:
        for each in groups.service_group(group):
            codec.draw(each, None, {})
    for group in PUBLISHER_GROUPS:
        for each in groups.publisher_group(group):
            codec.draw(each, None, {})
    for name, words in WITHIN.items():
        of = next(
            getattr(each, name)
            for each in (policy, policies, publisher, notices, outcomes)
            if hasattr(each, name)
        )
        assert set(words) == set(readers(of))


@pytest.mark.parametrize("is_demo", [True, False])
def test_a_form_that_is_sent_untouched_changes_nothing(
    office: SampleOffice, people: People, is_demo: bool
) -> None:
    if is_demo:
        demo(office)
    browser = people.signed_in(Role.ADMINISTRATOR, branch=None)
    before = len(office.rows(OfficeChange))
    for address in [*forms(office), *(f"/staff/office/publisher/{each}" for each in PUBLISHER_GROUPS)]:
        assert (save(browser, address).status, address) == (303, address)
        assert len(office.rows(OfficeChange)) == before, (address, office.rows(OfficeChange)[-1].new)


def test_a_setting_is_saved_taken_over_and_on_record(office: SampleOffice, people: People) -> None:
    browser = people.signed_in(Role.MANAGER)
    page = save(browser, f"{AT}/settings/arrival", check_in_lead_minutes="20", ask_service_first="on")
    assert page.headers["Location"] == f"{AT}/settings"
    assert value(office)["check_in_lead_minutes"] == 20
    branch = office.runtime.context().office.branch_named("wroclaw")
    assert branch is not None
    assert branch.policy.ask_service_first
    row = office.rows(OfficeChange)[-1]
    assert (row.user_id, row.new["check_in_lead_minutes"]) == (browser.user_id, 20)
    save(browser, f"{AT}/settings/arrival", check_in_lead_minutes="", ask_service_first=None)
    assert "check_in_lead_minutes" not in value(office)


@pytest.mark.parametrize(
    ("group", "field", "wrong", "said"),
    [
        ("arrival", "check_in_lead_minutes", "99999", "Enter a whole number from 0 to 1440"),
        ("arrival", "check_in_lead_minutes", "many", "Enter a whole number from 0 to 1440"),
        ("arrival", "information_service", "pp", "Enter one letter from A to Z"),
        (
            "arrival",
            "check_in_earliest_minutes",
            "5",
            "This must be more than the shortest time before the hour",
        ),
        ("branch", "zone", "Mars/Base", "Enter a time zone such as Europe/Warsaw"),
        ("branch", "name", "", "Enter this"),
        ("branch", "name", "a\u202eb", "Remove the characters that cannot be seen"),
        (
            "hours",
            "opening_hours.mon",
            "16:00-08:00",
            "Enter hours such as 08:00-15:30 that end after they begin",
        ),
        ("hours", "closures.0.first", "2026-12-24", "Enter this"),
    ],
)
def test_a_mistake_is_told_and_what_was_typed_stays(
    office: SampleOffice, people: People, group: str, field: str, wrong: str, said: str
) -> None:
    browser = people.signed_in(Role.MANAGER)
    user = browser.user_id
    office.store.write(lambda session: _speak_english(session, user))
    before = value(office)
    page = save(browser, f"{AT}/settings/{group}", **{field.replace(".", "__"): wrong})
    assert page.status == 422
    assert any(each.startswith(said) for each in page.mistakes), page.mistakes
    assert typed(page)[field] == wrong
    assert value(office) == before


def _speak_english(session: Any, user_id: int) -> None:
    from server.services.access import users

    users.speak(session, user_id, "en")


def test_hours_closures_and_lists_are_read_as_the_file_has_them(office: SampleOffice, people: People) -> None:
    browser = people.signed_in(Role.MANAGER)
    save(
        browser,
        f"{AT}/settings/hours",
        opening_hours__mon="08:00-12:00, 13:00 – 17:00",
        closures__0__first="2026-12-24",
        closures__0__last="2026-12-26",
        closures__0__why__pl="Święta",
    )
    assert value(office)["opening_hours"] == {"mon": ["08:00-12:00", "13:00-17:00"]}
    assert value(office)["closures"] == [
        {"first": "2026-12-24", "last": "2026-12-26", "why": {"pl": "Święta"}}
    ]
    save(browser, f"{AT}/settings/hours", closures__0__remove="on")
    assert "closures" not in value(office)


def test_a_period_has_its_own_hours_and_no_day_twice(office: SampleOffice, people: People) -> None:
    browser = people.signed_in(Role.MANAGER)
    summer = {
        "opening_periods__0__first": "2027-07-01",
        "opening_periods__0__last": "2027-08-31",
        "opening_periods__0__hours__mon": "08:00-12:00",
        "opening_periods__0__why__pl": "Lato",
    }
    save(browser, f"{AT}/settings/hours", **summer)
    kept = {
        "first": "2027-07-01",
        "last": "2027-08-31",
        "hours": {"mon": ["08:00-12:00"]},
        "why": {"pl": "Lato"},
    }
    assert value(office)["opening_periods"] == [kept]
    calendar = browser.get(f"{AT}/settings/calendar?month=2027-07").words
    assert "08:00-12:00" in calendar
    page = save(
        browser,
        f"{AT}/settings/hours",
        opening_periods__1__first="2027-08-31",
        opening_periods__1__last="2027-09-03",
        opening_periods__1__hours__fri="08:00-12:00",
    )
    assert "Dwa okresy mają wspólny dzień" in str(page.mistakes)
    assert value(office)["opening_periods"] == [kept]


def test_two_administrators_on_one_form_lose_nothing(office: SampleOffice, people: People) -> None:
    first, second = people.signed_in(Role.MANAGER), people.signed_in(Role.ADMINISTRATOR)
    office.store.write(lambda session: _speak_english(session, second.user_id))
    path = f"{AT}/settings/board"
    seen = second.get(path)
    assert save(first, path, notices__pl="Winda nie działa.").status == 303
    page = second.send(
        "POST", path, typed(seen, notices__en="Closed on Friday.", notices__pl="W piątek zamknięte.")
    )
    assert page.status == 409
    assert "Somebody else changed these settings" in page.words
    assert "Anna manager" in page.words
    assert "Winda nie działa." in page.words
    assert typed(page)["notices.en"] == "Closed on Friday."
    assert value(office)["notices"] == {"pl": "Winda nie działa."}
    assert second.send("POST", path, typed(page)).status == 303
    assert value(office)["notices"] == {"pl": "W piątek zamknięte.", "en": "Closed on Friday."}


def test_a_file_and_a_page_at_once_lose_nothing(office: SampleOffice, people: People) -> None:
    browser = people.signed_in(Role.MANAGER)
    path = f"{AT}/settings/board"
    seen = browser.get(path)
    said = {"code": "wroclaw", "name": "Urząd wroclaw", "notices": {"pl": "Z pliku."}}
    now = office.clock.now()
    office.store.write(lambda session: set_up_office(session, now, {"branch": [said]}))
    page = browser.send("POST", path, typed(seen, notices__pl="Ze strony."))
    assert page.status == 409
    assert "Z pliku." in page.words
    assert typed(page)["notices.pl"] == "Ze strony."


def test_hostile_texts_are_kept_and_shown_as_text(office: SampleOffice, people: People) -> None:
    browser = people.signed_in(Role.MANAGER)
    service = office.service_id("P")
    path = f"{AT}/settings/service/{service}/service"
    assert save(browser, path, names__pl=HOSTILE, prepare__pl=f"{HOSTILE}\n{HOSTILE}").status == 303
    assert value(office, things.service("wroclaw", "P"))["names"]["pl"] == HOSTILE
    for address in (path, f"{AT}/settings", f"{AT}/settings/services/{service}", f"{AT}/records"):
        page = browser.get(address)
        assert page.status == 200
        assert HOSTILE in page.words or HOSTILE in typed(page).values()
        assert "<script>alert" not in page.text
        assert page.html.problems == []
    assert typed(browser.get(path))["prepare.pl"] == f"{HOSTILE}\n{HOSTILE}"


def test_the_calendar_shows_closed_days_and_closes_more(office: SampleOffice, people: People) -> None:
    browser = people.signed_in(Role.MANAGER)
    path = f"{AT}/settings/calendar?month=2026-05"
    page = save(
        browser, path, closure__first="2026-05-11", closure__last="2026-05-12", closure__why__pl="Remont"
    )
    assert page.headers["Location"] == path
    shown = browser.get(path).words
    assert shown.count("Remont") == 2
    assert save(browser, path, closure__first="2026-05-11", closure__last="2026-05-10").status == 422
    assert len(value(office)["closures"]) == 1


def test_what_the_office_states_is_saved_by_an_administrator_of_all(
    office: SampleOffice, people: People
) -> None:
    path = "/staff/office/publisher/accessibility"
    assert people.signed_in(Role.ADMINISTRATOR).get(path).status == 403
    browser = people.signed_in(Role.ADMINISTRATOR, branch=None)
    sent = {"accessibility__status": "partial", "accessibility__contact__email": "a@urzad.example.org"}
    assert save(browser, path, **sent).status == 303
    assert value(office, things.PUBLISHER)["accessibility"] == {
        "status": "partial",
        "contact": {"email": "a@urzad.example.org"},
    }
    assert "a@urzad.example.org" in browser.get("/staff/office/records").words
    assert save(browser, path, accessibility__contact__email="nobody").status == 422
