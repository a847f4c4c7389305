"""What a clerk's page is made of: who sits there, the counter as it is now, and what became of the last step."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Response, make_response, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from server.domain.booking.policy import Question
from server.services.booking import verification_decisions
from server.services.context import Context
from server.services.queue.views.counter import CounterShown, counter
from server.services.store_types import ClerkRow, Session
from server.staff import at_counter, branches, languages, staff_session, stream
from server.staff.queue import counter_buttons, counter_words
from server.web.pages import go, read
from server.web.request_context import request_context
from wire.vocabulary import FactType

LISTS = ("waiting", "parked", "no_shows", "finished")
_KEPT = "counter"
_SAID_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Seen:
    """A counter, and beside the ticket in hand what its visitor answered before the visit."""

    shown: CounterShown
    answers: tuple[tuple[str, str], ...]


def clerk() -> ClerkRow | None:
    """Return the reader as a clerk at this browser's counter; None when they do not sit there."""
    found, me, branch = at_counter.clerk(), staff_session.me(), branches.here()
    if found is None or found.clerk_id != me.id or found.device.branch_id != branch.id:
        return None
    return found


def leave_page() -> ResponseReturnValue:
    """Send the whole page to where the clerk sits down."""
    if request.headers.get("HX-Request"):
        return "", 401, {"HX-Redirect": url_for("counter.show")}
    return go("counter.show")


def part(who: ClerkRow) -> Response:
    """Draw the part of the page that lives."""
    is_strip = request.values.get("strip") == "1"
    return make_response(render_template("queue/counter_desk.html", **values(who, is_strip=is_strip)))


def values(who: ClerkRow, *, is_strip: bool = False) -> dict[str, Any]:
    """Return all that the templates of a counter show."""
    branch, now = branches.here(), request_context().now
    seen = read(lambda session, context: _seen(session, context, who))
    shown, language = seen.shown, languages.current()
    place = request_context().office.counters[who.device.counter_id or 0]
    hall = request_context().office.halls[place.hall_id]
    listed = request.values.get("list", "")
    services = sorted(branch.services.values(), key=lambda each: each.letter)
    return {
        "clerk": who,
        "hall": hall,
        "shown": shown,
        "answers": seen.answers,
        "main": counter_buttons.main(shown, branch.policy.outcome_codes),
        "buttons": counter_buttons.of_ticket(shown.current),
        "own_buttons": counter_buttons.of_counter(shown, who.device.counter),
        "attention": counter_buttons.attention(shown, who.device.counter),
        "list": listed if listed in LISTS and getattr(shown, listed) is not None else "waiting",
        "services": [(each.letter, each.name(language)) for each in services],
        "outcomes": [(each, counter_words.outcome(each, language)) for each in branch.policy.outcomes],
        "priorities": [
            (each.code, counter_words.priority(branch.policy, each.code, language))
            for each in branch.policy.priorities_of(by_clerk=True)
        ],
        "priority": shown.current
        and shown.current.priority
        and counter_words.priority(branch.policy, shown.current.priority, language),
        "target": branch.policy.target_wait_minutes,
        "now": now,
        "words": counter_words,
        "said": _said(),
        "undo": _undoable(who),
        "stream": _stream(branch.code, hall.code, who.device.counter),
        "facts": " ".join(str(each) for each in FactType),
        "key": secrets.token_urlsafe(16),
        "is_strip": is_strip,
    }


def _stream(branch: str, hall: str, number: int | None) -> str:
    """Write where the browser hears what happens in the hall and at the counter."""
    topics = f"hall:{hall},counter:{number}"
    return f"{stream.ADDRESS}?{urlencode({'branch': branch, 'topics': topics})}"


def _seen(session: Session, context: Context, who: ClerkRow) -> Seen:
    place = context.office.staffed(who.device.counter_id or 0, who.clerk_id)
    shown = counter(session, context, place, supervised=who.is_supervisor)
    ticket = shown.current
    if ticket is None or ticket.reservation is None:
        return Seen(shown, ())
    found = verification_decisions.answers_of(session, context, ticket.reservation.id).answers
    return Seen(shown, tuple((_say(question.label), _answer(question, said)) for question, said in found))


def _answer(question: Question, said: str | None) -> str:
    """Write an answer as the clerk reads it: a choice by its words."""
    if said is None:
        return "–"
    if question.kind == "choice":
        named = {choice.get("code", str(place)): choice for place, choice in enumerate(question.choices)}
        return _say(named[said]) if said in named else said
    return said


def _say(texts: Any) -> str:
    """Write an office's own text in the page's language, else in whatever there is."""
    spoken = {name: text for name, text in texts.items() if name != "code"}
    return spoken.get(languages.current()) or spoken.get("pl") or next(iter(spoken.values()), "")


# --- what became of the last step --------------------------------------------------------------------


def say(key: str | None, **facts: str) -> None:
    """Have the page say what became of a step, for a while or until the next one; None: nothing more."""
    kept = dict(session.get(_KEPT, {}))
    kept.pop("said", None)
    if key is not None:
        seconds = branches.here().policy.undo_seconds if key in counter_words.DONE else _SAID_SECONDS
        kept["said"] = [key, facts, request_context().now.timestamp() + seconds]
    session[_KEPT] = kept


def _said() -> dict[str, Any] | None:
    kept = session.get(_KEPT, {}).get("said")
    if not kept or kept[2] < request_context().now.timestamp():
        return None
    return {"key": kept[0], "facts": kept[1]}


def keep_undo(who: ClerkRow, ticket: int | None, number: str) -> None:
    """Remember the ticket whose last step may be taken back, or that there is none."""
    kept = dict(session.get(_KEPT, {}))
    kept.pop("undo", None)
    if ticket is not None:
        until = request_context().now.timestamp() + branches.here().policy.undo_seconds
        kept["undo"] = [ticket, number, until, who.session_id]
    session[_KEPT] = kept


def _undoable(who: ClerkRow) -> tuple[int, str] | None:
    kept = session.get(_KEPT, {}).get("undo")
    if not kept or kept[3] != who.session_id or kept[2] < request_context().now.timestamp():
        return None
    return kept[0], kept[1]
