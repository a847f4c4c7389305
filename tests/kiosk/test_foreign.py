"""Codes that are not ours: each is told by its kind, and nothing of what it says goes further."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from kiosk.scanners import ScannerSet, ScriptedScanner
from kiosk.scanners.serial_port import LineBuffer
from kiosk.screens.window import KioskWindow
from kiosk.visit.events import Digit, ForeignScanned, Press, Scanned
from kiosk.visit.foreign import Foreign, kind_of
from kiosk.visit.refusals import SAME_FOREIGN_SECONDS, WAYS
from kiosk.visit.screens import Checking, CodeEntry, Refused, TicketShown
from tests.kiosk.samples import QR
from tests.kiosk.test_texts import LANGUAGES, TEXTS
from tests.kiosk.visitor import Visitor
from wire.codes import new_code, new_token

PASSPORT = (
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
)
RESIDENCE_CARD = (
    "CRPOLZZ00000012<<<<<<<<<<<<<<<",
    "7408122F2904159UKR<<<<<<<<<<<4",
    "KOWALENKO<<OLENA<MARIJA<<<<<<<",
)
TRANSFER = "BCD\n002\n1\nSCT\nBPOTBEB1\nRed Cross\nBE72000000001616\nEUR1\nCHAR\n\nUrgency fund"
SAMPLES = [
    *((line, Foreign.IDENTITY_DOCUMENT) for line in (*PASSPORT, *RESIDENCE_CARD)),
    ("\r\n".join(PASSPORT), Foreign.IDENTITY_DOCUMENT),
    (PASSPORT[0].lower(), Foreign.IDENTITY_DOCUMENT),
    (TRANSFER, Foreign.PAYMENT),
    (TRANSFER.replace("\n", "\r\n"), Foreign.PAYMENT),
    ("|PL|00114020040000300201355387|012345|Abonent|||||", Foreign.PAYMENT),
    ("5260250274|PL|49102028922276300500000000|000100|URZAD|OPLATA SKARBOWA|||", Foreign.PAYMENT),
    ("SPC\r\n0200\r\n1\r\nCH4431999123000889012", Foreign.PAYMENT),
    ("00020101021226580014BR.GOV.BCB.PIX", Foreign.PAYMENT),
    ("ST00012|Name=OOO Tri|PersonalAcc=40702810138250123017", Foreign.PAYMENT),
    ("https://bank.gov.ua/qr/QkNECjAwMgoxClVDVA", Foreign.PAYMENT),
    ("HC1:6BFOXN%TSMAHN-HWWK2RL99TEZP3Z9M52N651W:VSKJ5NA3" * 9, Foreign.HEALTH_CERTIFICATE),
    ("shc:/56762909524320603460292437404460312229595326546034602925", Foreign.HEALTH_CERTIFICATE),
    ("M1DESMARAIS/LUC       EABC123 YULFRAAC 0834 326J001A0025 100", Foreign.TRAVEL_TICKET),
    ("M1KOWALSKA/ANNA MARIAXEABC123 WAWCDGLO 0335 326J001A0025 100", Foreign.TRAVEL_TICKET),
    ("#UT01108000000302C0214", Foreign.TRAVEL_TICKET),
    ("https://wa.me/48600100200", Foreign.WEB_LINK),
    ("HTTP://EXAMPLE.ORG/MENU", Foreign.WEB_LINK),
    ("www.example.org", Foreign.WEB_LINK),
    ("WIFI:T:WPA;S:Hala A;P:secret;;", Foreign.OTHER),
    ("BEGIN:VCARD\nVERSION:3.0\nN:Żółć;Anna\nEND:VCARD", Foreign.OTHER),
    ("5901234123457", Foreign.OTHER),
    ("4829103789", Foreign.OTHER),
    ("NQ1:SHORT", Foreign.OTHER),
    ("NQE1:https://numerek.example.pl#482910", Foreign.OTHER),
    ("M1 SOFTWARE GUIDE", Foreign.OTHER),
    ("A<B", Foreign.OTHER),
    ("", Foreign.OTHER),
]


@pytest.mark.parametrize(("text", "kind"), SAMPLES)
def test_a_text_is_told_by_its_form(text: str, kind: Foreign) -> None:
    assert kind_of(text) is kind


def test_no_code_of_ours_has_the_form_of_another_kind() -> None:
    for _ in range(200):
        assert {kind_of(new_token().qr), kind_of(new_code().digits)} == {Foreign.OTHER}


def test_a_long_hostile_text_costs_nothing() -> None:
    for text in ("M1" + "A" * 100_000, "<" * 100_000, "|" * 100_000, "0" * 100_000):
        assert isinstance(kind_of(text), Foreign)


@pytest.fixture
def visitor() -> Visitor:
    return Visitor()


@pytest.mark.parametrize(("text", "kind"), [each for each in SAMPLES if each[0].isascii() and each[0]])
def test_what_a_scanner_read_is_refused_with_its_kind_and_without_its_words(
    visitor: Visitor, text: str, kind: Foreign
) -> None:
    visitor.do(Scanned(text))
    assert isinstance(visitor.screen, Refused)
    assert (visitor.screen.reason, visitor.screen.facts.why) == ("malformed_code", kind)
    assert visitor.effects == []
    assert text not in repr(visitor.screen)


@pytest.mark.parametrize("kind", Foreign)
def test_a_camera_s_kind_is_refused_in_the_same_way(visitor: Visitor, kind: Foreign) -> None:
    visitor.do(Press.RESERVATION, Digit("4"), ForeignScanned(kind))
    assert isinstance(visitor.screen, Refused)
    assert visitor.screen.facts.why == kind


def test_the_further_lines_of_a_document_do_not_cover_its_kind(visitor: Visitor) -> None:
    visitor.do(Scanned(TRANSFER.split("\n")[0] + "002"), Scanned("SCT"), Scanned("Red Cross"))
    assert visitor.screen.facts.why == Foreign.PAYMENT
    visitor.wait(SAME_FOREIGN_SECONDS + 1)
    visitor.do(Scanned("Red Cross"))
    assert visitor.screen.facts.why == Foreign.OTHER


def test_a_ticket_and_a_check_are_not_disturbed(visitor: Visitor) -> None:
    visitor.do(Press.RESERVATION, Scanned(QR), ForeignScanned(Foreign.WEB_LINK))
    assert isinstance(visitor.screen, Checking)
    visitor = Visitor()
    visitor.get_ticket()
    visitor.do(ForeignScanned(Foreign.PAYMENT))
    assert isinstance(visitor.screen, TicketShown)


def test_from_the_refusal_a_code_can_be_typed(visitor: Visitor) -> None:
    visitor.do(ForeignScanned(Foreign.PAYMENT), Press.RESERVATION)
    assert isinstance(visitor.screen, CodeEntry)
    assert WAYS["malformed_code"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_has_its_own_sentence_and_all_are_told_where_ours_is(language: str) -> None:
    own = {
        TEXTS.say(language, f"refused.malformed_code.{kind}") for kind in Foreign if kind is not Foreign.OTHER
    }
    assert len(own) == len(Foreign) - 1
    assert TEXTS.has(language, "refused.malformed_code.where")


def test_the_screen_says_the_kind_and_nothing_of_the_text(window: KioskWindow, visitor: Visitor) -> None:
    visitor.do(Scanned(PASSPORT[0]))
    window.show_screen(visitor.screen)
    shown = " ".join(label.text() for label in window.findChildren(QLabel))
    own = TEXTS.say(visitor.screen.around.language, "refused.malformed_code.identity_document")
    assert own.replace("\u00a0", " ") in shown.replace("\u00a0", " ")
    assert "ERIKSSON" not in shown
    visitor.wait(60)
    visitor.do(Scanned("5901234123457"))
    window.show_screen(visitor.screen)
    assert own not in " ".join(label.text() for label in window.findChildren(QLabel))


def test_what_is_dropped_for_its_characters_or_length_is_told_too(qapp: object) -> None:
    scanner = ScriptedScanner()
    scanners = ScannerSet([scanner])
    texts: list[str] = []
    kinds: list[str] = []
    scanners.scanned.connect(texts.append)
    scanners.foreign.connect(kinds.append)
    scanners.start()
    for text in ("HC1:" + "A" * 600, "BEGIN:VCARD\nN:Żółć", TRANSFER, "\x02\x03", "", "]Q1"):
        scanner.scan(text)
    assert (texts, kinds) == ([], ["health_certificate", "other", "payment"])


def test_during_the_scanner_test_no_kind_reaches_a_visitor(qtbot: QtBot) -> None:
    scanner = ScriptedScanner()
    scanners = ScannerSet([scanner])
    scanners.start()
    scanners.try_out(True)
    with qtbot.assertNotEmitted(scanners.foreign):
        scanner.scan("HC1:" + "A" * 600)


def test_a_serial_line_that_is_too_long_is_no_code_but_is_told() -> None:
    (line,) = LineBuffer().feed(b"HC1:" + b"A" * 600 + b"\r", 1.0)
    assert len(line) == 257
    assert kind_of(line) is Foreign.HEALTH_CERTIFICATE
