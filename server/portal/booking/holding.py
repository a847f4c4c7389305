"""Holding the hour of a draft: the one address that thousands ask at the same second, so it costs little.

Nothing is rendered here, and a visitor who comes too late is told by a read that takes no lock.
"""

from __future__ import annotations

from datetime import timedelta

from flask.typing import ResponseReturnValue

from server.portal.booking.blueprint import pages
from server.portal.booking.own_draft import PASSED, traces_of
from server.portal.booking.reservations.own_reservation import owner, way_of
from server.portal.pages import note_refusal
from server.services.booking import drafts
from server.services.booking.hold import AlreadyHeld, Blocked, Held, NoPlace, hold
from server.web.pages import go, look, write
from server.web.times import write_hour

# Written to the minute, the end of a pause must not come too early.
_MINUTE = timedelta(minutes=1)


@pages.post("/book/draft/<token>/hold", endpoint="hold")
def hold_hour(token: str) -> ResponseReturnValue:
    """Hold the hour and go on to the activation, or to the page that tells why it cannot be had."""
    asks = owner()
    draft = look(lambda place, context: drafts.draft_state(place, context, asks, token))
    if draft.is_full:
        note_refusal("slot_full", account=asks.account_id)
        return go("book.hour", token=token, gone="slot_full")
    if PASSED not in draft.traces and not draft.is_held:
        return go("book.check", token=token)
    traces = traces_of(draft)
    answer = write(lambda session, context: hold(session, context, asks, token, traces))
    if isinstance(answer, Held | AlreadyHeld):
        return way_of(answer.reservation_id, asks).go("show")
    if isinstance(answer, NoPlace):
        return go("book.hour", token=token, gone=answer.reason)
    return _blocked(token, answer)


def _blocked(token: str, answer: Blocked) -> ResponseReturnValue:
    if answer.reason == "incomplete":
        # The check sends on to the page that lacks an answer.
        return go("book.check", token=token)
    until = answer.until and write_hour(answer.until + _MINUTE)
    return go("book.refused", token=token, why=answer.reason, until=until)
