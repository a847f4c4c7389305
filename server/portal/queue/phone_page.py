"""What the phone page says of a ticket: its values, and the part of it that changes, for pages and scripts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from jinja2 import Environment

from server.api.authentication import Runtime
from server.services.context import Context
from server.services.office.settings import BranchView, HallView
from server.services.queue import feedback
from server.services.queue.feedback import Stage
from server.services.queue.views.phone import phone
from server.services.queue.views.ticket import TicketView
from server.services.statistics.published import held_percent
from server.services.store_types import Session
from wire.sentences import Sentences
from wire.vocabulary import TicketStatus

RENEW_SECONDS = 10
"""So often the page renews itself without scripts, and its script asks while it has no stream."""
BESIDE_A_STREAM_SECONDS = 30
"""So often it asks beside a stream, on which it hears of its own calls."""
MARKS = tuple(str(mark) for mark in feedback.MARKS)
_ENDED = frozenset({TicketStatus.FINISHED, TicketStatus.NO_SHOW, TicketStatus.WITHDRAWN})
_BODY = "queue/track_body.html"
_ASKING = {"marks": MARKS, "stages": Stage, "longest": feedback.LONGEST_WORDS}
_LINE, _MARGIN_MINUTES = 316, 5
"""How wide the line of time is drawn, and how many minutes it goes on behind the latest expected call."""


@dataclass(frozen=True, slots=True)
class PhonePage:
    """The page of a ticket in a language: `values` are what its templates fill in."""

    branch_id: int
    values: Mapping[str, Any]
    etag: str

    def state(self, templates: Environment) -> bytes:
        """Write as JSON what the page's script puts into the page, and by what it knows a new call."""
        names = ("status", "call", "said")
        told = {name: self.values[name] for name in names} | {
            "over": not self.values["renew"],
            "html": templates.get_template(_BODY).render(self.values),
        }
        return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def read_page(runtime: Runtime, token: str, language: str | None = None) -> PhonePage:
    """Read the page of a genuine token, in the ticket's language or a chosen one. Raises RuleBroken 404."""
    context = runtime.context()
    return runtime.store.read(lambda session: _read(session, runtime, context, token, language))


def _read(session: Session, runtime: Runtime, context: Context, token: str, chosen: str | None) -> PhonePage:
    ticket, hall = phone(session, context, token)
    branch = context.branch(hall.branch_id)
    language = spoken(chosen or ticket.language)
    seen = {
        "held": held_percent(session, context, runtime.views, branch),
        # Only who was served is asked: all others are spared a look.
        "stage": feedback.stage(session, context, token)
        if ticket.status is TicketStatus.FINISHED
        else Stage.CLOSED,
        **_of_ticket(ticket, branch, hall, language),
        "times": _times(ticket, context.now, branch.policy.zone),
    }
    etag = hashlib.sha256(repr((language, ticket, seen)).encode()).hexdigest()[:16]
    suffix = "" if language == spoken(ticket.language) else f"?language={language}"
    addresses = {"path": f"/t/{token}", "suffix": suffix}
    values = {"ticket": ticket, **words(language), **seen, **addresses, **_ASKING}
    return PhonePage(branch.id, values, etag)


def _of_ticket(ticket: TicketView, branch: BranchView, hall: HallView, language: str) -> dict[str, Any]:
    say = partial(sentences().say, language)
    service = branch.services.get(ticket.service)
    minutes = branch.policy.phone_pause_minutes
    waits = say(ticket.status)
    if ticket.paused_until is not None:
        waits = say("paused", until=clock(ticket.paused_until, branch.policy.zone))
    at_counter = ticket.status is TicketStatus.CALLED and ticket.counter
    return {
        "status": str(ticket.status),
        "minutes": minutes,
        "said": waits + (f" · {say('counter')} {ticket.counter}" if at_counter else ""),
        "call": f"{ticket.call_count}-{ticket.called_at.timestamp():.0f}" if ticket.called_at else "",
        "steps": [str(step) for step in ticket.steps],
        "renew": 0 if ticket.status in _ENDED else RENEW_SECONDS,
        "hall": hall.name,
        "service": service.name(language) if service else ticket.service_name,
        "prepare": service.prepare(language) if service else ticket.prepare,
        "visit": clock(ticket.appointment_at, branch.policy.zone),
        "languages": [each for each in branch.policy.languages if each in sentences().languages],
    }


def _times(ticket: TicketView, now: datetime, zone: ZoneInfo) -> dict[str, Any] | None:
    """Give the expected call in minutes and hours and on a line of time; None where none is told."""
    place = ticket.place
    if place is None or place.expected_from is None or place.expected_until is None:
        return None
    soonest, latest = (
        max(0, round((at - now).total_seconds() / 60)) for at in (place.expected_from, place.expected_until)
    )
    scale = _LINE / (latest + _MARGIN_MINUTES)
    return {
        "soonest": soonest,
        "latest": max(latest, 1),
        "from": clock(place.expected_from, zone),
        "until": clock(place.expected_until, zone),
        "x": round(soonest * scale),
        "width": max(6, round((latest - soonest) * scale)),
    }


def spoken(language: str) -> str:
    """Return a language in which the pages speak: the one asked for, else English."""
    return language if language in sentences().languages else "en"


def words(language: str) -> dict[str, Any]:
    """Return what every page fills in: how it says things, in which language, from which side."""
    said = {"say": partial(sentences().say, language), "language": language}
    return said | {"direction": _direction(language), "name_of": language_name}


@cache
def _direction(language: str) -> str:
    return Locale.parse(language).text_direction


@cache
def language_name(language: str) -> str:
    """Return a language's own name."""
    name = Locale.parse(language).get_language_name(language) or language
    return name[:1].title() + name[1:]


@cache
def sentences() -> Sentences:
    """Return what the pages say, in every language."""
    return Sentences(Path(__file__).resolve().parent / "texts")


def clock(at: datetime | None, zone: ZoneInfo) -> str | None:
    """Write an instant as people read it from the clock on the wall; None stays None."""
    return None if at is None else at.astimezone(zone).strftime("%H:%M")
