"""The report of a month as PDF: whose, of which months, and that it says what the page says."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace

import pytest
from pypdf import PdfReader
from sqlalchemy import update

from server.adapters.papers import OfficePapers
from server.adapters.plots import PlotRenderer
from server.services.access import users
from server.services.ports import NotWritten, Outside
from server.store.tables import Service
from tests.server.portal.outer import outer_world
from tests.server.sample_office import SampleOffice
from tests.server.services.statistics.test_keeping import kept, served
from tests.server.staff.people import People
from tests.server.staff.statistics.test_files import HOSTILE
from tests.server.staff.statistics.test_overview import PAGE, PlotsKept, SignedIn, figures, made
from wire.vocabulary import Role

PDF = f"{PAGE}/report.pdf"


class PapersKept:
    """Papers that are their own words."""

    def __init__(self) -> None:
        self.printed: list[tuple[str, str, str]] = []
        self.broken = False

    def page_pdf(self, title: str, html: str, language: str) -> bytes:
        """Keep what was printed."""
        if self.broken:
            raise NotWritten("broken")
        self.printed.append((title, html, language))
        return b"%PDF-"


@pytest.fixture
def papers(office: SampleOffice, monkeypatch: pytest.MonkeyPatch) -> PapersKept:
    """Give the office papers that remember."""
    found = PapersKept()
    outside: Outside = replace(outer_world(), plots=PlotsKept(), papers=found)  # type: ignore[arg-type]
    runtime = replace(office.runtime, outside=outside)
    monkeypatch.setitem(office.app.extensions["staff"]().extensions, "numerek", runtime)
    return found


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.MANAGER, 200), (Role.AUDITOR, 200), (Role.SUPERVISOR, 403), (Role.CLERK, 403)],
)
def test_managers_and_auditors_have_it(
    papers: PapersKept, signed_in: SignedIn, role: Role, status: int
) -> None:
    answer = signed_in(role).get(f"{PDF}?month=2026-10")
    assert answer.status == status
    if status == 200:
        assert answer.headers["Content-Type"] == "application/pdf"
        assert "wroclaw-2026-10.pdf" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    "month", ["", "x", "2026-12", "2024-11", "2026-1", "2026-10-01", "0000-00", "9999-12"]
)
def test_a_month_that_there_is_not_is_not_found(papers: PapersKept, signed_in: SignedIn, month: str) -> None:
    assert signed_in(Role.MANAGER).get(f"{PDF}?month={month}").status == 404


def test_it_says_what_the_page_says_of_the_same_month(
    office: SampleOffice, papers: PapersKept, signed_in: SignedIn
) -> None:
    made(office)
    manager = signed_in(Role.MANAGER)
    page = manager.get(f"{PAGE}?period=last_month")
    assert manager.get(f"{PDF}?month=2026-10").status == 200
    title, html, language = papers.printed[0]
    assert (title, language) == ("Statistics: October 2026", "en")
    for name, value in figures(page.text).items():
        assert f'<th scope="row">{name}</th><td class="number">{value}</td>' in html.replace("\xa0", " ")
    assert html.count("<svg/>") == 7
    assert "22 days of this period were made up for the demo" in html
    assert html.count("<h2>") == page.text.count("<h2 ") - 1, "what is said of e-mail is no figure"
    assert "Compared with: September 2026." in html


def test_the_page_offers_the_months_with_the_last_one_chosen(signed_in: SignedIn) -> None:
    page = signed_in(Role.MANAGER).get(PAGE)
    assert '<option value="2026-10" selected>October 2026</option>' in page.text
    assert '<option value="2024-12">December 2024</option>' in page.text
    assert page.text.count('<option value="20') == 24


def test_a_month_without_tickets_and_a_name_that_looks_like_markup(
    office: SampleOffice, papers: PapersKept, signed_in: SignedIn
) -> None:
    names = {"pl": HOSTILE, "en": HOSTILE}
    office.store.write(
        lambda session: session.execute(update(Service).where(Service.letter == "N").values(names=names))
    )
    office.runtime.office.forget()
    served(office)
    kept(office)
    manager = signed_in(Role.MANAGER)
    for month in ("2026-09", "2026-11"):
        assert manager.get(f"{PDF}?month={month}").status == 200
    (_title, empty, _language), (_same, full, _too) = papers.printed
    assert "There are no tickets in this period." in empty
    assert "&lt;b&gt;&amp;" in full
    assert "<b>&" not in full


def test_a_press_that_fails_is_told_as_such(papers: PapersKept, signed_in: SignedIn) -> None:
    papers.broken = True
    assert signed_in(Role.MANAGER).get(f"{PDF}?month=2026-10").status == 503


@pytest.fixture
def presses() -> Iterator[Outside]:
    """Give the presses themselves."""
    plots, pdfs = PlotRenderer(), OfficePapers()
    yield replace(outer_world(), plots=plots, papers=pdfs)
    plots.stop()
    pdfs.stop()


@pytest.mark.timeout(300)
def test_the_presses_print_it_in_polish(one_office: SampleOffice, presses: Outside) -> None:
    made(one_office)
    manager = People(one_office).signed_in(Role.MANAGER)
    one_office.store.write(lambda session: users.speak(session, manager.user_id, "pl"))
    staff = one_office.app.extensions["staff"]()
    staff.extensions["numerek"] = replace(one_office.runtime, outside=presses)
    answer = manager.get(f"{PDF}?month=2026-10")
    assert answer.status == 200
    pages = PdfReader(io.BytesIO(answer.response.data)).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert "Statystyki: październik 2026" in text
    assert "Na ile sprawdzał się przewidywany czas" in text
    assert "minuty czekania, od" in text, "the words of a plot are text in the paper"
