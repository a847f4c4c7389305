"""The page behind the code that screens in the hall show: a phone chooses a service and has its ticket."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue

from server.api import authentication
from server.domain.queue.paperless import ONE_PHONE, Age
from server.portal.queue import phone_page
from server.portal.queue.track import chosen_language, page, unknown
from server.services.context import Context, RuleBroken
from server.services.queue import paperless
from server.services.queue.check_in import Admitted, Refused
from server.services.queue.paperless import Choosing
from server.services.queue.views import offers
from server.services.queue.views.offers import Offer
from server.services.store_types import DeviceRow, Session
from wire.sentences import Sentences, comma

_COOKIE = "numerek-phone"
_PATH = "/w"
_GONE = {Age.TOO_OLD: 410, Age.NOT_OURS: 404}

pages = Blueprint("hall_code", __name__)


@pages.get(f"{_PATH}/<token>")
def choose(token: str) -> Response:
    """Let a phone choose a service that opens a fresh code; say else that the code is to be scanned again."""
    context = authentication.runtime().context()
    try:
        return _menu(context, token)
    except RuleBroken:
        return unknown()


@pages.post(f"{_PATH}/<token>")
def take(token: str) -> ResponseReturnValue:
    """Give the ticket and lead to its page.

    The form needs no token of its own: the cookie is not sent from other sites, and fits one address only.
    """
    runtime = authentication.runtime()
    context, service = runtime.context(), request.form.get("service", "")
    kept = request.cookies.get(_cookie_name(), "")
    spoken = _language(list(phone_page.sentences().languages))

    def work(session: Session) -> Admitted | Refused | Age:
        return paperless.issue_ticket(session, context, token, kept, service, spoken)

    try:
        outcome = runtime.store.write(work)
    except RuleBroken as broken:
        return _menu(context, token, broken.reason) if broken.status == 429 else unknown()
    if isinstance(outcome, Age):
        return _scan_again(outcome)
    if isinstance(outcome, Refused):
        return _menu(context, token, outcome.reason)
    return redirect(outcome.ticket.track_url.removeprefix(context.public_url), 303)


def _menu(context: Context, token: str, refused: str | None = None) -> Response:
    """Show what the branch offers now. Raises RuleBroken 404 where it gives no tickets without paper."""
    runtime = authentication.runtime()
    kept = request.cookies.get(_cookie_name(), "")

    def read(session: Session) -> tuple[Choosing, DeviceRow, list[Offer]] | Age:
        found = paperless.opened(session, context, token, kept)
        if isinstance(found, Age):
            return found
        branch_id = found[1].branch_id
        key = ("paperless", branch_id)
        shown = runtime.views.get(session, context, key, lambda: offers.offers(session, context, branch_id))
        return *found, shown

    found = runtime.store.read(read)
    if isinstance(found, Age):
        return _scan_again(found)
    choosing, device, offered = found
    shown = _services(context, device, offered, f"{_PATH}/{token}", refused)
    _keep(shown, choosing.word(context))
    return shown


def _services(
    context: Context, device: DeviceRow, offered: list[Offer], path: str, refused: str | None
) -> Response:
    branch = context.branch(device.branch_id)
    languages = [each for each in branch.policy.languages if each in phone_page.sentences().languages]
    language = _language(languages)
    return page(
        "queue/hall_code.html",
        language,
        409 if refused else 200,
        ask=partial(_kiosk_sentences().say, language),
        services=[
            (each.service, _name(language, each), _wait(language, each))
            for each in offered
            if each.refusal is None
        ],
        languages=languages,
        hall=branch.halls[device.hall].name,
        refused=refused,
        path=path,
    )


def _keep(response: Response, word: str) -> None:
    """Let the phone keep who it is, for this page only."""
    response.set_cookie(
        _cookie_name(),
        word,
        max_age=int(ONE_PHONE.total_seconds()),
        path=_PATH,
        secure=_is_secure(),
        httponly=True,
        samesite="Lax",
    )


def _scan_again(age: Age) -> Response:
    return page("queue/scan_again.html", _language(phone_page.sentences().languages), _GONE[age])


def _language(languages: list[str]) -> str:
    """Return the language to speak: the one chosen, else the phone's own, else the branch's first."""
    chosen = chosen_language()
    if chosen in languages:
        return str(chosen)
    return request.accept_languages.best_match(languages) or (languages or ["pl"])[0]


def _name(language: str, offer: Offer) -> str:
    return offer.names.get(language) or offer.names.get("en") or offer.service


def _wait(language: str, offer: Offer) -> str:
    """Say how long people wait, as the kiosk does."""
    said = _kiosk_sentences()
    if not offer.waiting:
        return said.say(language, "menu.now")
    people = said.say_count(language, "menu.people", offer.waiting)
    minutes = offer.wait_minutes
    return comma(language).join(
        [people, said.say(language, "menu.wait", minutes=minutes)] if minutes else [people]
    )


@cache
def _kiosk_sentences() -> Sentences:
    """Return what the kiosk says: the phone offers and refuses in the same words."""
    return Sentences(Path(__file__).resolve().parents[3] / "kiosk" / "texts")


def _cookie_name() -> str:
    return f"__Secure-{_COOKIE}" if _is_secure() else _COOKIE


def _is_secure() -> bool:
    return authentication.runtime().public_url.startswith("https:")
