"""The confirmation as paper and in a calendar: read back by other programs than those that wrote it."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import vobject
from PIL import Image
from pypdf import PdfReader

from kiosk.qr.ladder import by_zbar, by_zxing
from server.adapters.papers import OfficePapers
from server.adapters.papers.office_papers import confirmation_page
from server.adapters.papers.qr import qr_svg
from server.services.ports import Visit
from server.texts import LANGUAGES
from tests.server.adapters.samples import TEN, VISIT, visit
from tests.server.adapters.test_letters import HOSTILE, hostile_visit


@pytest.fixture(scope="module")
def papers() -> Iterator[OfficePapers]:
    """Give papers with a press of their own."""
    made = OfficePapers()
    yield made
    made.stop()


# Poppler marks which way each line runs.
_DIRECTIONS = "\u202a\u202b\u202c"


def text_of(pdf: bytes, tmp_path: Path) -> str:
    """Read a PDF's text with poppler."""
    (tmp_path / "paper.pdf").write_bytes(pdf)
    done = subprocess.run(
        ["pdftotext", "-layout", "paper.pdf", "-"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    return "".join(each for each in done.stdout if each not in _DIRECTIONS)


def picture_of(pdf: bytes, tmp_path: Path, dots: int = 100) -> Image.Image:
    """Draw a PDF's first page with poppler, at so many dots an inch."""
    (tmp_path / "paper.pdf").write_bytes(pdf)
    subprocess.run(
        ["pdftoppm", "-r", str(dots), "-gray", "-f", "1", "-l", "1", "-singlefile", "paper.pdf", "paper"],
        cwd=tmp_path,
        check=True,
    )
    return Image.open(tmp_path / "paper.pgm")


def tree(pdf: bytes) -> Iterator[Any]:
    """Walk through the structure of a tagged PDF."""
    waiting = [PdfReader(io.BytesIO(pdf)).trailer["/Root"]["/StructTreeRoot"]["/K"]]  # type: ignore[index]
    while waiting:
        each = waiting.pop().get_object()
        if isinstance(each, list):
            waiting += [kid for kid in each if not isinstance(kid, int)]
        elif "/S" in each:
            yield each
            kids = each.get("/K", [])
            waiting += [kids] if not isinstance(kids, int) else []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_confirmation_says_all_that_is_needed_on_one_page(
    papers: OfficePapers, tmp_path: Path, language: str
) -> None:
    pdf = papers.confirmation_pdf(VISIT, language)
    text = text_of(pdf, tmp_path)
    for needed in (
        *("482 910 378", "10:00", "09:45", "Sala A", "Paszport – wniosek", "pl. Powstańców Warszawy 1"),
        *("Ганна Łucja Żółć-Nowak", "Ола (2019", "Potwierdzenie opłaty 140 zł", "71 340 69 27"),
        VISIT.map_url or "",
    ):
        assert needed in text
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 1


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("pl", "Twój legalny pobyt kończy się 22 listopada 2026"),
        ("en", "Your legal stay ends on 22 November 2026"),
        ("uk", "Ваше законне перебування закінчується 22 листопада 2026"),
        ("ru", "Ваше законное пребывание заканчивается 22 ноября 2026"),
    ],
)
def test_the_confirmation_warns_of_a_legal_stay_that_ends_before_the_visit(
    papers: OfficePapers, tmp_path: Path, language: str, said: str
) -> None:
    pdf = papers.confirmation_pdf(visit(legal_stay_until=date(2026, 11, 22)), language)
    assert said in text_of(pdf, tmp_path)
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 1
    assert said not in confirmation_page(visit(legal_stay_until=date(2026, 11, 23)), language)


def test_both_readers_of_the_kiosk_read_its_qr_from_paper(papers: OfficePapers, tmp_path: Path) -> None:
    gray = np.ascontiguousarray(np.asarray(picture_of(papers.confirmation_pdf(VISIT, "pl"), tmp_path)))
    assert by_zxing(gray) == [VISIT.qr]
    assert by_zbar(gray) == [VISIT.qr]


