"""Whose reservation an address leads to: an account's by its number, a guest's by a link that nobody guesses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from server.portal import visitor_session
from server.services.booking.owners import Owner, reservation_of_link
from server.web.pages import go
from server.web.request_context import request_context

pages = Blueprint("reservations", __name__)
# A number that a row can have.
NUMBER = "<int(max=9223372036854775807):number>"


@dataclass(frozen=True, slots=True)
class Way:
    """A reservation by its address: `words` lead to its other pages."""

    reservation_id: int
    owner: Owner
    words: dict[str, Any]

    def to(self, page: str) -> str:
        """Return the address of one of its pages."""
        return url_for(f"reservations.{page}", **self.words)

    def to_file(self, kind: str) -> str:
        """Return the address of its confirmation as a file: pdf or ics."""
        return url_for("reservations.confirmation", kind=kind, **self.words)

    def go(self, page: str) -> ResponseReturnValue:
        """Send on to one of its pages."""
        return go(f"reservations.{page}", **self.words)


def owner() -> Owner:
    """Return who asks: the account, with the browser in which it may have been a guest; else the browser."""
    account = visitor_session.account()
    if account is None:
        return Owner(browser=visitor_session.browser())
    return Owner(account_id=account.id, browser=visitor_session.known_browser())


def way(number: int | None, link: str | None) -> Way:
    """Read an address. Raises RuleBroken 404 for a link that is none of ours."""
    if link is not None:
        return Way(reservation_of_link(request_context(), link), Owner(link=link), {"link": link})
    return Way(number or 0, owner(), {"number": number})


def way_of(reservation_id: int, asks: Owner) -> Way:
    """Return the way to a reservation that was just made: a guest gets the link that can be kept."""
    if asks.account_id is not None:
        return Way(reservation_id, asks, {"number": reservation_id})
    link = request_context().keys.visit_token(reservation_id)
    return Way(reservation_id, Owner(link=link), {"link": link})


def log_in_first(way: Way) -> ResponseReturnValue | None:
    """Redirect to the log-in, and from there back: a letter may have led here."""
    if way.owner.account_id is None and way.owner.link is None and request.method == "GET":
        return redirect(url_for("log_in.show", next=request.path), 303)
    return None
