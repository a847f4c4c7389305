"""The waiting room of a daily release: everybody sees their place and about when it is their turn (rule 10)."""

from __future__ import annotations

from datetime import timedelta

from flask import abort, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from server.domain.release.draw import shown_line
from server.portal import languages
from server.portal.booking.gates import not_here, release_gate
from server.portal.pages import find_service
from server.portal.release.blueprint import account_id, pages
from server.services.release import shuffles
from server.services.release import waiting_room as room
from server.services.release.gate import ADMITTED_FOR, Gate, NotYet, Open, Waits
from server.web.forms import Form
from server.web.pages import go, page, read, write
from server.web.request_context import request_context
from wire.vocabulary import ReleaseMode

_SOONEST, _LATEST = 10, 60


class EnterForm(Form):
    """A button to enter."""


@pages.route("/book/<branch>/<letter>/waiting-room", methods=["GET", "POST"])
def waiting_room(branch: str, letter: str) -> ResponseReturnValue:
    """Show how things stand before the waiting room and in it; the button enters it."""
    found, service = find_service(branch, letter)
    if service.policy.booking.release != ReleaseMode.DAILY:
        abort(404)
    if refused := not_here(found, service):
        return refused
    form, who = EnterForm(), account_id()
    if form.validate_on_submit():
        if who is None:
            back = url_for("release.waiting_room", branch=branch, letter=letter)
            return redirect(url_for("log_in.show", next=back), 303)
        write(lambda session, context: room.enter(session, context, service, who))
        return go("release.waiting_room", branch=branch, letter=letter)
    state = read(lambda session, context: room.look(session, context, service, who))
    opens_at = state.opens_at if isinstance(state, NotYet | Waits) else None
    return page(
        "release/waiting_room.html",
        _("Waiting room"),
        tab=_tab(state),
        form=form,
        branch=found,
        service=service,
        name=service.name(languages.current()),
        zone=found.policy.zone,
        kind=_kind(state),
        may_book=isinstance(release_gate(service), Open),
        gate=state,
        order=read(lambda session, context: shuffles.of_release(session, context, service, opens_at))
        if opens_at
        else None,
        line=read(lambda session, _context: room.line_of(session, service, opens_at, who))
        if opens_at
        else None,
        shown_line=shown_line,
        admitted_minutes=ADMITTED_FOR // timedelta(minutes=1),
        is_known=who is not None,
        again=_again(state),
        calendar=url_for("book.calendar", branch=branch, letter=letter),
    )


def _kind(state: Gate) -> str:
    """Name what the page shows."""
    if isinstance(state, NotYet):
        if state.is_in_room:
            return "in_before"
        return "enter_before" if request_context().now >= state.room_opens_at else "open"
    if isinstance(state, Waits):
        if not state.is_in_room:
            return "enter_late"
        if state.is_over:
            return "over"
        return "waits" if state.place is not None else "shuffled"
    return "turn" if isinstance(state, Open) and state.until else "open"


def _tab(state: Gate) -> str | None:
    """Say the place or the turn in the tab, for people who look at another one meanwhile."""
    if isinstance(state, Waits) and state.place is not None and not state.is_over:
        return _("Place %(place)s – waiting room", place=state.place)
    return _("It is your turn") if isinstance(state, Open) and state.until else None


def _again(state: Gate) -> int:
    """Return after how many seconds a browser with scripts should look again: seldom while the turn is far."""
    left = timedelta()
    if isinstance(state, NotYet) and state.is_in_room:
        left = state.opens_at - request_context().now
    elif isinstance(state, Waits) and state.admitted_from is not None:
        left = state.admitted_from - request_context().now
    return int(min(_LATEST, max(_SOONEST, left.total_seconds() / 4)))
