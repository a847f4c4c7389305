"""Every kind of message can be written in every language, and nothing that a person typed steers it."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import date, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from server.adapters.letters import write_letter, write_text
from server.adapters.visit_wording import VisitWords, plain
from server.domain.messages.sms_parts import parts_of
from server.domain.messages.wording import SMS_KINDS
from server.services.ports import Visit
from server.texts import LANGUAGES
from tests.server.adapters.samples import TEN, VISIT, told, visit
from wire.vocabulary import MessageKind

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "{{ 7*7 }}{% raw %}",
    "%(code)s %s %",
    "a\r\nBcc: all@example.org\r\n\r\nbody",
    "a\x00\x1b[2J\u202e\u2066b",
    "' OR 1=1 --",
    "&lt;b&gt;",
    "Ж" * 10_000,
    "😀 Ғәрибә Ñandú",
]
GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
TAGS = {
    "br",
    "style",
    *("html", "head", "meta", "title", "body", "div", "main", "p", "a", "h1", "h2", "dl", "dt", "dd", "ul"),
    *("li", "pre", "bdi"),
}


class Read(HTMLParser):
    """The tags and attributes of a page, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.text += data


def hostile_visit(text: str) -> Visit:
    """Put a text wherever a visit has one, but where it is ours."""
    ours = {"status", "zone", "url", "map_url", "code", "qr"}
    changed: dict[str, Any] = {
        each.name: text
        for each in fields(Visit)
        if isinstance(getattr(VISIT, each.name), str) and each.name not in ours
    }
    return replace(VISIT, **changed, children=((text, 2019),), documents=(text, text))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", MessageKind)
def test_every_kind_can_be_written(kind: MessageKind, language: str) -> None:
    written = write_letter(told(kind, language))
    page = Read(written.html)
    assert written.subject
    assert page.tags[0] == ("html", {"lang": language, "dir": "rtl" if language == "ar" else "ltr"})
    assert {tag for tag, _ in page.tags} <= TAGS
    assert [tag for tag, _ in page.tags].count("h1") == 1
    assert "Undefined" not in written.html + written.text
    assert "%(" not in written.html + written.text + written.subject
    assert "\n\n\n" not in written.text


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("kind", MessageKind)
def test_nothing_that_a_person_typed_becomes_a_tag_a_header_or_a_sentence(
    kind: MessageKind, hostile: str
) -> None:
    good = told(kind)
    values = {"url": good.values["url"], "code": hostile, "title": hostile}
    more = {"service_name": hostile, "branch_name": hostile, "phone": hostile, "words": hostile}
    written = write_letter(told(kind, visit=hostile_visit(hostile), values=values, **more))
    page, usual = Read(written.html), Read(write_letter(told(kind, words="x")).html)
    assert {tag for tag, _ in page.tags} <= TAGS
    assert {name for _, attributes in page.tags for name in attributes} == {
        name for _, attributes in usual.tags for name in attributes
    }
    assert {a.get("href") for tag, a in page.tags if tag == "a"} == {
        a.get("href") for tag, a in usual.tags if tag == "a"
    }
    assert written.subject.isprintable()
    assert len(written.subject) <= 150
    assert all(char == "\n" or char.isprintable() for char in written.text)


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("kind", sorted(SMS_KINDS))
def test_no_text_message_has_a_second_line(kind: MessageKind, hostile: str) -> None:
    for language in LANGUAGES:
        text = write_text(told(kind, language, visit=hostile_visit(hostile)))
        assert text.isprintable()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("hall", ["Sala A", "Зал обслуговування іноземців, поверх 2", "x" * 500, None])
@pytest.mark.parametrize("kind", sorted(SMS_KINDS))
def test_a_text_message_is_one_part_in_latin_letters_and_two_in_cyrillic(
    kind: MessageKind, hall: str | None, language: str
) -> None:
    text = write_text(told(kind, language, visit=visit(hall=hall), sms_name="Urząd Wojewódzki 123"))
    has_link = "https://" in text
    most = {"pl": 1, "en": 1}.get(language, 2)
    assert parts_of(text) <= most + 2 * has_link, text


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        *(("x" * 160, 1), ("x" * 161, 2), ("x" * 306, 2), ("x" * 307, 3)),
        *(("я" * 70, 1), ("я" * 71, 2), ("я" * 134, 2), ("я" * 135, 3), ("x" * 70 + "я", 2)),
    ],
)
def test_the_parts_of_a_text_message_are_counted_as_phones_count_them(text: str, parts: int) -> None:
    assert parts_of(text) == parts


@pytest.mark.parametrize(("language", "day"), [("en", "Mon 23.11"), ("pl", "pon. 23.11"), ("uk", "пн 23.11")])
def test_a_text_message_begins_with_the_office_and_names_the_weekday(language: str, day: str) -> None:
    text = write_text(told(MessageKind.CONFIRMATION, language, sms_name="Urząd Wrocław"))
    assert text.startswith("Urzad Wroclaw: " if language in ("en", "pl") else "Urząd Wrocław: ")
    assert day in text
    assert "Urz" not in write_text(told(MessageKind.CONFIRMATION, language))


