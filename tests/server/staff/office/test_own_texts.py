"""The office's own terms and clauses on pages: versions are made and changed, what was accepted stays."""

from __future__ import annotations

import pytest

from server.services.access import users
from server.services.office import things
from server.store.tables import Publication
from tests.server.sample_office import SampleOffice
from tests.server.staff.office.forms import save, typed
from tests.server.staff.people import Colleague, People
from wire.vocabulary import Role

PAGE = "/staff/office/texts"


@pytest.fixture
def head(office: SampleOffice, people: People) -> Colleague:
    """Sign an administrator of all branches in who reads English."""
    found = people.signed_in(Role.ADMINISTRATOR, branch=None)
    office.store.write(lambda session: users.speak(session, found.user_id, "en"))
    return found


def test_a_version_is_made_and_the_next_begins_with_its_words(office: SampleOffice, head: Colleague) -> None:
    assert "the built-in text is shown" in head.get(PAGE).words
    sent = {"version": "2027-01", "since": "2027-01-01", "text__pl": "# Konto\n\n- Jedno."}
    assert save(head, f"{PAGE}/terms/new", **sent).status == 303
    stated = office.store.read(lambda session: things.stated(session, things.publication("terms", "2027-01")))
    assert stated == {"since": "2027-01-01", "text": {"pl": "# Konto\n\n- Jedno."}}
    assert "2027-01" in head.get(PAGE).words
    assert typed(head.get(f"{PAGE}/terms/new"))["text.pl"] == "# Konto\n\n- Jedno."
    assert "text.pl" in typed(head.get(f"{PAGE}/clause/new"))
    assert save(head, f"{PAGE}/terms/2027-01", text__pl="Inaczej").status == 303
    assert office.one(Publication).policy["text"] == {"pl": "Inaczej"}
    assert "Terms of booking: 2027-01" in head.get("/staff/office/records").words


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"version": "a b"}, "Enter a version such as 2026-12"),
        ({"since": "tomorrow"}, "Enter a day such as 2026-12-24"),
        ({"since": ""}, "Enter this"),
        ({"text__pl": ""}, "text"),
        ({"version": "2027-01"}, "There is one of this name already"),
    ],
)
def test_what_does_not_fit_is_told(head: Colleague, sent: dict[str, str], said: str) -> None:
    good = {"version": "2027-01", "since": "2027-01-01", "text__pl": "Tekst"}
    assert save(head, f"{PAGE}/clause/new", **good).status == 303
    page = save(head, f"{PAGE}/clause/new", **({**good, "version": "2027-02"} | sent))
    assert page.status == 422
    assert said in page.words


def test_terms_that_were_accepted_stay(head: Colleague, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = {"version": "2027-01", "since": "2027-01-01", "text__pl": "Tekst"}
    save(head, f"{PAGE}/terms/new", **sent)
    monkeypatch.setattr("server.store.queries.accounts.has_accepted", lambda session, version: True)
    page = save(head, f"{PAGE}/terms/2027-01", text__pl="Inaczej")
    assert page.status == 422
    assert "People have accepted this version as it was. Make a new version." in page.words


def test_only_the_whole_office_s_administrators_write_them(head: Colleague, people: People) -> None:
    assert people.signed_in(Role.MANAGER).get(PAGE).status == 403
    assert head.get(f"{PAGE}/other/new").status == 404
    assert head.get(f"{PAGE}/terms/nothing").status == 404
