"""Kinds of priority in the clerk's window: ours, the office's own, and those that nobody named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from counter_client import commands
from counter_client.portrait.card import ticket_face
from counter_client.portrait.questions import dialog_face
from counter_client.portrait.voice import Voice
from counter_client.shell import TEXTS
from counter_client.state import Desk
from terminal.texts import Texts
from tests.counter_client import samples
from tests.counter_client.test_desk import at_work
from wire.messages import PriorityKind
from wire.vocabulary import TicketStatus

KINDS = [
    PriorityKind(code="elderly"),
    PriorityKind(code="veteran", names={"pl": "Kombatant"}),
    PriorityKind(code="put_away", names={"pl": "Dawny rodzaj", "en": "A former kind"}),
]


def voice(language: str) -> Voice:
    return Voice(Texts(TEXTS), language, samples.NOW)


def desk(priority: str | None = None) -> Desk:
    found = at_work(samples.ticket(TicketStatus.SERVING, priority=priority))
    assert found.device is not None
    settings = found.device.settings.model_copy(
        update={"priority_classes": ["elderly", "veteran"], "priority_kinds": KINDS}
    )
    return replace(found, device=found.device.model_copy(update={"settings": settings}))


def test_a_clerk_chooses_from_the_kinds_by_name() -> None:
    face = dialog_face(voice("pl"), commands.priorities(desk(), "P"), can_print=False)
    assert [text for _key, text in face.lines] == ["Nie, bez pierwszeństwa", "Osoba starsza", "Kombatant"]
    face = dialog_face(voice("en"), commands.priorities(desk(), "P"), can_print=False)
    assert [text for _key, text in face.lines] == ["No priority", "Elderly visitor", "Kombatant"]


@pytest.mark.parametrize(
    ("code", "named"),
    [
        ("elderly", "Elderly visitor"),
        ("veteran", "Kombatant"),
        ("put_away", "A former kind"),
        ("never_heard_of", "never heard of"),
    ],
)
def test_the_card_names_the_kind_that_a_ticket_has(code: str, named: str) -> None:
    assert ("Priority", named) in ticket_face(voice("en"), desk(code)).facts
    assert "Priority" not in dict(ticket_face(voice("en"), desk()).facts)