@pytest.mark.parametrize("language", ["pl", "en"])
@pytest.mark.parametrize("kind", sorted(SMS_KINDS))
def test_a_text_message_in_latin_letters_fits_a_phones_own_alphabet(kind: MessageKind, language: str) -> None:
    text = write_text(told(kind, language, visit=visit(hall="Sala Łączności „Żółta”")))
    assert set(text) <= GSM


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_confirmation_tells_code_hour_ticket_and_place(language: str) -> None:
    written = write_letter(told(MessageKind.CONFIRMATION, language))
    for part in (written.text, Read(written.html).text, write_text(told(MessageKind.CONFIRMATION, language))):
        for needed in ("482 910 378", "10:00", "09:45", "Sala A"):
            assert needed in part
    for needed in ("pl. Powstańców Warszawy 1, 50-153 Wrocław", VISIT.url, "Potwierdzenie opłaty 140 zł"):
        assert needed in written.text


@pytest.mark.parametrize(
    ("until", "said"),
    [
        (None, None),
        (date(2026, 11, 23), None),
        (date(2026, 11, 22), "Your legal stay ends on 22 November 2026, before this visit."),
        (date(2026, 11, 15), "Your legal stay ends on 15 November 2026, before this visit."),
        (date(2026, 11, 14), "your legal stay ended on 14 November 2026. Please phone the office"),
    ],
)
def test_the_confirmation_warns_of_a_legal_stay_that_ends_before_the_visit(
    until: date | None, said: str | None
) -> None:
    written = write_letter(told(MessageKind.CONFIRMATION, "en", visit=visit(legal_stay_until=until)))
    for text in (written.text, Read(written.html).text):
        assert ("legal stay" in text) is (said is not None)
        assert (said or "") in " ".join(text.split())


def test_the_words_of_a_service_stand_in_its_letters_as_text() -> None:
    words = "Wejście B.\nWinda <b>nie</b> działa."
    written = write_letter(told(MessageKind.CONFIRMATION, words=words))
    assert words in written.text
    assert "Winda &lt;b&gt;nie&lt;/b&gt; działa." in written.html


@pytest.mark.parametrize(
    ("language", "label"), [("pl", "Formularz do wypełnienia"), ("uk", "Бланк для заповнення")]
)
def test_a_form_to_fill_in_is_told_in_the_readers_language(language: str, label: str) -> None:
    with_form = visit(forms=(("Wniosek", "https://example.org/w.pdf"),))
    text = write_letter(told(MessageKind.CONFIRMATION, language, visit=with_form)).text
    assert f"- {label}: Wniosek, https://example.org/w.pdf" in text


def test_a_kind_for_mail_only_is_refused_as_a_text_message() -> None:
    with pytest.raises(KeyError):
        write_text(told(MessageKind.CONFIRM_EMAIL))


def test_a_visit_without_a_code_says_nothing_of_one() -> None:
    for kind in (MessageKind.CONFIRMATION, MessageKind.REMINDER):
        without = told(kind, "en", visit=visit(code=None, qr=None, hall=None))
        assert "code" not in write_text(without).lower()
        assert "None" not in write_letter(without).text


def test_letters_about_no_office_yet_stand_alone() -> None:
    alone = told(MessageKind.CONFIRM_EMAIL, visit=None, service_name=None, branch_name=None, phone=None)
    assert "None" not in write_letter(alone).text


def test_a_ticket_of_the_day_before_names_its_day() -> None:
    midnight = TEN.replace(hour=23, minute=5)
    words = VisitWords(visit(appointment_at=midnight, check_in_until=midnight - timedelta(minutes=15)), "en")
    assert "23 November 2026, 23:50 (Monday)" in words.ticket


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("  a \t b\u00a0c ", "a b c"),
        ("a\nb", "a b"),
        ("\u202ea\u200b\ufeff", "a"),
        ("\ud800x\ue000", "x"),
        ("e\u0301", "é"),
    ],
)
def test_plain_text_neither_hides_nor_turns(typed: str, shown: str) -> None:
    assert plain(typed) == shown


def test_a_long_text_is_made_plain_in_no_time() -> None:
    assert len(plain("<" * 100_000)) == 2_000


def test_colours_of_letters_can_be_told_apart() -> None:
    """Compare what stands on what, by the formula of WCAG 2.2 (relative luminance)."""
    html = write_letter(told(MessageKind.CONFIRMATION)).html
    assert {"#0F1C2E", "#0B4A8F", "#4A5A70"} <= set(re.findall("#[0-9A-F]{6}", html))
    for ink, ground in (
        ("#0F1C2E", "#FFFFFF"),
        ("#4A5A70", "#EEF2F7"),
        ("#0B4A8F", "#EEF2F7"),
        ("#FFFFFF", "#0B4A8F"),
    ):
        light, dark = sorted((_luminance(ink), _luminance(ground)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("language", ["pl", "en", "uk", "ru"])
def test_a_text_on_a_closed_day_names_the_next_free_hour_where_it_has_room(language: str) -> None:
    facts = {"reason": "office_closed", "places": f"{(TEN + timedelta(days=1)).isoformat()}"}
    text = write_text(told(MessageKind.CANCELLATION, language, facts=facts))
    assert text.count("10:00") == 2, "the hour that is cancelled, and the next free one"
    named = write_text(told(MessageKind.CANCELLATION, language, facts=facts, sms_name="Urząd Wojewódzki 123"))
    assert parts_of(named) <= (1 if language in ("pl", "en") else 2)
    without = write_text(told(MessageKind.CANCELLATION, language, facts=facts | {"places": ""}))
    assert without.count("10:00") == 1
