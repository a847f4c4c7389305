"""Messages in the office's own words: listed, checked, shown as they go out, saved, taken back, and sent."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from server.domain.messages.wording import KINDS, OF_NO_BRANCH, Part, known
from server.services.access import users
from server.services.office.exporting import office_tables
from server.services.office.set_up import set_up_office
from server.store.tables import OfficeChange
from server.texts import LANGUAGES
from tests.server.sample_office import SampleOffice
from tests.server.staff.office.forms import save, typed
from tests.server.staff.office.test_settings import HOSTILE, value
from tests.server.staff.people import Colleague, People
from wire.vocabulary import MessageKind, Role

AT = "/staff/at/wroclaw/settings/messages"
PL = f"{AT}/rejection/pl"
BODY = "messages__rejection__pl__body"
OWN = "Nie możemy przyjąć wizyty {date} o {time}."
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def manager(office: SampleOffice, people: People) -> Colleague:
    """Sign a manager in who reads English."""
    return english(office, people.signed_in(Role.MANAGER))


def english(office: SampleOffice, colleague: Colleague) -> Colleague:
    office.store.write(lambda session: users.speak(session, colleague.user_id, "en"))
    return colleague


def own(office: SampleOffice) -> Any:
    return value(office).get("messages")


def press(browser: Colleague, path: str, **sent: str) -> Any:
    return browser.send(
        "POST", path, {"csrf_token": browser.get(AT + "/rejection/pl").fields["csrf_token"], **sent}
    )


def test_all_kinds_stand_there_in_all_languages_and_own_ones_are_marked(
    office: SampleOffice, manager: Colleague
) -> None:
    page = manager.get(AT)
    assert page.text.count("our text<") == len(KINDS) * len(LANGUAGES)
    assert "own text" not in page.words
    assert save(manager, PL, **{BODY: OWN}).status == 303
    assert manager.get(AT).words.count("own text") == 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_form_with_its_fields_and_an_example(
    manager: Colleague, kind: MessageKind, language: str
) -> None:
    page = manager.get(f"{AT}/{kind}/{language}")
    assert page.status == 200
    assert all(f"<code>{{{name}}}</code>" in page.text for name in known(kind, Part.BODY))
    assert f'name="messages.{kind}.{language}.body"' in page.text
    assert (f'name="messages.{kind}.{language}.sms"' in page.text) is (KINDS[kind].sms is not None)
    assert page.text.count('<pre class="wording-text"') == 1 + (KINDS[kind].sms is not None)


def test_what_is_saved_is_shown_and_on_record_and_is_taken_back_by_record(
    office: SampleOffice, manager: Colleague
) -> None:
    done = save(manager, PL, **{BODY: OWN})
    assert (done.status, own(office)) == (303, {"rejection": {"pl": {"body": OWN}}})
    assert "Nie możemy przyjąć wizyty " in manager.get(PL).text
    records = manager.get("/staff/at/wroclaw/records")
    assert "Rejection" in records.words
    assert OWN in records.words
    change = office.rows(OfficeChange)[-1]
    assert press(manager, f"/staff/at/wroclaw/records/{change.id}/take-back").status == 303
    assert own(office) is None


def test_a_message_goes_back_to_the_products_text_alone(office: SampleOffice, manager: Colleague) -> None:
    assert "Take back to our text" not in manager.get(PL).words
    save(manager, PL, **{BODY: OWN})
    save(manager, f"{AT}/rejection/en", messages__rejection__en__subject="Sorry")
    assert "Take back to our text" in manager.get(PL).words
    assert press(manager, f"{PL}/ours").status == 303
    assert own(office) == {"rejection": {"en": {"subject": "Sorry"}}}
    assert office.rows(OfficeChange)[-1].new["messages"] == {"rejection": {"en": {"subject": "Sorry"}}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{date}", "Write the field {time} into the text as well"),
        (f"{OWN}\n{{kod}}", "{kod} is not one of the fields of this text (line 2, character 1)"),
        (f"{OWN} }}", "} stands alone (line 1, character 44). For the sign itself write }}"),
        (OWN + "x" * 2000, "Shorten the text to 2000 characters at most"),
    ],
)
def test_a_text_with_a_mistake_is_refused_at_its_field_and_stays_typed(
    office: SampleOffice, manager: Colleague, text: str, said: str
) -> None:
    page = save(manager, PL, **{BODY: text})
    assert (page.status, page.mistakes) == (422, [said])
    assert typed(page)[BODY.replace("__", ".")] == text
    assert f"Text of the letter: {said}. Until then our text stands here." in page.words
    assert own(office) is None


def test_a_long_text_message_is_refused_and_a_short_one_counted(
    office: SampleOffice, manager: Colleague
) -> None:
    sms = "messages__rejection__pl__sms"
    page = save(manager, PL, **{sms: "{date} {time} " + "x" * 450})
    assert page.mistakes == ["Shorten the text: it would be sent as 4 SMS, and at most 3 are allowed"]
    assert "1 SMS is sent." in manager.get(PL).words
    shown = manager.send(
        "POST", f"{PL}/preview", typed(manager.get(PL), **{sms: "{date} {time} " + "x" * 200})
    )
    assert "2 SMS are sent." in shown.text


def test_a_preview_shows_what_is_typed_and_saves_nothing(office: SampleOffice, manager: Colleague) -> None:
    sent = typed(
        manager.get(PL),
        **{BODY: f"Drodzy {{people}}!\n\n{OWN}", "messages__rejection__pl__subject": "Do {service}"},
    )
    for answer in (
        manager.send("POST", f"{PL}/preview", sent),
        manager.send("POST", PL, sent | {"preview": "on"}),
        manager.send("POST", f"{PL}/letter", sent),
    ):
        assert answer.status == 200
        assert "Drodzy Anna Kowalska!" in answer.text
        assert "Nie możemy przyjąć wizyty " in answer.text
        assert "o 10:00." in answer.text
        assert "Do Usługa P" in answer.text
    assert own(office) is None


def test_the_letter_as_it_is_sent_has_its_styles_and_runs_nothing(manager: Colleague) -> None:
    sent = typed(manager.get(PL), **{BODY: f"<script>alert(1)</script> {OWN}"})
    answer = manager.send("POST", f"{PL}/letter", sent)
    assert "&lt;script&gt;alert(1)" in answer.text
    assert "<script" not in answer.text
    rules = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in rules
    assert "sandbox" in rules
    assert "script-src" not in rules


def test_hostile_texts_are_shown_as_text(office: SampleOffice, manager: Colleague) -> None:
    text = HOSTILE.replace("‏", "").replace("{", "{{").replace("}", "}}") + OWN
    assert save(manager, PL, **{BODY: text, "messages__rejection__pl__subject": text[:60]}).status == 303
    for page in (manager.get(PL), manager.get(AT), manager.get("/staff/at/wroclaw/records")):
        assert "<script>alert" not in page.text
    assert "{{ 7 * 7 }}" in manager.get(PL).text
    hidden = save(manager, PL, **{BODY: OWN + "\u202e"})
    assert hidden.mistakes == ["Remove the characters that cannot be seen"]


def test_two_who_edit_at_once_see_each_other(office: SampleOffice, manager: Colleague) -> None:
    sent = typed(manager.get(PL), **{BODY: OWN})
    save(manager, PL, **{BODY: OWN + " Inaczej."})
    late = manager.send("POST", PL, sent)
    assert (late.status, "Inaczej." in late.words) == (409, True)


def test_only_those_who_set_the_branch_up_word_its_messages(office: SampleOffice, people: People) -> None:
    supervisor = people.signed_in(Role.SUPERVISOR)
    assert supervisor.get(AT).status == 403
    assert supervisor.get(PL).status == 403
    elsewhere = english(office, people.signed_in(Role.MANAGER, branch="legnica"))
    assert elsewhere.get(PL).status == 404
    theirs = elsewhere.get("/staff/at/legnica/settings/messages")
    assert theirs.text.count("our text<") == (len(KINDS) - len(OF_NO_BRANCH)) * len(LANGUAGES)
    assert elsewhere.get("/staff/at/legnica/settings/messages/reset_password/pl").status == 404


@pytest.mark.parametrize("path", ["nothing/pl", "rejection/de", "rejection/x"])
def test_what_there_is_not_is_not_found(manager: Colleague, path: str) -> None:
    assert manager.get(f"{AT}/{path}").status == 404


def test_the_file_of_the_office_brings_the_same_wording_again(
    office: SampleOffice, manager: Colleague
) -> None:
    save(manager, PL, **{BODY: OWN + "\n\n{{}}", "messages__rejection__pl__sms": "{date} {time} \\ „x”"})
    tables = office.store.read(office_tables)
    assert tables["branch"][0]["messages"] == own(office)
    changed = office.store.write(lambda session: set_up_office(session, office.clock.now(), tables))
    assert changed == []
    said = tomllib.loads('messages.rejection.pl.sms = "{date} {time}"')
    tables["branch"][0] |= said
    assert len(office.store.write(lambda session: set_up_office(session, office.clock.now(), tables))) == 1
    assert own(office) == said["messages"]
