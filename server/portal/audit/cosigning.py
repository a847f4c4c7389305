"""The address at which witnesses hand in what they co-signed: for programs, so without a form's token."""

from __future__ import annotations

from flask import Response, request

from server.portal.audit.days import branch_of, day_of, pages
from server.portal.guard import limits
from server.services.audit import cosigning
from server.services.context import RuleBroken
from server.web.pages import write

_OF_THE_TEXT = {
    "too_long": f"this is too long: at most {cosigning.MOST_BYTES} bytes are taken",
    "damaged": "this is damaged: it breaks off in the middle of a sign, or is no UTF-8",
}


@pages.post("/audit/<branch>/<day>/cosignature")
def cosign(branch: str, day: str) -> Response:
    """Keep the co-signatures of a signed note; the answer says in a word what was wrong with it."""
    limits.stop_too_often("cosignature", session="30 per minute", block="60 per minute")
    found, when = branch_of(branch), day_of(day)
    raw = request.get_data()
    try:
        text = cosigning.read_text(raw)
        kept = write(lambda session, context: cosigning.hand_in(session, context, found, when, text))
    except RuleBroken as wrong:
        if wrong.status not in (413, 422):
            raise
        problem = wrong.facts.get("problem") or _OF_THE_TEXT.get(wrong.reason)
        reason = "bad_note" if wrong.reason in _OF_THE_TEXT else wrong.reason
        return _answer(wrong.status, f"{reason}: {problem}" if problem else reason)
    return _answer(200, "\n".join(f"kept: {each.name}" for each in kept))


def _answer(status: int, text: str) -> Response:
    return Response(f"{text}\n", status, content_type="text/plain; charset=utf-8")
