"""The office's own wording: which fields a text may and must have, where a mistake stands, and how long it is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from server.domain.messages.sms_parts import for_phones
from server.domain.messages.wording import (
    KINDS,
    SMS_KINDS,
    Field,
    Mistake,
    Part,
    Wording,
    WordingError,
    WordingText,
    known,
    own_wordings,
    pieces,
)
from server.domain.office.policies import branch_policy
from server.domain.office.reading import SettingError
from wire.vocabulary import MessageKind

BODY = WordingText(MessageKind.CONFIRMATION, Part.BODY, "pl")
SMS = WordingText(MessageKind.CONFIRMATION, Part.SMS, "pl")
WHOLE = "{date} {time} {ticket_by} {code} {link}"


def mistake(reader: WordingText, text: Any) -> tuple[Mistake, object, int, int]:
    with pytest.raises(WordingError) as caught:
        reader(text)
    error = caught.value
    return error.mistake, error.what, error.line, error.column


def test_every_kind_of_message_has_its_fields_and_needs_none_that_it_does_not_know() -> None:
    assert set(KINDS) == set(MessageKind) - {MessageKind.MONTHLY_REPORT, MessageKind.CHECKPOINT}
    for kind in KINDS:
        assert set(KINDS[kind].body) <= set(known(kind, Part.BODY))
        assert set(KINDS[kind].sms or ()) <= set(known(kind, Part.SMS))


def test_a_text_with_all_that_it_needs_is_taken_as_it_is() -> None:
    assert BODY(WHOLE) == WHOLE
    assert SMS("{date} {time} {ticket_by} {code}") == "{date} {time} {ticket_by} {code}"


@pytest.mark.parametrize("gone", ["date", "time", "ticket_by", "code", "link"])
def test_a_field_that_is_needed_is_asked_for(gone: str) -> None:
    assert mistake(BODY, WHOLE.replace(f"{{{gone}}}", "")) == (Mistake.MISSING_FIELD, gone, 0, 0)
    escaped = WHOLE.replace(f"{{{gone}}}", f"{{{{{gone}}}}}")
    assert mistake(BODY, escaped)[:2] == (Mistake.MISSING_FIELD, gone)


@pytest.mark.parametrize(
    "name", ["kod", "", "0", "code.x", "code!r", "code:>9", "code[0]", "__class__", " code", "Code"]
)
def test_a_field_that_is_none_is_told_with_its_place(name: str) -> None:
    assert mistake(BODY, f"{WHOLE}\nab {{{name}}}") == (Mistake.UNKNOWN_FIELD, name, 2, 4)


@pytest.mark.parametrize(
    ("text", "sign", "line", "column"),
    [
        ("{", "{", 1, 1),
        ("a\n\nb}", "}", 3, 2),
        ("x {code", "{", 1, 3),
        ("{{code}", "}", 1, 7),
        ("{a{code}", "{", 1, 1),
    ],
)
def test_a_brace_that_stands_alone_is_told_with_its_place(
    text: str, sign: str, line: int, column: int
) -> None:
    assert mistake(BODY, text) == (Mistake.BRACE, sign, line, column)


def test_two_braces_are_one_sign() -> None:
    assert "".join(str(each) for each in pieces("{{code}} }}{{")) == "{code} }{"
    assert [each for each in pieces("{{{code}}}") if each] == ["{", Field("code", 1, 3), "}"]


@pytest.mark.parametrize("text", ["", "  \n", None, 7, ["x"]])
def test_a_text_is_needed(text: Any) -> None:
    assert mistake(BODY, text)[0] is Mistake.NO_TEXT


def test_a_text_has_its_longest() -> None:
    subject = WordingText(MessageKind.CONFIRMATION, Part.SUBJECT, "pl")
    assert subject("x" * 150) == "x" * 150
    assert mistake(subject, "x" * 151)[:2] == (Mistake.TOO_LONG, 150)
    assert BODY(WHOLE.ljust(2000, "x"))
    assert mistake(BODY, WHOLE.ljust(2001, "x"))[:2] == (Mistake.TOO_LONG, 2000)


def test_a_text_message_has_three_parts_at_most_with_values_of_the_usual_length() -> None:
    needed = "{date}{time}{ticket_by}{code}"
    values = 9 + 5 + 5 + 11
    assert SMS(needed + "ą" * (3 * 153 - values)), "Polish letters lose their marks"
    assert mistake(SMS, needed + "ą" * (3 * 153 - values + 1))[:2] == (Mistake.TOO_MANY_PARTS, 4)
    russian = WordingText(MessageKind.CONFIRMATION, Part.SMS, "ru")
    assert russian(needed + "я" * (3 * 67 - values))
    assert mistake(russian, needed + "я" * (3 * 67 - values + 1))[:2] == (Mistake.TOO_MANY_PARTS, 4)


def test_a_text_message_knows_no_field_that_can_be_long() -> None:
    assert mistake(SMS, "{date} {time} {ticket_by} {code} {bring}")[:2] == (Mistake.UNKNOWN_FIELD, "bring")
    assert BODY(WHOLE + "{bring}")


def test_marks_stay_on_letters_that_are_not_latin() -> None:
    assert for_phones("Łódź – й", "pl") == "Lodz - и"
    assert for_phones("Łódź – й", "uk") == "Łódź – й"


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ({"letter": {}}, "messages.letter"),
        ({"confirmation": "x"}, "messages.confirmation"),
        ({"confirmation": {"PL": {}}}, "messages.confirmation.PL"),
        ({"confirmation": {"pl": "x"}}, "messages.confirmation.pl"),
        ({"confirmation": {"pl": {"text": "x"}}}, "messages.confirmation.pl.text"),
        ({"places": {"pl": {"sms": "{link}"}}}, "messages.places.pl.sms"),
        ({"confirmation": {"pl": {"body": "{x}"}}}, "messages.confirmation.pl.body"),
        ("x", "messages"),
    ],
)
def test_what_is_wrong_in_a_file_is_told_with_its_place(said: Any, key: str) -> None:
    with pytest.raises(SettingError) as caught:
        branch_policy({"messages": said})
    assert caught.value.key == key


def test_wordings_are_read_by_kind_and_language() -> None:
    found = own_wordings({"rejection": {"uk": {"sms": "{date} {time}"}}})
    assert found["rejection"]["uk"] == Wording(sms="{date} {time}")
    assert branch_policy({}).messages == {}


def test_docs_name_the_fields_of_each_kind() -> None:
    page = (Path(__file__).parents[4] / "docs" / "messages.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| `")]
    told = {row[0]: [re.findall(r"`(\w+)`", cell) for cell in row[1:4]] for row in rows if len(row) == 4}
    for kind in KINDS:
        fields = KINDS[kind]
        assert told[f"`{kind}`"] == [list(fields.known), list(fields.body), list(fields.sms or ())]
    assert frozenset(kind for kind in KINDS if KINDS[kind].sms is not None) == SMS_KINDS
