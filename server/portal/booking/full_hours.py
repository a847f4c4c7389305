"""What most of a rush hear, without Flask and to many at once: the hour of their draft is full.

Only the plain case is answered here: a browser and a form that are genuine, limits that are kept, terms that were
accepted, a draft of one's own, and an hour that is full in the database. All else goes on to Flask, which answers
the plain case in the same words too (`holding.hold_hour`), so that there is one way of selling.
"""

from __future__ import annotations

import hmac
import logging
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.utils import redirect

from server.api import headers_and_log
from server.api.authentication import Runtime
from server.api.headers_and_log import Done
from server.portal import visitor_session
from server.portal.guard import limits
from server.services.accounts.sessions import AccountRow, sessions_of
from server.services.booking import drafts
from server.services.booking.owners import Owner
from server.services.context import Context
from server.services.guard.refusals import refused
from server.store.errors import StoreUnavailable
from server.texts import LANGUAGES
from server.web import headers
from server.web.signed_cookies import KEYS

log = logging.getLogger("numerek.server")
Answer = tuple[int, list[tuple[bytes, bytes]], bytes]
Outcome = tuple[Answer | None, Mapping[str, Any]]
_SEE_OTHER = 303
_PATH = re.compile(rf"/({'|'.join(LANGUAGES)})/book/draft/([A-Za-z0-9_-]{{1,64}})/hold")
_FORM = re.compile(rb"csrf_token=([A-Za-z0-9_.-]+)")
_KIND = b"application/x-www-form-urlencoded"
_SALT = "wtf-csrf-token"
# Stands for the draft's secret where an address or an answer is made beforehand.
_TOKEN = "~token~"  # noqa: S105 - none


