"""Every code and every screen has its sentence in every language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import kiosk
from deploy.texts.collecting import read_po
from kiosk.screens.look import keep_together
from kiosk.screens.outcome import ROWS
from kiosk.screens.window import PAGES
from kiosk.visit.refusals import WAYS, Way
from kiosk.visit.screens import SlipState
from terminal.texts import Texts
from wire.vocabulary import Priority, Refusal, Withdrawal

FOLDER = Path(kiosk.__file__).parent / "texts"
TEXTS = Texts(FOLDER)
LANGUAGES = TEXTS.languages


def test_the_languages_say_the_same_things() -> None:
    assert set(LANGUAGES) == {"pl", "en", "uk", "ru", "be", "vi", "ar", "ka"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", WAYS)
def test_every_reason_has_a_title_and_a_body(language: str, reason: str) -> None:
    assert TEXTS.say(language, f"refused.{reason}.title")
    body = f"refused.{reason}.body"
    assert TEXTS.say_count(language, body, 15) if reason == Refusal.TOO_LATE else TEXTS.say(language, body)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_withdrawal_is_explained_in_its_own_words(language: str) -> None:
    told = {TEXTS.say(language, f"refused.ticket_withdrawn.{why}") for why in (*Withdrawal, "body")}
    assert len(told) == len(Withdrawal) + 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_choice_fact_and_state_has_its_words(language: str) -> None:
    keys = {f"refused.way.{way}" for way in Way}
    keys |= {f"priority.{priority}" for priority in Priority}
    keys |= {f"ticket.{state}" for state in SlipState}
    keys |= {f"refused.fact.{name}" for names in ROWS.values() for name in names if name != "day"}
    keys |= {page.caption for page in PAGES.values() if page.has_header}
    walk_in = (Refusal.CLOSED, Refusal.NOT_OFFERED, Refusal.LIMIT_REACHED, Refusal.UNLIKELY_TODAY)
    keys |= {f"menu.closed.{reason}" for reason in walk_in}
    assert [key for key in sorted(keys) if not TEXTS.has(language, key)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_code_of_ours_is_shown(language: str) -> None:
    for message in read_po(language, "kiosk"):
        said = [message.string] if isinstance(message.string, str) else message.string
        sentences = re.sub(r"\{\w+\}", "", " ".join(said)) if message.id else ""
        assert not re.search(r"\w_\w", sentences)


def test_every_text_is_used() -> None:
    folder = FOLDER.parent
    source = "".join(path.read_text() for path in [*folder.glob("*.py"), *folder.glob("screens/*.py")])
    made = (
        "refused.",
        "priority.",
        "ticket.",
        "menu.closed.",
        "other_service.",
        "help.",
        "languages.",
        "scanner_test.",
    )
    keys = [each.id if isinstance(each.id, str) else each.id[0] for each in read_po("pl", "kiosk") if each.id]
    unused = [key for key in keys if not key.startswith(made) and key not in source]
    assert [key for key in unused if key.rpartition(".")[0] not in source] == []


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("w sali", "w\u00a0sali"),
        ("Paszport – wniosek", "Paszport\u00a0– wniosek"),
        ("ok. 12 min", "ok. 12\u00a0min"),
        ("stanowisko 1.", "stanowisko\u00a01."),
    ],
)
def test_what_belongs_together_stays_on_one_line(text: str, kept: str) -> None:
    assert keep_together(text) == kept
