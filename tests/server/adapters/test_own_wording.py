"""The office's own wording on letters and text messages: filled, escaped, and never a message lost for it."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from server.adapters.letters import write_letter, write_text
from server.domain.messages.wording import KINDS, SMS_KINDS, Part, Wording, known
from server.texts import LANGUAGES
from tests.server.adapters.samples import TEN, VISIT, told, visit
from tests.server.adapters.test_letters import HOSTILE, TAGS, Read, hostile_visit
from wire.vocabulary import MessageKind

CONFIRMATION = MessageKind.CONFIRMATION
OWN = Wording(
    "Zapraszamy {date}",
    "Dzień dobry,\nprosimy o {time}.\n\n{code}\n\nOdwołanie: {link}\n\n{ticket_by} {date} {{tak}}",
    "Wizyta {date} {time}, bilet {ticket_by}, kod {code}",
)


def all_fields(kind: MessageKind) -> Wording:
    """Word a message with every field that it knows."""
    body = "\n\n".join(f"{name}={{{name}}}" for name in known(kind, Part.BODY))
    sms = " ".join(f"{name}={{{name}}}" for name in known(kind, Part.SMS))
    return Wording("{branch}", body, sms if kind in SMS_KINDS else None)


def test_a_letter_has_the_offices_words_and_the_products_frame() -> None:
    written = write_letter(told(CONFIRMATION, wording=OWN, words="Wejście B."))
    assert written.subject == "Zapraszamy poniedziałek, 23 listopada 2026"
    assert "Dzień dobry,\nprosimy o 10:00.\n\n    482 910 378\n\nOdwołanie: " + VISIT.url in written.text
    assert "09:45 poniedziałek, 23 listopada 2026 {tak}" in written.text
    assert "Wejście B." in written.text
    assert "Wiadomość wysłano automatycznie" in written.text
    page = Read(written.html)
    assert f'href="{VISIT.url}"' in written.html
    assert '<p class="code"' in written.html
    assert "Dzień dobry,\nprosimy o 10:00." in page.text
    assert "Dokument tożsamości" not in written.text, "the product's own body does not stand there besides"


def test_a_text_message_has_the_offices_words_after_its_name() -> None:
    text = write_text(told(CONFIRMATION, wording=OWN, sms_name="Urząd"))
    assert text == "Urzad: Wizyta pon. 23.11 10:00, bilet 09:45, kod 482 910 378"


def test_what_is_not_worded_is_the_products() -> None:
    usual = write_letter(told(CONFIRMATION))
    only_subject = write_letter(told(CONFIRMATION, wording=Wording(subject="Zapraszamy")))
    assert only_subject.subject == "Zapraszamy"
    assert only_subject.text.split("\n\n")[2:] == usual.text.split("\n\n")[2:]
    only_body = write_letter(told(CONFIRMATION, wording=Wording(body=OWN.body)))
    assert only_body.subject == usual.subject
    assert "prosimy o 10:00" in only_body.text
    assert write_text(told(CONFIRMATION, wording=Wording("a", OWN.body))) == write_text(told(CONFIRMATION))
    assert write_letter(told(CONFIRMATION, wording=Wording(sms=OWN.sms))) == usual


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_every_kind_has_a_value(kind: MessageKind, language: str) -> None:
    facts = dict(told(kind).facts) | {
        "reason": "office_closed",
        "places": (TEN + timedelta(days=1)).isoformat(),
    }
    content = told(kind, language, wording=all_fields(kind), facts=facts, address="pl. Wolności 1")
    content_fees = visit(fees=(("Paszport", "140 zł"),))
    content = told(
        kind, language, wording=content.wording, facts=facts, address="pl. Wolności 1", visit=content_fees
    )
    written = write_letter(content)
    lines = written.text.splitlines()
    for name in KINDS[kind].known:
        assert any(line.startswith(f"{name}=") and len(line) > len(name) + 1 for line in lines), name
    assert "None" not in written.text
    if kind in SMS_KINDS:
        text = write_text(content)
        assert all(f"{name}= " not in f"{text} " for name in known(kind, Part.SMS)), text


@pytest.mark.parametrize("hostile", [*HOSTILE, "{code}", "{{date}}", "{", "}{"])
@pytest.mark.parametrize("kind", KINDS)
def test_no_text_and_no_value_becomes_a_tag_a_header_or_a_field(kind: MessageKind, hostile: str) -> None:
    fields = all_fields(kind)
    shown = hostile.replace("{", "{{").replace("}", "}}")[:100]
    wording = Wording(
        f"{shown} {fields.subject}", f"{shown}\n\n{fields.body}", fields.sms and f"{shown} {fields.sms}"
    )
    values = {"url": VISIT.url, "code": hostile, "title": hostile}
    more = {"service_name": hostile, "branch_name": hostile, "phone": hostile, "address": hostile}
    content = told(kind, wording=wording, visit=hostile_visit(hostile), values=values, **more)
    written = write_letter(content)
    page = Read(written.html)
    assert {tag for tag, _ in page.tags} <= TAGS
    assert {name for _, found in page.tags for name in found} <= {
        *("lang", "dir", "charset", "name", "content", "style", "class", "href")
    }
    good = write_letter(told(kind, wording=fields, values={**values, "title": "x"}))
    assert {a.get("href") for tag, a in page.tags if tag == "a"} == {
        a.get("href") for tag, a in Read(good.html).tags if tag == "a"
    }
    assert written.subject.isprintable()
    assert all(char == "\n" or char.isprintable() for char in written.text)
    if kind in SMS_KINDS:
        assert write_text(content).isprintable()


@pytest.mark.parametrize("value", ["{code}", "{{code}}", "{0.__class__}", "%(code)s", "{{ code }}"])
def test_braces_in_a_value_are_not_read_again(value: str) -> None:
    wording = Wording(body="A {service} B {date} {time} {ticket_by} {code} {link}")
    written = write_letter(told(CONFIRMATION, wording=wording, service_name=value))
    assert f"A {value} B" in written.text
    assert f"A {value} B" in Read(written.html).text


@pytest.mark.parametrize(
    ("kind", "wording", "more"),
    [
        (CONFIRMATION, OWN, {"visit": visit(code=None)}),
        (
            MessageKind.QUESTIONS,
            Wording("S", "{link}", "{link}"),
            {"values": {"url": ""}, "visit": visit(url="")},
        ),
        (CONFIRMATION, Wording("S {", "B {date", "T }"), {}),
    ],
)
def test_a_wording_that_cannot_be_filled_gives_way_to_the_products_text(
    kind: MessageKind, wording: Wording, more: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "numerek.letters"):
        assert write_letter(told(kind, wording=wording, **more)) == write_letter(told(kind, **more))
        assert write_text(told(kind, wording=wording, **more)) == write_text(told(kind, **more))
    assert [record.name for record in caplog.records] == ["numerek.letters"] * 2
    assert "482" not in caplog.text, "nothing of the message stands in the log"


def test_a_field_without_a_value_is_left_out() -> None:
    wording = Wording(body="{hall}\n\nSala: {hall}.\n\n{date} {time} {ticket_by} {code} {link}")
    written = write_letter(told(CONFIRMATION, wording=wording, visit=visit(hall=None)))
    assert "\n\nSala: .\n\n" in written.text
    assert (
        written.html.count("<p ") == write_letter(told(CONFIRMATION, wording=wording)).html.count("<p ") - 1
    )