def test_the_qr_has_its_quiet_zone(papers: OfficePapers) -> None:
    assert 'viewBox="0 0 33 33"' in qr_svg(VISIT.qr or "", "code")
    assert "M4 4h7v1h-7z" in qr_svg(VISIT.qr or "", "code")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_confirmation_is_made_for_screen_readers_too(papers: OfficePapers, language: str) -> None:
    """Check by hand what PDF/UA-1 asks for and can be seen from outside (ISO 14289-1, Matterhorn 1.1)."""
    pdf = papers.confirmation_pdf(VISIT, language)
    read = PdfReader(io.BytesIO(pdf))
    root: Any = read.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == language
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert read.metadata is not None
    assert VISIT.appointment_at.strftime("%Y") in (read.metadata.title or "")
    xmp = root["/Metadata"].get_object().get_data()
    assert b"pdfuaid:part" in xmp
    found = list(tree(pdf))
    kinds = [str(each["/S"]) for each in found]
    assert kinds.count("/H1") == 1
    assert {"/H2", "/Table", "/TR", "/TH", "/TD", "/L", "/LI", "/LBody", "/Link", "/Figure"} <= set(kinds)
    (figure,) = [each for each in found if each["/S"] == "/Figure"]
    assert figure["/Alt"]
    for page in read.pages:
        assert page["/Tabs"] == "/S"
        assert "/StructParents" in page
        for annotation in page.get("/Annots", []):
            assert annotation.get_object().get("/Contents") or "/StructParent" in annotation.get_object()
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            assert "/ToUnicode" in font.get_object()
            (child,) = font.get_object()["/DescendantFonts"]
            descriptor = child.get_object()["/FontDescriptor"].get_object()
            assert any(f"/FontFile{kind}" in descriptor for kind in ("", "2", "3"))


def test_every_word_of_the_paper_is_in_its_structure(papers: OfficePapers) -> None:
    """Nothing is drawn outside marked content: a screen reader would not know of it."""
    content = PdfReader(io.BytesIO(papers.confirmation_pdf(VISIT, "pl"))).pages[0].get_contents()
    assert content is not None
    depth = 0
    for _, operator in content.operations:
        if operator in (b"BDC", b"BMC"):
            depth += 1
        elif operator == b"EMC":
            depth -= 1
        elif operator in (b"Tj", b"TJ"):
            assert depth > 0


@pytest.mark.parametrize("status", ["pending", "cancelled", "lapsed", "held"])
def test_a_visit_that_has_no_code_gets_a_paper_without_one(
    papers: OfficePapers, tmp_path: Path, status: str
) -> None:
    text = text_of(papers.confirmation_pdf(visit(status=status, code=None, qr=None), "en"), tmp_path)
    assert "482" not in text
    assert ("does not take place" in text) == (status in ("cancelled", "lapsed"))


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_a_person_typed_stays_text_on_paper(papers: OfficePapers, tmp_path: Path, hostile: str) -> None:
    told = hostile_visit(hostile)
    page = confirmation_page(told, "pl")
    assert "<script" not in page.lower()
    assert "<img" not in page.lower()
    assert papers.confirmation_pdf(told, "pl").startswith(b"%PDF-")


