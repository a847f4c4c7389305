"""A page of information with its foot: print, PDF, send to someone, back, and how often it was opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from babel.numbers import format_decimal
from flask import Blueprint, Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from server.api import authentication
from server.portal import languages
from server.portal.guard import limits
from server.portal.office import sending
from server.services.office import page_visits
from server.services.ports import Papers
from server.web import safe_redirects
from server.web.pages import page, read_recent

_MOST_PAPERS = "30 per minute"
MakePage = Callable[..., "Content"]


@dataclass(frozen=True, slots=True)
class Content:
    """What a page tells: title, template of its text, and what that needs; `back` leads where it was found."""

    title: str
    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    back: str | None = None
    caption: str | None = None


@dataclass(frozen=True, slots=True)
class PageActions:
    """What stands below a page, as addresses; None is not offered."""

    pdf: str | None
    send: str | None
    back: str
    visits: str


def add_page(pages: Blueprint, path: str, make: MakePage, prefix: str = "") -> None:
    """Serve a page of information at a path, and its PDF and the form that sends its address below it.

    The endpoints are `show`, `pdf` and `send`; a prefix tells them from those of the blueprint's other page.
    """
    name = f"{pages.name}.{prefix}"

    def show(**words: str) -> Response:
        content = make(**words)
        page_visits.opened(authentication.runtime().store, _key())
        return page(
            "office/page.html",
            content.title,
            content=content,
            foot=_foot(name, content, words),
            **content.values,
        )

    def pdf(**words: str) -> Response:
        outside = authentication.runtime().outside
        if outside is None:
            abort(404)
        content = make(**words)
        # A paper is read elsewhere: its links need the whole address.
        html = render_template(
            "office/paper.html",
            content=content,
            title=content.title,
            url_for=safe_redirects.absolute,
            **content.values,
        )
        limits.stop_too_often("page pdf", block=_MOST_PAPERS)
        body = _printed(outside.papers, content.title, html, languages.current())  # type: ignore[arg-type]
        response = Response(body, content_type="application/pdf")
        response.headers.set("Content-Disposition", "inline", filename=f"{pages.name}.pdf")
        return response

    def send(**words: str) -> ResponseReturnValue:
        content = make(**words)
        return sending.answer(content.title, f"{name}show", words)

    pages.add_url_rule(path, f"{prefix}show", show)
    pages.add_url_rule(f"{path}/page.pdf", f"{prefix}pdf", pdf)
    pages.add_url_rule(f"{path}/send", f"{prefix}send", send, methods=["GET", "POST"])


@lru_cache(64)
def _printed(papers: Papers, title: str, html: str, language: str) -> bytes:
    """Print a page; as it seldom changes, the last ones are kept."""
    return papers.page_pdf(title, html, language)


def _foot(name: str, content: Content, words: Mapping[str, Any]) -> PageActions:
    runtime = authentication.runtime()
    outside = runtime.outside
    key = _key()
    count = read_recent(lambda session, _context: page_visits.visits(session, runtime.store, key))
    return PageActions(
        url_for(f"{name}pdf", **words) if outside is not None else None,
        url_for(f"{name}send", **words),
        content.back or url_for("start.show"),
        format_decimal(count, locale=languages.locale()),
    )


def _key() -> str:
    """Return the page's address without its language: one page, one count."""
    return request.path.removeprefix(f"/{languages.current()}").rstrip("/")
