"""The puzzle of a form that robots would like to send (rule 9): no third party, and a slower way without scripts.

A form that derives from Puzzled has it above its button (parts.form_of). Who solved the puzzle goes on. Who sent
no solution, as a browser without scripts does, goes on too if the form lay open for a while: each showing of it
once, and not more often from an address block than people would.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Flask, Response, abort, current_app, jsonify, request, url_for
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeSerializer
from wtforms import fields

from server.api import door
from server.portal import limits
from server.portal.forms import Form
from server.portal.now import this_moment
from server.portal.pages import write
from server.services.guard.limits import spend

PATIENCE = timedelta(seconds=10)
"""So long a form lies open before it may be sent without a solution."""
_LONGEST = timedelta(hours=12)
_MOST = "30 per hour"
_PAYLOAD, _SHOWN = "altcha", "shown"


@dataclass(frozen=True, slots=True)
class Passed:
    """How a form passed: `solved` (in so long, says the browser), `waited`, or `none` where none is set up."""

    how: str
    took_ms: int | None = None


class PuzzleField(fields.Field):
    """The puzzle as a form shows it; `passed` says how it went, None before and when it did not."""

    passed: Passed | None = None

    @property
    def source(self) -> str | None:
        """Return where the widget gets its puzzle; None where none is set up."""
        return url_for("challenge") if door.house().outside is not None else None

    @property
    def shown(self) -> str:
        """Return the signed word on when the form was shown; a new one once it was spent."""
        sent = request.form.get(_SHOWN, "")
        if self.passed is None and _age(sent) is not None:
            return sent
        at = round(this_moment().now.timestamp() * 1000)
        word = _signer().dumps([at, secrets.token_urlsafe(9)])
        return word if isinstance(word, str) else word.decode()

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Take nothing from the form by its own name: the widget names its answer itself."""

    def check(self) -> bool:
        """Look whether the form passes, and say what to do when it does not. Spends what was shown."""
        outside = door.house().outside
        payload = request.form.get(_PAYLOAD, "")
        now = this_moment().now
        if outside is None:
            self.passed = Passed("none")
        elif payload:
            if outside.challenges.solved(payload, now):
                self.passed = Passed("solved", _took(payload))
            else:
                self.errors = [_("The check has run out. Let your browser do it again and send the form")]
        elif _lay_open():
            self.passed = Passed("waited")
        else:
            self.errors = [
                _("Wait until the check is done. Without scripts: wait ten seconds, then send the form again")
            ]
        return self.passed is not None


class Puzzled(Form):
    """A form with the puzzle; it is looked at when all else is right, so that no solution is spent in vain."""

    puzzle = PuzzleField("")

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields, then the puzzle."""
        return super().validate(extra_validators) and self.puzzle.check()


def join(app: Flask) -> None:
    """Serve puzzles to the widget."""
    app.add_url_rule("/challenge", "challenge", _new)


def _new() -> Response:
    outside = door.house().outside
    if outside is None:
        abort(404)
    return jsonify(outside.challenges.new(this_moment().now))


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or b"", salt="shown")


def _age(sent: str) -> float | None:
    """Return for how many seconds a form has lain open; None when it is not ours or too old."""
    try:
        at, _word = _signer().loads(sent)
        age = this_moment().now.timestamp() - int(at) / 1000
    except (BadSignature, TypeError, ValueError):
        return None
    return age if 0 <= age <= _LONGEST.total_seconds() else None


def _lay_open() -> bool:
    sent = request.form.get(_SHOWN, "")
    age = _age(sent)
    if age is None or age < PATIENCE.total_seconds():
        return False
    limits.stop_too_often("without a puzzle", _MOST)
    return write(lambda session, moment: spend(session, moment, "shown", sent))


def _took(payload: str) -> int | None:
    """Read how long the browser says that it took."""
    try:
        took = json.loads(base64.b64decode(payload))["solution"]["time"]
        return round(float(took))
    except (ValueError, KeyError, TypeError):
        return None
