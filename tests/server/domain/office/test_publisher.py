"""What the office states as the publisher of the pages: read with its places, and what is missing is named."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from server.domain.office.publisher import mail, not_stated, publication, publisher_policy, version, web_page
from server.domain.office.reading import SettingError

DEMO = Path(__file__).resolve().parents[4] / "deploy/demo/office.toml"
TEXT = {"kind": "terms", "version": "2027-01", "since": "2027-01-01", "text": {"pl": "Regulamin"}}


def test_nothing_is_stated_by_itself() -> None:
    missing = not_stated(publisher_policy({}))
    assert missing[:2] == ("publisher.name", "publisher.address")
    assert "publisher.accessibility.status" in missing
    assert "publisher.accessibility.contact.phone" in missing
    assert "publisher.privacy.recipients" in missing
    assert len(missing) == len(set(missing)) == 18


def test_what_is_stated_is_not_missing_any_more() -> None:
    policy = publisher_policy({"name": {"pl": "Urząd"}, "privacy": {"officer": {"email": "iod@example.org"}}})
    missing = not_stated(policy)
    assert {"publisher.name", "publisher.privacy.officer.email"}.isdisjoint(missing)
    assert len(missing) == 16


@pytest.mark.parametrize(("status", "is_missing"), [("full", False), ("partial", True), ("none", True)])
def test_who_is_not_fully_compliant_has_to_say_why(status: str, is_missing: bool) -> None:
    said: dict[str, Any] = {"accessibility": {"status": status}}
    assert ("publisher.accessibility.not_accessible" in not_stated(publisher_policy(said))) is is_missing
    said["accessibility"]["too_costly"] = [{"pl": "Mapa"}]
    if is_missing:
        assert "publisher.accessibility.not_accessible" not in not_stated(publisher_policy(said))


@pytest.mark.parametrize(
    ("reviewed", "today", "due"),
    [
        (None, date(2027, 1, 1), None),
        (date(2026, 11, 2), date(2026, 12, 31), None),
        (date(2026, 11, 2), date(2027, 1, 1), date(2027, 3, 31)),
        (date(2026, 11, 2), date(2027, 4, 1), date(2027, 3, 31)),
        (date(2027, 1, 1), date(2027, 4, 1), None),
        (date(2024, 2, 29), date(2027, 4, 1), date(2025, 3, 31)),
    ],
)
def test_a_statement_is_reviewed_by_31_march_of_each_year(
    reviewed: date | None, today: date, due: date | None
) -> None:
    said = {} if reviewed is None else {"reviewed": reviewed}
    assert publisher_policy({"accessibility": said}).accessibility.review_due(today) == due


def test_the_demo_states_everything() -> None:
    office = tomllib.loads(DEMO.read_text(encoding="utf-8"))
    assert not_stated(publisher_policy(office["publisher"])) == ()
    texts = [publication(each) for each in office["publication"]]
    assert [each.kind for each in texts] == ["terms", "clause"]
    for each in texts:
        assert set(each.text) == {"pl", "en", "uk", "ru", "be", "vi", "ar", "ka"}


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ({"nmae": {"pl": "x"}}, "nmae: unknown setting; did you mean name?"),
        ({"name": "Urząd"}, "name: texts by language are expected"),
        ({"email": "office"}, "email: an e-mail address is expected"),
        (
            {"accessibility": {"status": "good"}},
            "accessibility.status: one of full, partial, none is expected",
        ),
        ({"accessibility": {"stated": "soon"}}, "accessibility.stated: 'soon' is no day"),
        ({"accessibility": {"report_url": "javascript:x"}}, "accessibility.report_url: an address"),
        (
            {"accessibility": {"status": "full", "not_covered": [{"pl": "Mapa"}]}},
            'accessibility.status: "full" does not go with',
        ),
        (
            {"accessibility": {"stated": "2026-12-02", "reviewed": "2026-12-01"}},
            "accessibility.reviewed: is before accessibility.stated",
        ),
        ({"privacy": {"officer": {"email": "a b@c.pl"}}}, "privacy.officer.email: an e-mail address"),
        ({"privacy": {"recipients": "SMS"}}, "privacy.recipients: a list is expected"),
    ],
)
def test_a_wrong_value_is_told_with_its_place(said: dict[str, Any], place: str) -> None:
    with pytest.raises(SettingError) as told:
        publisher_policy(said)
    assert str(told.value).startswith(place)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"kind": "rules"}, "kind: one of terms, clause"),
        ({"version": "2027/01"}, "version: a version such as"),
        ({"since": "soon"}, "since: 'soon' is no day"),
        ({"text": {}}, "text: a text in at least one language"),
    ],
)
def test_a_wrong_text_is_told_with_its_place(change: dict[str, Any], place: str) -> None:
    assert publication(TEXT).since == date(2027, 1, 1)
    with pytest.raises(SettingError) as told:
        publication(TEXT | change)
    assert str(told.value).startswith(place)


def test_addresses_and_versions_are_read_as_they_are_written() -> None:
    assert mail("iod@urzad.example.org") == "iod@urzad.example.org"
    assert web_page("https://example.org/report?id=1") == "https://example.org/report?id=1"
    assert version("2026-12.A") == "2026-12.A"
    for read, wrong in ((mail, "iod@example"), (web_page, "ftp://example.org"), (version, "1" * 21)):
        with pytest.raises(ValueError, match="expected"):
            read(wrong)
