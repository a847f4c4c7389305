"""The puzzle of a form that robots would like to send (rule 9): no third party, and a slower way without scripts.

A form that derives from PuzzleForm has it above its button (parts.form_of); one that derives from TimedForm gets
it only when it was answered faster than people can. A solved puzzle passes. A form without a solution, as
browsers without scripts send it, passes too if it lay open for a while: each showing of it once, and not more
often from an address block than people would (docs/adr/0017).
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Any

from flask import Flask, Response, abort, current_app, jsonify, request, url_for
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeSerializer
from wtforms import fields

from server.api import authentication
from server.portal.guard import limits
from server.portal.pages import note_refusal
from server.services.guard.limits import spend
from server.web.forms import Form
from server.web.pages import write
from server.web.request_context import request_context
from server.web.signed_cookies import KEYS

PATIENCE = timedelta(seconds=10)
"""So long a form lies open before it may be sent without a solution."""
TOO_FAST = timedelta(seconds=3)
"""Nobody reads and fills in a form in less (quality.md, Safe 2)."""
_LONGEST = timedelta(hours=12)
_MOST_WAITED = "30 per hour"
_MOST_PUZZLES, _MOST_PUZZLES_OF_BLOCK = "20 per minute", "6000 per minute"
_PAYLOAD, _SHOWN = "altcha", "shown"


@dataclass(frozen=True, slots=True)
class Passed:
    """How a form passed: `solved` (in so long, says the browser), `waited`, `unhurried`, or `none` is set up."""

    how: str
    took_ms: int | None = None


class PuzzleField(fields.Field):
    """The puzzle as a form shows it; `passed` says how it went, None before and when it did not.

    `always` False: it is shown and wanted only once the form was answered too fast.
    """

    passed: Passed | None = None
    left = round(PATIENCE.total_seconds())
    """So many seconds the way without scripts takes still."""
    word: str | None = None
    """Shown in place of a new word, where one is put in later."""

    def __init__(self, *, always: bool = True, **bound: Any) -> None:
        super().__init__("", **bound)
        self._always = always

    @property
    def source(self) -> str | None:
        """Return where the widget gets its puzzle; None where none is set up, or none is wanted."""
        is_wanted = self._always or self.errors
        return url_for("challenge") if is_wanted and authentication.runtime().outside is not None else None

    @property
    def shown(self) -> str:
        """Return the signed word on when the form was shown; a new one once it was spent.

        Whoever corrects an answer has had the form open since it was first shown.
        """
        if self.word is not None:  # the page is for others too: nothing that was sent may get into it
            return self.word
        sent = request.form.get(_SHOWN, "")
        is_spent = self.passed is not None and self.passed.how != "unhurried"
        if not is_spent and _age(sent) is not None:
            return sent
        return new_word()

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Take nothing from the form by its own name: the widget names its answer itself."""

    def check(self) -> bool:
        """Look whether the form passes, and say what to do when it does not. Spends what was shown."""
        outside = authentication.runtime().outside
        payload = request.form.get(_PAYLOAD, "")
        age = _age(request.form.get(_SHOWN, ""))
        if outside is None:
            self.passed = Passed("none")
        elif payload:
            if outside.challenges.solved(payload, request_context().now):
                self.passed = Passed("solved", _took(payload))
            else:
                self.errors = [_("The check has run out. Let your browser do it again and send the form")]
        elif not self._always and age is not None and age >= TOO_FAST.total_seconds():
            self.passed = Passed("unhurried")
        elif age is not None and age >= PATIENCE.total_seconds():
            self._wait_is_over()
        else:
            self.left = max(1, ceil(PATIENCE.total_seconds() - (age or 0)))
            self.errors = [_("Wait until the check below is done, then send the form again")]
        if self.passed is None:
            note_refusal("puzzle", form=request.endpoint)
        return self.passed is not None

    def _wait_is_over(self) -> None:
        limits.stop_too_often("without a puzzle", block=_MOST_WAITED)
        sent = request.form[_SHOWN]
        if write(lambda session, context: spend(session, context, "shown", sent)):
            self.passed = Passed("waited")
        else:
            self.errors = [_("This form was sent already. Open the page again")]


class PuzzleForm(Form):
    """A form with the puzzle; it is looked at when all else is right, so that no solution is spent in vain."""

    puzzle = PuzzleField()

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields, then the puzzle."""
        return super().validate(extra_validators) and self.puzzle.check()


class TimedForm(PuzzleForm):
    """A form that wants the puzzle only when it was answered within three seconds."""

    puzzle = PuzzleField(always=False)


def join(app: Flask) -> None:
    """Serve puzzles to the widget."""
    app.add_url_rule("/challenge", "challenge", _new)


def new_word() -> str:
    """Return a signed word on when the form of this page was shown."""
    at = round(request_context().now.timestamp() * 1000)
    word = _signer().dumps([request.endpoint, at, secrets.token_urlsafe(9)])
    return word if isinstance(word, str) else word.decode()


def _new() -> Response:
    outside = authentication.runtime().outside
    if outside is None:
        abort(404)
    limits.stop_too_often("puzzle", session=_MOST_PUZZLES, block=_MOST_PUZZLES_OF_BLOCK)
    return jsonify(outside.challenges.new(request_context().now))


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config[KEYS], salt="shown")


def _age(sent: str) -> float | None:
    """Return for how many seconds this form has lain open; None when it is not ours, another one, or too old."""
    try:
        endpoint, at, _word = _signer().loads(sent)
        age = request_context().now.timestamp() - int(at) / 1000
    except (BadSignature, TypeError, ValueError):
        return None
    is_this = endpoint == request.endpoint
    return age if is_this and 0 <= age <= _LONGEST.total_seconds() else None


def _took(payload: str) -> int | None:
    """Read how long the browser says that it took."""
    try:
        took = json.loads(base64.b64decode(payload))["solution"]["time"]
        return round(float(took))
    except (ValueError, KeyError, TypeError, OverflowError):
        return None
