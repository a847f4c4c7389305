"""Where a visitor was going when the account came in between: carried through pages and letters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from flask import current_app, request

from server.portal import languages
from server.web.request_context import request_context
from server.web.safe_redirects import inner
from server.web.times import read_hour


@dataclass(frozen=True, slots=True)
class ChosenHour:
    """An hour that was chosen before the log-in; nothing holds it yet."""

    service: str
    branch: str
    starts_at: datetime
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Destination:
    """A page of ours, and the hour that was chosen on it, where one was."""

    address: str | None = None
    hour: ChosenHour | None = None


def destination() -> Destination:
    """Read where the visitor was going from `next` in the address; anything but a page of ours is left out."""
    address = inner(request.args.get("next"))
    return Destination() if address is None else Destination(address, _hour_of(address))


def _hour_of(address: str) -> ChosenHour | None:
    path, _, query = address.partition("?")
    endpoint, values = current_app.url_map.bind("").match(path, "GET")
    starts_at = read_hour(parse_qs(query).get("hour", [""])[0])
    if endpoint != "book.hours" or starts_at is None:
        return None
    branch = request_context().office.branch_named(values["branch"])
    service = branch.services.get(values["letter"]) if branch else None
    if branch is None or service is None:
        return None
    spoken = languages.current()
    return ChosenHour(service.name(spoken), branch.name, starts_at, branch.policy.zone)
