"""What a supervisor does in a hall: a form for each thing, and back with a sentence on what was done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from server.api import authentication
from server.domain.access.roles import Permission
from server.domain.office.hours import day_of
from server.services.booking.desk import closing
from server.services.context import Context, RuleBroken
from server.services.queue import attention, special_treatment, steering
from server.services.queue.steering import Supervisor
from server.services.queue.views import hall_reading
from server.services.store_types import Session
from server.staff import branches, staff_session
from server.staff.permissions import needs, permitted
from server.staff.queue import wording
from server.staff.queue.hall import AT, hall_named
from server.web.pages import go, page, read, tell, write
from server.web.request_context import request_context
from wire.vocabulary import SteeringKind, Urgency

pages = Blueprint("steering", __name__)
T = TypeVar("T")


@pages.post(AT + "/<hall>/services/<letter>/walk-ins")
@needs(Permission.STEER_HALL)
def walk_ins(hall: str, letter: str) -> ResponseReturnValue:
    """Stop the walk-in tickets of a service for today, or give them again."""
    on = bool(request.form.get("on"))
    done = _("Walk-in tickets for %(letter)s are stopped for today.", letter=letter)
    undone = _("There are walk-in tickets for %(letter)s again.", letter=letter)
    return _set_service(hall, letter, SteeringKind.WALK_INS_STOPPED, on, done if on else undone)


@pages.post(AT + "/<hall>/services/<letter>/closed")
@needs(Permission.STEER_HALL)
def closed(hall: str, letter: str) -> ResponseReturnValue:
    """Close a service for today, or open it again."""
    on = bool(request.form.get("on"))
    done = _("%(letter)s is closed for today: nobody gets a ticket any more.", letter=letter)
    undone = _("%(letter)s is open again.", letter=letter)
    return _set_service(hall, letter, SteeringKind.SERVICE_CLOSED, on, done if on else undone)


@pages.route(AT + "/<hall>/services/<letter>/close", methods=["GET", "POST"])
@needs(Permission.STEER_HALL)
def close(hall: str, letter: str) -> ResponseReturnValue:
    """Say how many booked visitors come today before a service is closed, and tell them if that is wanted."""
    place, branch, by = hall_named(hall), branches.here(), _me()
    service = branch.services.get(letter)
    if service is None:
        abort(404)
    day = day_of(request_context().now, branch.policy.zone)
    if request.method == "GET":
        found = read(lambda session, context: closing.concerned(session, context, branch, day, service))
        title = _("Close %(letter)s for today", letter=letter)
        may_tell = permitted(Permission.CHANGE_RESERVATIONS)
        return page(
            "queue/close_service.html", title, hall=place, service=service, found=found, may_tell=may_tell
        )
    done = _("%(letter)s is closed for today: nobody gets a ticket any more.", letter=letter)
    answer = _set_service(hall, letter, SteeringKind.SERVICE_CLOSED, True, done)
    if request.form.get("tell") and permitted(Permission.CHANGE_RESERVATIONS):
        told = 0
        while some := write(
            lambda session, context: closing.cancel_some(session, context, branch, day, by.id, service)
        ):
            told += some
        tell(
            ngettext(
                "%(num)s visit is cancelled, and its owner told.",
                "%(num)s visits are cancelled, and their owners told.",
                told,
            )
        )
    return answer


@pages.post(AT + "/<hall>/counters/<int:number>/state")
@needs(Permission.STEER_HALL)
def counter_state(hall: str, number: int) -> ResponseReturnValue:
    """Open or close a counter."""
    on, by = bool(request.form.get("on")), _me()
    done = _("Counter %(number)d is open.", number=number)
    undone = _("Counter %(number)d is closed.", number=number)
    return _do(
        hall,
        done if on else undone,
        lambda session, context: steering.set_counter(session, context, by, number, on),
    )


@pages.post(AT + "/<hall>/counters/<int:number>/services")
@needs(Permission.STEER_HALL)
def serves(hall: str, number: int) -> ResponseReturnValue:
    """Change which services a counter serves today."""
    letters = None if request.form.get("usual") else _raised(request.form.getlist("letter"))
    by = _me()
    if letters is None:
        done = _("Counter %(number)d serves its usual services again.", number=number)
    else:
        listed = ", ".join(letters)
        done = _("Counter %(number)d serves %(letters)s today.", number=number, letters=listed)
    return _do(hall, done, lambda session, context: steering.assign(session, context, by, number, letters))


@pages.post(AT + "/<hall>/counters/<int:number>/message")
@needs(Permission.STEER_HALL)
def message(hall: str, number: int) -> ResponseReturnValue:
    """Send a message to a counter."""
    text, by = request.form.get("text", ""), _me()
    done = _("The message is at counter %(number)d.", number=number)
    return _do(hall, done, lambda session, context: steering.tell(session, context, by, number, text))


@pages.post(AT + "/<hall>/counters/<int:number>/help/accept")
@needs(Permission.STEER_HALL)
def accept_help(hall: str, number: int) -> ResponseReturnValue:
    """Tell a counter that called for help that one is coming."""
    by = _me()
    done = _("Counter %(number)d sees that you are coming.", number=number)
    return _do(
        hall,
        done,
        lambda session, context: attention.accept_help(session, context, by.id, by.branch, number),
    )


@pages.post(AT + "/<hall>/counters/<int:number>/help/end")
@needs(Permission.STEER_HALL)
def end_help(hall: str, number: int) -> ResponseReturnValue:
    """End the call for help of a counter."""
    by = _me()
    return _do(
        hall,
        _("The call for help of counter %(number)d is over.", number=number),
        lambda session, context: attention.end_help(session, context, by.id, by.branch, number),
    )


@pages.post(AT + "/<hall>/notices")
@needs(Permission.STEER_HALL)
def notice(hall: str) -> ResponseReturnValue:
    """Have the boards show a notice."""
    by, now = _me(), request_context().now
    languages = by.branch.policy.languages
    texts = {code: request.form.get(f"text-{code}", "") for code in languages}
    day_ends = by.branch.policy.business_day_began_at(now) + timedelta(days=1)
    begins_at, ends_at = _instant("from", now), _instant("until", day_ends)
    return _do(
        hall,
        _("The notice is set."),
        lambda session, context: steering.post_notice(session, context, by, texts, begins_at, ends_at),
    )


@pages.post(AT + "/<hall>/notices/<int:notice_id>/end")
@needs(Permission.STEER_HALL)
def end_notice(hall: str, notice_id: int) -> ResponseReturnValue:
    """Take a notice off the boards."""
    by = _me()
    return _do(
        hall,
        _("The notice is off the boards."),
        lambda session, context: steering.end_notice(session, context, by, notice_id),
    )


@pages.get(AT + "/<hall>/services/<letter>")
@needs(Permission.STEER_HALL)
def line(hall: str, letter: str) -> ResponseReturnValue:
    """Show who waits for a service, each with what can be done."""
    place, branch = hall_named(hall), branches.here()
    service = branch.services.get(letter)
    if service is None:
        abort(404)
    found = read(lambda session, context: hall_reading.line(session, service, context))
    return page(
        "queue/line.html",
        f"{letter} – {dict(wording.services(branch))[letter]}",
        hall=place,
        letter=letter,
        line=found,
        services=wording.services(branch),
        counters=sorted(branch.counters),
        reasons=wording.reasons(),
    )


@pages.post(AT + "/<hall>/tickets/<int:ticket_id>/move")
@needs(Permission.STEER_HALL)
def move(hall: str, ticket_id: int) -> ResponseReturnValue:
    """Send a waiting visitor to another service or counter."""
    by = _me()
    kind, _colon, name = request.form.get("to", "").partition(":")
    is_counter = kind == "counter" and name.isascii() and name.isdigit() and len(name) < 4
    service, counter = (name if kind == "service" else None), (int(name) if is_counter else None)

    def work(session: Session, context: Context) -> str:
        return special_treatment.move(session, context, by, ticket_id, service=service, counter=counter)

    return _do(hall, lambda number: _("%(number)s was moved.", number=number), work, back_to_line=True)


@pages.post(AT + "/<hall>/tickets/<int:ticket_id>/urgent")
@needs(Permission.STEER_HALL)
def urgent(hall: str, ticket_id: int) -> ResponseReturnValue:
    """Let a waiting visitor go first, for a reason; without one take that back."""
    by, said = _me(), request.form.get("reason")
    reason = next((each for each in Urgency if each == said), None)

    def work(session: Session, context: Context) -> str:
        if said is None:
            return special_treatment.make_ordinary(session, context, by, ticket_id)
        if reason is None:
            raise RuleBroken(422, "reason_missing")
        return special_treatment.make_urgent(session, context, by, ticket_id, reason)

    def done(number: str) -> str:
        if said is None:
            return _("%(number)s waits in the usual order again.", number=number)
        return _("%(number)s goes first.", number=number)

    return _do(hall, done, work, back_to_line=True)


def _raised(letters: list[str]) -> list[str]:
    """Put the service whose button was pressed one place up."""
    letter = request.form.get("up", "")
    if letter in letters[1:]:
        place = letters.index(letter)
        letters[place - 1 : place + 1] = [letter, letters[place - 1]]
    return letters


def _me() -> Supervisor:
    return Supervisor(staff_session.me().id, branches.here())


def _set_service(hall: str, letter: str, kind: SteeringKind, on: bool, done: str) -> ResponseReturnValue:
    by = _me()
    return _do(
        hall, done, lambda session, context: steering.set_service(session, context, by, letter, kind, on)
    )


def _do(
    hall: str,
    done: str | Callable[[T], str],
    work: Callable[[Session, Context], T],
    *,
    back_to_line: bool = False,
) -> ResponseReturnValue:
    """Do it, and go back with a sentence on what was done, or on why it was not."""
    place = hall_named(hall)
    try:
        found = write(work)
    except RuleBroken as broken:
        if (sentence := _why_not(broken.reason)) is None:
            raise
        tell(sentence)
    else:
        authentication.runtime().office.forget()
        tell(done if isinstance(done, str) else done(found))
    letter = request.form.get("from", "")
    if back_to_line and letter in branches.here().services:
        return go("steering.line", hall=place.code, letter=letter)
    return go("hall.one", hall=place.code)


def _why_not(reason: str) -> str | None:
    return {
        "nobody_there": _("Nobody is signed in at this counter, so it cannot be opened from here."),
        "counter_busy": _("There is a visitor at this counter. It can be closed after the visit."),
        "no_service": _("Nothing was changed: choose at least one service."),
        "text_missing": _("Nothing was sent: write what the counter should read."),
        "text_too_long": _("Nothing was sent: use 200 characters or fewer."),
        "notice_empty": _("Nothing was set: write the text of the notice."),
        "notice_over": _("Nothing was set: the notice would end before it begins."),
        "notice_too_long": _("Nothing was set: a notice is shown for 31 days at most."),
        "not_waiting": _("This visitor does not wait any more."),
        "transfer_target": _("Nothing was changed: choose where the visitor goes."),
        "help_accepted": _("Somebody else is coming to help already."),
        "own_help": _("This is your own call for help."),
        "reason_missing": _("Nothing was changed: choose a reason."),
    }.get(reason)


def _instant(field: str, otherwise: datetime) -> datetime:
    """Read a day and hour by the branch's clock; what cannot be read counts as not said."""
    try:
        said = datetime.strptime(request.form.get(field, ""), "%Y-%m-%dT%H:%M")  # noqa: DTZ007
        return said.replace(tzinfo=branches.here().policy.zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return otherwise
