"""A ticket becomes the slip that an office rules: each setting with its effect, in every language."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from printers import PrinterSettings, Slip
from printers.encode import encode
from printers.fonts import covers, family_for
from printers.layout import preview
from printers.ticket import MOST_FOOT_LINES, SlipLayout, Ticket, languages, ticket_slip
from server.domain.office.slip import SlipPolicy
from tests.printers.test_slip import HOSTILE
from wire.messages import SlipSettings

WARSAW = ZoneInfo("Europe/Warsaw")
TICKET = Ticket(
    number="P042",
    office="Urząd Wojewódzki",
    hall="Sala A",
    service="Paszport",
    prepare="dowód",
    issued_at=datetime(2026, 11, 24, 8, 41, tzinfo=UTC),
    appointment_at=datetime(2026, 11, 24, 9, 0, tzinfo=UTC),
    people_ahead=3,
    expected_from=datetime(2026, 11, 24, 9, 0, tzinfo=UTC),
    expected_until=datetime(2026, 11, 24, 9, 5, tzinfo=UTC),
    track_url="https://numerek.test/t/abc",
)


def made(ticket: Ticket = TICKET, language: str = "pl", **rules: Any) -> Slip:
    return ticket_slip(ticket, SlipLayout(**rules), language, WARSAW)


def test_the_usual_slip_tells_all() -> None:
    assert made() == Slip(
        "P042",
        office="Urząd Wojewódzki",
        hall="Sala A",
        service="Paszport",
        rows=(
            ("Wizyta", "10:00"),
            ("Wydano", "24.11.2026 09:41"),
            ("Przed Tobą", "3"),
            ("Wezwanie ok.", "10:00–10:05"),
        ),
        prepare="Przygotuj: dowód",
        qr="https://numerek.test/t/abc",
        qr_caption="Śledź kolejkę w telefonie",
    )


@pytest.mark.parametrize(
    ("rules", "differs"),
    [
        ({"office": {"pl": "DUW"}}, {"office": "DUW"}),
        ({"office": {"en": "Office"}}, {}),
        ({"hall": False}, {"hall": ""}),
        ({"service": False}, {"service": ""}),
        ({"to_bring": False}, {"prepare": ""}),
        ({"qr": False}, {"qr": "", "qr_caption": ""}),
        ({"footer": {"pl": "WC: parter\nTel. 22"}}, {"lines": ("WC: parter", "Tel. 22")}),
        ({"logo": False}, {"no_logo": True}),
        ({"number_size": "large"}, {"number_size": "large"}),
        ({"cut": "full"}, {"cut": "full"}),
        ({"rows": ("ahead", "issued")}, {"rows": (("Przed Tobą", "3"), ("Wydano", "24.11.2026 09:41"))}),
        ({"rows": ()}, {"rows": ()}),
        ({"mark_copies": False}, {}),
    ],
)  # fmt: skip
def test_each_setting_changes_its_part_alone(rules: dict[str, Any], differs: dict[str, Any]) -> None:
    assert made(**rules) == replace(made(), **differs)


def test_a_copy_is_marked_unless_the_office_rules_otherwise() -> None:
    copy = replace(TICKET, is_copy=True)
    assert made(copy).copy_mark == "KOPIA"
    assert made(copy, mark_copies=False).copy_mark is None
    assert made().copy_mark is None


def test_rows_of_which_a_ticket_has_nothing_are_left_out() -> None:
    walk_in = replace(TICKET, appointment_at=None, expected_from=None, expected_until=None, not_today=True)
    assert [label for label, _ in made(walk_in).rows] == ["Wydano", "Przed Tobą", "Wezwanie"]
    assert made(walk_in).rows[-1][1] == "już nie dziś"


def test_the_number_is_as_large_as_the_office_wants() -> None:
    heights = [preview(made(number_size=size)).height for size in ("small", "usual", "large")]
    assert heights == sorted(set(heights))


def test_the_cut_and_the_missing_picture_go_before_the_printers_settings(tmp_path: Any) -> None:
    from PIL import Image

    Image.new("L", (100, 60), 0).save(tmp_path / "logo.png")
    settings = PrinterSettings("tcp://printer", cut="part", logo=str(tmp_path / "logo.png"))
    usual = encode(made(), settings)
    assert encode(made(cut="full"), settings) == encode(made(), replace(settings, cut="full")) != usual
    assert len(encode(made(logo=False), settings)) < len(usual)


@pytest.mark.parametrize("text", [*HOSTILE, "W" * 500, "\n".join("x" * 30 for _ in range(99)), "{number}%s"])
@pytest.mark.parametrize("width", [384, 576])
def test_hostile_and_overlong_texts_are_printed_and_nothing_else(text: str, width: int) -> None:
    ticket = replace(TICKET, office=text, hall=text, service=text, prepare=text)
    slip = made(ticket, office={"pl": text}, footer={"pl": text})
    assert len(slip.lines) <= MOST_FOOT_LINES
    assert preview(slip, width).width == width
    assert encode(slip, PrinterSettings("tcp://printer", free_lines=("a", "b")))


def test_the_languages_have_the_same_words_with_the_same_facts() -> None:
    assert set(languages()) == {"pl", "en", "uk", "ru", "be", "vi", "ar", "ka"}
    with pytest.raises(KeyError):
        made(language="../pl")


def test_the_first_hour_is_the_one_read_first() -> None:
    said = {language: dict(made(language=language).rows) for language in ("pl", "ar")}
    assert said["pl"]["Wezwanie ok."] == "10:00–10:05"
    assert said["ar"]["النداء المتوقع"] == "10:05–10:00"


@pytest.mark.parametrize("language", languages())
def test_every_letter_of_the_words_can_be_printed(language: str) -> None:
    later = replace(TICKET, expected_from=None, expected_until=None, not_today=True, is_copy=True)
    for slip in (made(language=language), made(later, language)):
        said = [
            *(label for label, _ in slip.rows),
            slip.rows[-1][1],
            slip.prepare,
            slip.qr_caption,
            slip.copy_mark,
        ]
        letters = {each for each in "".join(filter(None, said)) if not each.isspace()}
        assert [each for each in letters if not covers(family_for(each), each)] == []
        assert slip.direction == ("rtl" if language == "ar" else "ltr")


def test_kiosk_server_and_printer_know_the_same_settings_with_the_same_defaults() -> None:
    told = SlipPolicy().layout()
    assert SlipLayout(**told) == SlipLayout()
    assert SlipSettings(**told) == SlipSettings()
    names = [each.name for each in fields(SlipLayout)]
    assert [each.name for each in fields(SlipPolicy)] == names == [*SlipSettings.model_fields]
