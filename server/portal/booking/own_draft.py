"""The draft behind an address: only its owner's, and only on the page that comes next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from server.domain.booking.details import Days
from server.domain.booking.policy import BookingPolicy
from server.domain.office.hours import day_of
from server.domain.release.draw import last_wished_day
from server.portal import languages
from server.portal.booking import steps as told
from server.portal.booking.gates import not_here
from server.portal.booking.reservations.own_reservation import owner, way_of
from server.portal.guard import limits
from server.portal.guard.challenge import Passed
from server.services.booking import drafts
from server.services.booking.drafts import DraftState, DraftView
from server.services.context import Context
from server.services.guard.evidence import Traces
from server.services.office.settings import BranchView, ServiceView
from server.services.release import publication
from server.services.release.applications import OwnApplication, mine_in
from server.services.release.applying import DRAW
from server.services.release.publication import DrawState, DrawView
from server.services.store_types import Session
from server.web import times
from server.web.pages import go, look, read, write
from server.web.request_context import request_context

PASSED = "challenge"
_MS = timedelta(milliseconds=1)
_MOST_PAGES = 40


@dataclass(frozen=True)
class OwnDraft:
    """The visitor's own draft, by the secret in its address."""

    token: str
    draft: DraftView
    # For a draft of an application: the draw, and the account's application in it that would be changed.
    draw: DrawView | None = None
    entry: OwnApplication | None = None

    @property
    def branch(self) -> BranchView:
        """Return the branch that was chosen."""
        return self.draft.branch

    @property
    def service(self) -> ServiceView:
        """Return the service that was chosen."""
        return self.draft.service

    @property
    def said(self) -> Mapping[str, Any]:
        """Return what was told so far."""
        return self.draft.details

    @property
    def rules(self) -> BookingPolicy:
        """Return how the service is booked."""
        return self.service.policy.booking

    @property
    def zone(self) -> ZoneInfo:
        """Return the branch's zone."""
        return self.branch.policy.zone

    @property
    def starts_at(self) -> datetime:
        """Return the chosen hour; now, while there is none."""
        return self.draft.starts_at or request_context().now

    @property
    def when(self) -> str:
        """Say what was chosen: the hour, or the draw of which days; empty before there is an hour."""
        if self.draw is not None:
            first, last = times.day(self.draw.first_day), times.day(self.draw.last_day)
            return _("Draw of places from %(first)s to %(last)s", first=first, last=last)
        return times.day_and_hour(self.draft.starts_at, self.zone) if self.draft.starts_at else ""

    @property
    def days(self) -> Days:
        """Return the day it is, and the day of the visit."""
        today = day_of(request_context().now, self.zone)
        if self.draw is not None:
            return Days(today, self.draw.first_day, (self.draw.first_day, self.draw.last_day))
        return Days(today, day_of(self.starts_at, self.zone))

    @property
    def last_day(self) -> date:
        """Return the last day on which the visit can be: with a draw, of those wished for."""
        if self.draw is not None:
            return last_wished_day(self.said.get("wishes", ()), self.draw.last_day)
        return self.days.visit

    @property
    def steps(self) -> tuple[str, ...]:
        """Return the pages that ask something, in order."""
        return told.steps(self.rules, is_drawn=self.draw is not None)

    def counted(self, step: str) -> str:
        """Say which of the pages a step is; the check of all answers is the last."""
        every = (*self.steps, "check")
        return _("Step %(number)s of %(total)s", number=every.index(step) + 1, total=len(every))

    @property
    def calendar(self) -> str:
        """Return where this began: at the days of the service, or at a draw."""
        if self.draw is not None:
            return url_for("release.draw", draw=self.draw.public_id)
        return url_for("book.calendar", branch=self.branch.code, letter=self.service.letter)

    @property
    def has_passed(self) -> bool:
        """Say whether the puzzle was solved, or what stands for it: once a draft (rule 9), and once a draw."""
        return PASSED in self.draft.traces or self.entry is not None

    @cached_property
    def missing(self) -> str | None:
        """Return the first page whose answers are not there or not right."""
        missing = told.missing_step(self.said, self.rules, self.days)
        return missing or (None if self.has_passed else "contact")

    def next_page(self) -> ResponseReturnValue:
        """Go to the first page that lacks answers, else to the check of all."""
        return go(f"book.{self.missing or 'check'}", token=self.token)

    def over(self) -> ResponseReturnValue | None:
        """Send on from a draft that was booked, or whose service cannot be booked here any more."""
        if self.draft.reservation_id is not None:
            return way_of(self.draft.reservation_id, owner()).go("show")
        if self.draw is not None and self.draw.state is not DrawState.OPEN:
            return redirect(self.calendar, 303)
        return not_here(self.branch, self.service)

    def elsewhere(self, step: str) -> ResponseReturnValue | None:
        """Redirect visitors who cannot be on a page yet or any more: no page can be skipped."""
        if away := self.over():
            return away
        if self.draft.starts_at is None and self.draw is None:
            return go("book.hour", token=self.token)
        wanted = (*self.steps, "check")
        missing = self.missing
        is_skipped = missing is not None and step in wanted and wanted.index(missing) < wanted.index(step)
        return self.next_page() if step not in wanted or is_skipped else None

    def shown(self) -> dict[str, Any]:
        """Return what each page of a draft shows of the visit."""
        return {
            "token": self.token,
            "starts_at": self.draft.starts_at,
            "when": self.when,
            "draw": self.draw,
            "entry": self.entry,
            "branch": self.branch,
            "service": self.service,
            "name": self.service.name(languages.current()),
            "zone": self.zone,
            "help_phone": self.branch.policy.phone,
        }


def find(token: str) -> OwnDraft:
    """Find the draft of an address; another's, and one that is over, is answered with 404."""
    asks = owner()
    draft = look(lambda place, context: drafts.load(place, context, asks, token))
    if (draw := draft.details.get(DRAW)) is None:
        return OwnDraft(token, draft)

    def drawn(session: Session, context: Context) -> OwnDraft:
        entry = mine_in(session, context, asks.account_id, draw)
        return OwnDraft(token, draft, publication.find(session, context, draw), entry)

    return read(drawn)


def keep(own: OwnDraft, typed: Mapping[str, Any], passed: Passed | None = None) -> OwnDraft:
    """Keep what was typed, and how long it took; what other pages kept stays. Return the draft as it is now."""
    asks, details = owner(), {**own.said, **typed}
    traces = _traced(own.draft, passed)
    write(
        lambda session, context: drafts.keep(
            session, context, asks, own.token, details=details, traces=traces
        )
    )
    return replace(own, draft=replace(own.draft, details=details, traces=traces))


def traces_of(draft: DraftView | DraftState) -> Traces:
    """Gather what the browser left while it booked, as evidence (rule 9)."""
    took = request_context().now - draft.made_at
    return Traces(
        address_block=limits.address_block(),
        agent=request.headers.get("User-Agent", ""),
        fill_ms=round(took / _MS),
        challenge_ms=draft.traces.get("challenge_ms"),
        pages_ms=tuple(draft.traces.get("pages_ms", ())),
        challenge=draft.traces.get(PASSED, "none"),
    )


def _traced(draft: DraftView, passed: Passed | None) -> dict[str, Any]:
    before = list(draft.traces.get("pages_ms", ()))[-_MOST_PAGES:]
    took = round((request_context().now - draft.made_at) / _MS) - sum(before)
    traces = {**draft.traces, "pages_ms": [*before, took]}
    return traces | ({} if passed is None else {PASSED: passed.how, "challenge_ms": passed.took_ms})
