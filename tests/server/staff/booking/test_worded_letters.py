"""The office's own wording from the page of settings to the letter and the SMS that a visitor gets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from server.services.ports import Letter
from server.workers.outbox_worker import OutboxWorker
from tests.server.portal.outer import outer_world
from tests.server.sample_office import SampleOffice
from tests.server.staff.booking.scene import DESK, VERIFICATION, Scene
from tests.server.staff.office.forms import save
from tests.server.staff.people import Colleague, People
from wire.vocabulary import Channel, Role

AT = "/staff/at/wroclaw/settings/messages"
QUESTION = {"key": "case", "label": {"pl": "Numer sprawy", "en": "Case number"}}
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Kept:
    """A line that keeps what is sent."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.texts: list[str] = []

    def send(self, *sent: Any) -> None:
        """Keep a letter, or a text message."""
        if isinstance(sent[0], Letter):
            self.letters.append(sent[0])
        else:
            self.texts.append(sent[1])

    def close(self) -> None:
        """Do nothing."""


def sent(office: SampleOffice) -> Kept:
    """Send what waits in the outbox."""
    kept = Kept()
    outside = replace(outer_world(), mailer=kept, texter=kept)
    worker = OutboxWorker(office.store, office.runtime.context, outside)
    while worker.send_one(Channel.EMAIL, Channel.SMS):
        pass
    return kept


@pytest.fixture
def manager(people: People) -> Colleague:
    """Sign a manager in, who may also work at the desk."""
    return people.signed_in(Role.MANAGER, Role.CLERK)


def word(manager: Colleague, kind: str, language: str, **texts: str) -> None:
    name = f"messages__{kind}__{language}__"
    done = save(manager, f"{AT}/{kind}/{language}", **{name + part: text for part, text in texts.items()})
    assert done.status == 303, done.mistakes


def book(scene: Scene, language: str, number: int) -> int:
    """Book a visit of somebody who reads a language."""
    told = {"document": f"ZZ 10000{number}", "birth_date": f"1980-01-0{number}"}
    reached = {"email": f"person{number}@example.org", "phone": f"+4860123450{number}"}
    return scene.book("K", language=language, name=f"Maria {'ABC'[number - 1]}. Nowak", **told, **reached)


def press(desk: Colleague, number: int, address: str, **more: Any) -> None:
    card = desk.get(f"{DESK}/{number}")
    assert desk.submit(card, address, more).status == 303


def test_asked_again_a_visitor_reads_the_offices_words_in_their_own_language(
    scene: Scene, manager: Colleague, office: SampleOffice
) -> None:
    scene.rule("K", verification_required=True, questions=[QUESTION], answer_hours=12)
    polish, russian, english = (book(scene, *each) for each in (("pl", 1), ("ru", 2), ("en", 3)))
    sent(office)
    word(
        manager,
        "questions",
        "pl",
        subject="Pytamy o {service}",
        body="Prosimy: {link}",
        sms="Prosimy: {link}",
    )
    word(manager, "questions", "ru", body="Просим ответить: {link}")
    for number in (polish, russian, english):
        press(manager, number, f"{VERIFICATION}/{number}/ask")
    kept = sent(office)
    first, second, third = kept.letters
    assert first.subject.startswith("Pytamy o ")
    assert "{" not in first.subject
    assert "\nProsimy: http" in first.text
    assert "Просим ответить: http" in second.text
    assert "Prosimy" not in second.text + third.text
    assert "Please answer its questions" in third.text, "English has no wording of its own"
    assert kept.texts[0].startswith("Prosimy: http")
    assert len(kept.texts) == 3


def test_taken_back_the_products_text_goes_out_again(
    scene: Scene, manager: Colleague, office: SampleOffice
) -> None:
    scene.rule("K", verification_required=True, questions=[QUESTION], answer_hours=12)
    number = scene.book("K")
    word(manager, "rejection", "pl", body="Odmowa {date} {time}")
    page = manager.get(f"{AT}/rejection/pl")
    assert manager.submit(page, f"{AT}/rejection/pl/ours").status == 303
    word(manager, "rejection", "en", body="Refused {date} {time}")
    sent(office)
    press(manager, number, f"{DESK}/{number}/step", step="reject", reason="other")
    letter = sent(office).letters[0]
    assert "Odmowa" not in letter.text
    assert letter.subject.startswith("Wizyta nie została przyjęta")
