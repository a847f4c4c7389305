"""Kiosks that go on alone: the list that each keeps, and what it sends afterwards (ADR 0026)."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from server.api import responses
from server.api.authentication import Visit
from server.api.routes import API, CLERK, KIOSK, Answer, route
from server.api.visitors import offered
from server.services.context import RuleBroken
from server.services.queue.offline import Said, take_in
from server.services.queue.offline_calls import LineCall
from server.services.queue.views.offline_list import (
    BranchAlone,
    RulesShown,
    alone,
    key_and_letter,
    line_key,
    next_ordinals,
)
from server.services.store_types import Session
from wire import messages as wire
from wire.messages.offline import offline_number, signature_of
from wire.vocabulary import Conflict

# What changes all the time and decides nothing: the rest alone makes a list another one.
_PASSING: dict[str, Any] = {"made_at": True, "services": {"__all__": {"offer": {"waiting", "wait_minutes"}}}}


@route("GET /offline/list?line", KIOSK, {200: wire.SignedList, 304: None, 409: wire.Problem})
def list_for_offline(visit: Visit, session: Session) -> Answer:
    """Give a kiosk what it needs to go on alone, signed for it; 304 while it has the same.

    409 `offline_off` where the office lets no kiosk do so, `no_letter` where it has no letter (it is given one
    with its report, while there are any). With `line=1` it tells the key of the day too, by which counters may
    call from the kiosk's own line.
    """
    place, context = visit.caller.place, visit.context
    branch = context.branch(place.branch_id)
    if not branch.policy.offline_hours:
        raise RuleBroken(409, "offline_off")
    own = key_and_letter(session, place.id)
    if own is None:
        raise RuleBroken(409, "no_letter")
    token_hash, letter = own
    shared = visit.runtime.views.get(
        session,
        context,
        ("offline", branch.id),
        lambda: alone(session, context, branch.id, visit.runtime.hashes),
    )
    ordinals = next_ordinals(session, branch, shared.day, letter)
    listed = _listed(shared, letter, ordinals, offered(visit, session), has_line=visit.asked.asks_for("line"))
    visit.asked.etag = sha256(listed.model_dump_json(exclude=_PASSING).encode()).hexdigest()[:16]
    body = listed.model_dump_json(exclude_none=True)
    return 200, wire.SignedList(body=body, signature=signature_of(body, token_hash))


@route("GET /offline/line-key", CLERK, {200: wire.LineKey, 409: wire.Problem})
def line_key_for_counter(visit: Visit, session: Session) -> Answer:
    """Give a clerk's program what lets it call from a kiosk's own line today; 409 `offline_off`."""
    branch = visit.context.branch(visit.caller.place.branch_id)
    if not branch.policy.offline_hours:
        raise RuleBroken(409, "offline_off")
    return 200, wire.LineKey(key=line_key(visit.context, branch))


@route("POST /offline/entries", KIOSK, {201: wire.EntryTaken, 503: wire.Problem}, wire.OfflineEntry)
def take_offline_entry(visit: Visit, session: Session, body: wire.OfflineEntry) -> Answer:
    """Keep what a kiosk gave while it was alone: with its ticket, or with a conflict that staff see."""
    number = offline_number(body.series, body.ordinal)
    said = Said(
        body.at,
        body.service,
        body.series,
        body.ordinal,
        number,
        body.language,
        body.priority,
        body.reservation,
        _call(body),
    )
    key = body.unanswered
    commands = [visit.command(f"POST {API}/{each}", key) for each in ("check-ins", "tickets")] if key else []
    kept = take_in(session, visit.context, visit.caller.place, said, commands)
    conflict = None if kept.conflict is None else Conflict(kept.conflict)
    return 201, wire.EntryTaken(number=kept.number, ticket=kept.ticket_id, conflict=conflict)


def _call(body: wire.OfflineEntry) -> LineCall | None:
    if body.called_at is None or body.counter is None:
        return None
    return LineCall(body.counter, body.called_at, body.ended_at, bool(body.no_show))


def _listed(
    shared: BranchAlone,
    letter: str,
    ordinals: dict[str, int],
    offer: wire.ServicesAnswer,
    *,
    has_line: bool,
) -> wire.OfflineList:
    rules = {each.service: each for each in shared.rules}
    return wire.OfflineList(
        branch=shared.branch,
        zone=shared.zone,
        day=shared.day,
        day_starts_at=shared.day_starts_at,
        made_at=shared.made_at,
        valid_until=shared.valid_until,
        letter=letter,
        next_ordinals=ordinals,
        salt=shared.salt,
        line_key=shared.line_key if has_line else None,
        services=[_service(each, rules[each.code]) for each in offer.services if each.code in rules],
        reservations=[responses.like(wire.OfflineReservation, each) for each in shared.visits],
    )


def _service(offer: wire.ServiceOffer, rules: RulesShown) -> wire.OfflineService:
    return wire.OfflineService(
        offer=offer,
        lead_minutes=rules.lead_minutes,
        earliest_minutes=rules.earliest_minutes,
        grace_minutes=rules.grace_minutes,
        is_open=rules.is_open,
        is_stopped=rules.is_stopped,
        walk_ins_stopped=rules.walk_ins_stopped,
        opening_hours=_hours(rules.opening_hours),
        walk_in_hours=_hours(rules.walk_in_hours),
        daily_limit=rules.daily_limit,
        issued_today=rules.issued_today,
    )


def _hours(shown: object) -> wire.OfflineHours | None:
    return None if shown is None else responses.like(wire.OfflineHours, shown)
