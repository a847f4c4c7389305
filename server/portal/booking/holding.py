"""Holding the hour of a draft: the one address that thousands ask at the same second, so it costs little.

Nothing is rendered here, and who comes too late is told by a look that takes no lock.
"""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from server.portal.booking.own import PASSED, traces_of
from server.portal.booking.ways import pages
from server.portal.pages import go, look, write
from server.portal.reservations.ways import owner, way_of
from server.services.booking import drafts
from server.services.booking.hold import AlreadyHeld, Blocked, Held, NoPlace, hold


@pages.post("/book/draft/<token>/hold", endpoint="hold")
def hold_hour(token: str) -> ResponseReturnValue:
    """Hold the hour and go on to the activation, or to the page that tells why it cannot be had."""
    asks = owner()
    draft = look(lambda place, moment: drafts.at_the_door(place, moment, asks, token))
    if draft.is_full:
        return go("book.hour", token=token, gone="slot_full")
    if PASSED not in draft.traces and not draft.is_held:
        return go("book.check", token=token)
    traces = traces_of(draft)
    answer = write(lambda session, moment: hold(session, moment, asks, token, traces))
    if isinstance(answer, Held | AlreadyHeld):
        return way_of(answer.reservation_id, asks).go("show")
    if isinstance(answer, NoPlace):
        return go("book.hour", token=token, gone=answer.reason)
    return _blocked(token, answer)


def _blocked(token: str, answer: Blocked) -> ResponseReturnValue:
    if answer.reason == "incomplete":
        # The check sends on to the page that lacks an answer.
        return go("book.check", token=token)
    return go("book.refused", token=token, why=answer.reason)
