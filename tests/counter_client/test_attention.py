"""Calls for help and messages in the clerk's window: one key calls, one key answers, words say what it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from counter_client.portrait.voice import Voice
from counter_client.portrait.window import window_face
from counter_client.shell import TEXTS
from counter_client.state import Desk, Key, Said
from terminal.texts import Texts
from tests.counter_client import samples
from tests.counter_client.scenes import alone
from tests.counter_client.test_desk import CALLED, at_work, press
from wire.messages import CounterMessage, HelpCall

OWN, OTHER = 7, 5


def desk_with(*calls: tuple[int, str | None], text: str | None = None) -> Desk:
    found = [HelpCall(counter=number, called_at=samples.NOW, accepted_by=name) for number, name in calls]
    told = [CounterMessage(id=3, text=text, sent_at=samples.NOW)] if text else []
    desk = at_work(CALLED)
    assert desk.snapshot is not None
    return at_work(CALLED, help=found, messages=told)


@pytest.mark.parametrize(
    ("calls", "text", "key", "path"),
    [
        ((), None, Key.HELP, "/api/v1/counters/7/help"),
        (((OWN, None),), None, Key.HELP, "/api/v1/counters/7/help/end"),
        (((OTHER, None),), None, Key.HELP, "/api/v1/counters/7/help"),
        (((OTHER, None),), "Hallo", Key.ANSWER, "/api/v1/counters/5/help/accept"),
        (((OTHER, "Ewa Maj"),), "Hallo", Key.ANSWER, "/api/v1/counters/7/messages/3/read"),
        (((OWN, None),), None, Key.ANSWER, None),
        ((), None, Key.ANSWER, None),
    ],
)
def test_a_key_calls_ends_accepts_and_reads(
    calls: tuple[tuple[int, str | None], ...], text: str | None, key: Key, path: str | None
) -> None:
    _, commands = press(desk_with(*calls, text=text), key)
    assert [command.path for command in commands] == ([path] if path else [])


@pytest.mark.parametrize(
    ("calls", "text", "said"),
    [
        ((), None, ""),
        (((OTHER, None),), "Hallo", "Counter 5 calls for help! Ctrl+F7: I am coming"),
        (((OWN, None),), "Hallo", "You have called for help. Ctrl+F8: it is over"),
        (((OWN, "Ewa Maj"),), None, "Ewa Maj is coming to help you. Ctrl+F8: it is over"),
        ((), "Hallo", "From the supervisor: Hallo  Ctrl+F7: read"),
        (((OTHER, "Ewa Maj"),), None, "Counter 5 called for help: Ewa Maj is coming"),
    ],
)
def test_the_most_urgent_is_said(
    calls: tuple[tuple[int, str | None], ...], text: str | None, said: str
) -> None:
    voice = Voice(Texts(TEXTS), "en", samples.NOW)
    assert window_face(voice, desk_with(*calls, text=text)).attention == said


@pytest.mark.parametrize(
    ("language", "name", "said"),
    [
        ("pl", "Kiosk A1", "Biletomat A1: "),
        ("en", "Kiosk A1", "Kiosk A1: "),
        ("pl", "Kiosk przy wejściu", "Kiosk przy wejściu: "),
    ],
)
def test_a_device_is_named_in_the_clerks_language_unless_people_named_it(
    language: str, name: str, said: str
) -> None:
    trouble = samples.trouble().model_copy(update={"device": name})
    face = window_face(Voice(Texts(TEXTS), language, samples.NOW), at_work(CALLED, troubles=[trouble]))
    assert face.trouble.startswith(said)


def test_a_kiosk_that_calls_alone_is_named_in_the_clerks_language() -> None:
    voice = Voice(Texts(TEXTS), "pl", samples.NOW)
    lost = window_face(voice, alone(at_work(), "NX03"))
    assert "Biletomat 1" in lost.ticket.caption
    sent = replace(at_work(), said=Said("line_sent", {"number": "NX03", "kiosk": "Kiosk A1"}))
    assert "Biletomat A1" in window_face(voice, sent).said
