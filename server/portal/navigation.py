"""What stands around every page: the office's name, the ways in, and what the law wants at the foot."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request, url_for
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from server.web.request_context import request_context
from wire.vocabulary import ReleaseMode

_ALWAYS = (("book.branches", _l("Book a visit")), ("services.listed", _l("Services")))
_LOGGED_IN = (
    ("reservations.mine", _l("My reservations")),
    ("account.show", _l("My account")),
    ("log_in.leave", _l("Log out")),
)
_NOT_LOGGED_IN = (("log_in.show", _l("Log in")),)
# Pages without a way of their own in the frame, and the one under which they are found.
_PART_OF = {
    **{"service": "services", "release": "book", "questions": "reservations"},
    **dict.fromkeys(("account_password", "account_email", "account_deletion", "account_terms"), "account"),
}
# Only where places are drawn.
_DRAWS = (("release.listed", _l("Draws of places")),)
_FOOT = (
    ("terms.show", _l("Terms")),
    ("privacy.show", _l("Your data")),
    ("accessibility.show", _l("Accessibility")),
    ("contact.show", _l("Contact")),
)


@dataclass(frozen=True, slots=True)
class Item:
    """A way to a page."""

    text: str
    href: str
    current: bool


def office_name() -> str:
    """Return the office's name: its first branch's."""
    branches = request_context().office.branches.values()
    return next((branch.name for branch in branches), "Numerek")


def items() -> list[Item]:
    """Return the ways in for this visitor."""
    return _items((*_ALWAYS, *(_LOGGED_IN if current_user.is_authenticated else _NOT_LOGGED_IN)))


def footer() -> list[Item]:
    """Return the ways at the foot."""
    return _items((*(_DRAWS if has_draws() else ()), *_FOOT))


def has_draws() -> bool:
    """Say whether the places of some service are drawn."""
    rules = [each.policy.booking for each in request_context().office.services.values()]
    return any(each.release == ReleaseMode.DRAW and each.is_online for each in rules)


def has_page(endpoint: str) -> bool:
    """Say whether there is such a page."""
    return endpoint in current_app.view_functions


def section() -> str:
    """Return under which way of the frame this page is found."""
    here = (request.endpoint or "").partition(".")[0]
    return _PART_OF.get(here, here)


def _items(ways: tuple[tuple[str, object], ...]) -> list[Item]:
    here = section()
    return [Item(str(text), url_for(endpoint), endpoint.partition(".")[0] == here) for endpoint, text in ways]
