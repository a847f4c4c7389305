"""Writes the office's papers: a page of HTML for each, and the press turns it into a PDF."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from babel import Locale
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from server.adapters.papers.calendar_file import calendar_file
from server.adapters.papers.pdf_renderer import PdfRenderer
from server.adapters.papers.qr import qr_svg
from server.adapters.visit_wording import VisitWords, plain
from server.services.ports import Visit
from server.texts import catalogue

_TEMPLATES = Path(__file__).parent / "templates"


class OfficePapers:
    """Papers in the reader's language; each takes some tenths of a second. Raises NotWritten."""

    def __init__(self, press: PdfRenderer | None = None) -> None:
        self._press = press or PdfRenderer()

    def confirmation_pdf(self, visit: Visit, language: str) -> bytes:
        """Print the confirmation of a visit, with its code in large type and its QR."""
        return self._press.print(confirmation_page(visit, language))

    def confirmation_ics(self, visit: Visit, language: str) -> bytes:
        """Write a visit as a calendar file."""
        return calendar_file(visit, language)

    def page_pdf(self, title: str, html: str, language: str) -> bytes:
        """Print the inside of an information page; `html` is our own template's, never a visitor's."""
        body = Markup(html)  # noqa: S704 - see above
        return self._press.print(
            _sheet(language).get_template("page.jinja").render(title=plain(title), body=body)
        )

    def stop(self) -> None:
        """End the press."""
        self._press.stop()


def confirmation_page(visit: Visit, language: str) -> str:
    """Write the confirmation as the HTML that is printed."""
    sheet, words = _sheet(language), VisitWords(visit, language)
    title = catalogue(language).gettext("QR code for the kiosk, with the same code as beside it")
    drawn = qr_svg(words.visit.qr, title) if words.visit.qr else None
    return sheet.get_template("confirmation.jinja").render(words=words, visit=words.visit, qr=drawn)


@cache
def _sheet(language: str) -> Environment:
    sheet = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    sheet.install_gettext_translations(catalogue(language), newstyle=True)  # type: ignore[attr-defined]
    direction = Locale.parse(language).text_direction
    start, end = ("left", "right") if direction == "ltr" else ("right", "left")
    sheet.globals.update(language=language, direction=direction, start=start, end=end)
    return sheet