@dataclass(frozen=True, slots=True)
class _Asked:
    """A POST that holds an hour, as it came: the front's scope, the body, and when (time.perf_counter)."""

    scope: Mapping[str, Any]
    body: bytes
    began: float

    def one(self, name: bytes) -> bytes | None:
        """Return the value of a header that is there once."""
        values = [value for each, value in self.scope["headers"] if each == name]
        return values[0] if len(values) == 1 else None


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A request that may be answered here: a genuine form of a browser that is known."""

    asked: _Asked
    language: str
    token: str
    session: str | None
    browser: str | None

    def owner(self, accounts: Mapping[str, AccountRow]) -> Owner:
        """Return who asks, as `own_reservation.owner` does."""
        account = accounts.get(self.session or "")
        return Owner(None if account is None else account.id, self.browser)


class FullHours:
    """Answers those whose hour is full; made once for the application of the pages."""

    def __init__(self, portal: Flask) -> None:
        self._portal = portal
        cookies = portal.session_interface
        assert isinstance(cookies, SecureCookieSessionInterface)
        self._cookies = cookies
        self._cookie_name = portal.config["SESSION_COOKIE_NAME"]
        self._longest = int(portal.permanent_session_lifetime.total_seconds())
        self._form_longest = portal.config["WTF_CSRF_TIME_LIMIT"]
        (self._route,) = (each.rule for each in portal.url_map.iter_rules("book.hold"))
        self._there = {each: _hour_of(portal, each) for each in LANGUAGES}
        self._html = redirect(_TOKEN, _SEE_OTHER).get_data(as_text=True)

    def answers(self, asked: Sequence[tuple[Mapping[str, Any], bytes, float]]) -> list[Outcome]:
        """Answer those who ask too late, each by its scope, body and begin (time.perf_counter).

        The others go on to Flask, with what it is to find in their environment. One look at the database is for
        all.
        """
        outcomes: list[Outcome] = [(None, {})] * len(asked)
        attempts: dict[int, _Attempt] = {}
        for place, each in enumerate(asked):
            found = self._try_to_read(_Asked(*each))
            if found is not None:
                attempt, beyond = found
                outcomes[place] = None, {limits.COUNTED: beyond}
                if beyond is None:
                    attempts[place] = attempt
        for place in self._too_late(attempts):
            outcomes[place] = self._answer(attempts[place]), {}
        return outcomes

    @property
    def _runtime(self) -> Runtime:
        runtime: Runtime = self._portal.extensions["numerek"]
        return runtime

    def _try_to_read(self, asked: _Asked) -> tuple[_Attempt, str | None] | None:
        try:
            return self._read(asked)
        except Exception:
            # What went wrong with one must not be told to the others; Flask finds it again.
            log.exception("a hold could not be read")
            return None

    def _read(self, asked: _Asked) -> tuple[_Attempt, str | None] | None:
        """Read a request and count it; None for one that Flask shall look at from its begin."""
        address, form = _PATH.fullmatch(asked.scope["path"]), _FORM.fullmatch(asked.body)
        if not (address and form and _is_plain(asked)):
            return None
        said = self._said(asked.one(b"cookie"))
        if said is None or not self._is_genuine(form[1], said):
            return None
        words = [said.get(each) for each in visitor_session.WORDS]
        session, browser, mark = (each if isinstance(each, str) else None for each in words)
        if mark is None or (session is None and browser is None):
            return None
        attempt = _Attempt(asked, address[1], address[2], session, browser)
        return attempt, self._counted(mark, asked.scope["client"][0])

    def _counted(self, mark: str, address: str) -> str | None:
        tally: limits.Tally = self._portal.extensions[limits.TALLY]
        if not tally.enabled:
            return None
        return limits.count_known(tally, self._runtime.portal, mark, limits.block_of(address))

    def _said(self, cookies: bytes | None) -> Mapping[str, Any] | None:
        """Return what stands in the portal's cookie, None without one that is ours."""
        pairs = (each.partition("=") for each in (cookies or b"").decode("latin-1").split("; "))
        values = [value for name, _, value in pairs if name == self._cookie_name]
        signer = self._cookies.get_signing_serializer(self._portal)
        if len(values) != 1 or signer is None:
            return None
        try:
            said: Mapping[str, Any] = signer.loads(values[0], max_age=self._longest)
        except BadData:
            return None
        return said

    def _is_genuine(self, sent: bytes, said: Mapping[str, Any]) -> bool:
        """Say whether a form's token is this browser's, as flask_wtf.csrf does."""
        try:
            forms = URLSafeTimedSerializer(self._portal.config[KEYS], salt=_SALT)
            token = forms.loads(sent, max_age=self._form_longest)
        except BadData:
            return False
        return hmac.compare_digest(str(said.get("csrf_token", "")), str(token))

    def _too_late(self, attempts: Mapping[int, _Attempt]) -> Collection[int]:
        """Note and return who asks too late: nobody, where the database cannot tell now."""
        if not attempts:
            return ()
        runtime = self._runtime
        try:
            context = runtime.context()
            found = runtime.store.look(lambda place: self._look(place, context, attempts))
        except StoreUnavailable:
            return ()
        except Exception:
            log.exception("full hours could not be looked for")
            return ()
        for owner in found.values():
            refused(runtime.store, context, "slot_full", account=owner.account_id)
        return found.keys()

    def _look(self, place: Any, context: Context, attempts: Mapping[int, _Attempt]) -> dict[int, Owner]:
        """Return who asks too late, by their places."""
        runtime, settings = self._runtime, self._runtime.portal
        tokens = {each.session for each in attempts.values() if each.session is not None}
        idle = visitor_session.limits_of(settings)
        accounts = sessions_of(runtime.store, place, context, tokens, idle)
        new_to_terms = {
            token for token, each in accounts.items() if each.terms_version != settings.terms_version
        }
        owners = {
            number: owner
            for number, each in attempts.items()
            if each.session not in new_to_terms
            and ((owner := each.owner(accounts)).account_id is not None or owner.browser is not None)
        }
        asked = [(owner, attempts[number].token) for number, owner in owners.items()]
        late = drafts.too_late(place, context, asked)
        return {
            number: owner for (number, owner), is_late in zip(owners.items(), late, strict=True) if is_late
        }

    def _answer(self, attempt: _Attempt) -> Answer:
        """Send to the page that tells of the hour, in the words of Flask."""
        there = self._there[attempt.language].replace(_TOKEN, attempt.token)
        body = self._html.replace(_TOKEN, there).encode()
        request_id = headers_and_log.new_id()
        named = [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Location", there),
            ("X-Robots-Tag", "noindex"),
            ("Vary", "Accept-Encoding, Cookie"),
            *headers.safe_headers(headers.new_nonce()),
            *headers_and_log.headers_of(request_id, self._runtime.clock.now()),
        ]
        done = Done(self._portal.name, request_id, "POST", self._route, _SEE_OTHER, attempt.asked.began)
        headers_and_log.write_done(done)
        return _SEE_OTHER, [(name.lower().encode(), value.encode()) for name, value in named], body


def _is_plain(asked: _Asked) -> bool:
    """Say whether a request is as browsers send a form: one kind of body, no query, an address that is known."""
    is_form = asked.one(b"content-type") == _KIND
    return is_form and not asked.scope.get("query_string") and bool(asked.scope.get("client"))


def _hour_of(portal: Flask, language: str) -> str:
    """Return the address that tells of a full hour; `_TOKEN` stands for the draft's secret."""
    words = {"language": language, "token": _TOKEN, "gone": "slot_full"}
    return portal.url_map.bind("").build("book.hour", words)