def test_a_page_of_the_office_is_printed_and_fetches_nothing(papers: OfficePapers, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("TOP SECRET")
    html = (
        f'<h1>Paszport</h1><p>Żółć</p><img src="{secret.as_uri()}" alt="none">'
        f'<link rel="attachment" href="{secret.as_uri()}"><a rel="attachment" href="{secret.as_uri()}">x</a>'
        f'<style>@import url("{secret.as_uri()}"); p {{ background: url(http://127.0.0.1:9/) }}</style>'
    )
    pdf = papers.page_pdf("Paszport <b>", html, "pl")
    assert "Żółć" in text_of(pdf, tmp_path)
    read = PdfReader(io.BytesIO(pdf))
    assert read.metadata is not None
    assert read.metadata.title == "Paszport <b>"
    assert read.attachments == {}
    assert b"TOP SECRET" not in pdf


# --- the calendar file -----------------------------------------------------------------------------------


def calendar(told: Visit, language: str = "pl") -> Any:
    """Read a calendar file with another parser than the one that wrote it."""
    return vobject.readOne(OfficePapers().confirmation_ics(told, language).decode())


@pytest.mark.parametrize("language", LANGUAGES)
def test_another_program_reads_the_visit_in_its_calendar(language: str) -> None:
    read = calendar(VISIT, language)
    event = read.vevent
    assert event.dtstart.value == TEN
    assert event.dtstart.value.utcoffset() == timedelta(hours=1)
    assert event.dtend.value - event.dtstart.value == timedelta(minutes=30)
    assert event.summary.value == "Paszport – wniosek – Urząd Wojewódzki"
    assert event.location.value == "Urząd Wojewódzki, pl. Powstańców Warszawy 1, 50-153 Wrocław, Sala A"
    assert "482 910 378" in event.description.value
    assert VISIT.url in event.description.value
    assert event.valarm.trigger.value == -timedelta(hours=2)
    assert event.status.value == "CONFIRMED"
    assert read.vtimezone.tzid.value == "Europe/Warsaw"


def test_the_same_visit_replaces_itself_and_another_does_not() -> None:
    moved_server = visit(url="https://other.test/pl/reservations/17")
    one, again, there, other = (
        calendar(told).vevent.uid.value
        for told in (VISIT, visit(hall="Sala B"), moved_server, visit(reservation_id=18))
    )
    assert one == again == there
    assert one != other


def test_a_moved_visit_and_a_cancelled_one_are_newer_than_the_first() -> None:
    numbers = [
        int(calendar(told).vevent.sequence.value)
        for told in (VISIT, visit(moves=1), visit(moves=1, status="cancelled", code=None))
    ]
    assert numbers == [0, 1, 2]


@pytest.mark.parametrize("status", ["cancelled", "lapsed", "rejected"])
def test_a_cancelled_visit_is_taken_out_of_the_calendar_without_an_alarm(status: str) -> None:
    read = calendar(visit(status=status, code=None))
    assert (read.method.value, read.vevent.status.value) == ("CANCEL", "CANCELLED")
    assert not hasattr(read.vevent, "valarm")
    assert calendar(VISIT).method.value == "PUBLISH"


def test_the_file_says_when_it_was_made_and_who_sends_it() -> None:
    event = calendar(visit(told_at=TEN - timedelta(days=3), email="wizyty@urzad.test")).vevent
    assert event.dtstamp.value == TEN - timedelta(days=3)
    assert event.organizer.value == "mailto:wizyty@urzad.test"
    assert event.organizer.params["CN"] == ["Urząd Wojewódzki"]
    assert calendar(VISIT).vevent.organizer.value == "https://numerek.test"


@pytest.mark.parametrize(
    ("zone", "rules"),
    [
        ("Europe/Warsaw", {"FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10"}),
        ("America/New_York", {"FREQ=YEARLY;BYDAY=2SU;BYMONTH=3", "FREQ=YEARLY;BYDAY=1SU;BYMONTH=11"}),
        ("UTC", set()),
        ("Asia/Kolkata", set()),
    ],
)
def test_the_changes_of_clocks_are_rules_that_every_program_reads(zone: str, rules: set[str]) -> None:
    written = OfficePapers().confirmation_ics(visit(zone=zone), "pl").decode()
    assert set(re.findall(r"RRULE:(\S+)", written)) == rules
    assert "RDATE" not in written
    assert calendar(visit(zone=zone)).vevent.dtstart.value == TEN


@pytest.mark.parametrize("days", [0, 125, 337])
def test_the_hour_in_the_calendar_is_right_around_the_changes_of_clocks(days: int) -> None:
    at = TEN + timedelta(days=days)
    assert calendar(visit(appointment_at=at)).vevent.dtstart.value == at


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_a_person_typed_stays_a_value_in_the_calendar(hostile: str) -> None:
    written = OfficePapers().confirmation_ics(hostile_visit(hostile), "pl")
    names = {
        line.partition(b":")[0].partition(b";")[0] for line in written.replace(b"\r\n ", b"").splitlines()
    }
    usual = OfficePapers().confirmation_ics(VISIT, "pl").replace(b"\r\n ", b"").splitlines()
    assert names == {line.partition(b":")[0].partition(b";")[0] for line in usual}
    assert all(len(line) <= 75 for line in written.split(b"\r\n"))
