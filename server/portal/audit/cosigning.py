"""The address at which witnesses hand in what they co-signed: for programs, so without a form's token."""

from __future__ import annotations

from flask import Response, request

from server.portal.audit.days import branch_of, day_of, pages
from server.portal.guard import limits
from server.services.audit import cosigning
from server.services.context import RuleBroken
from server.web.pages import write

_MOST_BYTES = 8_192


@pages.post("/audit/<branch>/<day>/cosignature")
def cosign(branch: str, day: str) -> Response:
    """Keep the co-signatures of a signed note; the answer says in a word what was wrong with it."""
    limits.stop_too_often("cosignature", session="30 per minute", block="60 per minute")
    found, when = branch_of(branch), day_of(day)
    try:
        text = request.get_data()[: _MOST_BYTES + 1].decode()
    except UnicodeDecodeError:
        return _answer(422, "bad_note: this is no text")
    if len(text) > _MOST_BYTES:
        return _answer(413, "bad_note: this is too long")
    try:
        names = write(lambda session, context: cosigning.hand_in(session, context, found, when, text))
    except RuleBroken as wrong:
        if wrong.status != 422:
            raise
        problem = wrong.facts.get("problem")
        return _answer(422, f"{wrong.reason}: {problem}" if problem else wrong.reason)
    return _answer(200, "".join(f"kept: {name}\n" for name in names).rstrip("\n"))


def _answer(status: int, text: str) -> Response:
    return Response(f"{text}\n", status, content_type="text/plain; charset=utf-8")
