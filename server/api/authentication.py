"""Authentication and the request's frame: bodies become messages and commands, errors problem+json."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from flask import Response, current_app, g
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from server.api.asked import Asked
from server.clock import Clock
from server.domain.access.scopes import IntegratorScope
from server.domain.queue.tickets import NotAllowed
from server.services.access.identity import Caller
from server.services.context import Context, RuleBroken
from server.services.office.settings import OfficeCache
from server.services.ports import Outside
from server.services.queue.clerk import Clerk
from server.services.queue.forecasts import Forecasts
from server.services.queue.views.offline_list import Hashes
from server.services.queue.views.shared import SharedViews
from server.store.answers import Command
from server.store.errors import StoreUnavailable
from server.store.keyring import Keyring
from server.store.leadership import Leadership
from server.store.store import Store
from wire.messages import Message, Problem
from wire.messages.offline import code_hash
from wire.settings import MetricsSettings, PortalSettings, ReadinessSettings, StaffSettings

_KEY = re.compile(r"[\x21-\x7e]{1,200}")
TITLES = {
    400: "The request cannot be read",
    401: "A token is needed",
    403: "Not allowed for this token",
    404: "There is no such thing",
    405: "This method is not for this address",
    409: "The rules do not allow it now",
    410: "Too far behind",
    413: "The request is too large",
    415: "JSON is expected",
    422: "The request does not fit",
    429: "Too many tries",
    500: "An error of ours",
    503: "Not available now",
}


@dataclass(frozen=True, slots=True)
class Runtime:
    """What the composition root hands to the routes."""

    store: Store
    clock: Clock
    keys: Keyring
    office: OfficeCache
    forecasts: Forecasts
    leadership: Leadership
    public_url: str
    outside: Outside | None = None
    portal: PortalSettings = PortalSettings()  # noqa: RUF009 - frozen
    staff: StaffSettings = StaffSettings()  # noqa: RUF009 - frozen
    metrics: MetricsSettings = MetricsSettings()  # noqa: RUF009 - frozen
    readiness: ReadinessSettings = ReadinessSettings()  # noqa: RUF009 - frozen
    data_dir: Path | None = None
    # What parts beside the requests tell the operator: by name, of each kind how many there are and may be.
    figures: dict[str, Callable[[], Mapping[str, tuple[int, int]]]] = field(default_factory=dict)
    views: SharedViews = field(default_factory=SharedViews)
    hashes: Hashes = field(default_factory=lambda: Hashes(code_hash))

    def context(self) -> Context:
        """Take the circumstances of a use case, outside any transaction."""
        now = self.clock.now()
        office = self.office.current()
        return Context(now, office, self.forecasts, self.keys, self.public_url)


@dataclass(frozen=True, slots=True)
class Visit:
    """One request on its way through a route."""

    runtime: Runtime
    context: Context
    caller: Caller
    asked: Asked

    @property
    def clerk(self) -> Clerk:
        """Return the signed-in clerk at their counter."""
        row = self.caller.clerk
        if row is None or row.device.counter_id is None:
            raise RuntimeError("no clerk behind this call")
        counter = self.context.office.staffed(row.device.counter_id, row.clerk_id)
        return Clerk(
            row.clerk_id,
            row.session_id,
            row.device.branch_id,
            row.device.hall,
            counter,
            "supervisor" in self.caller.roles,
        )

    def command(self, route: str, key: str) -> Command:
        """Name an earlier command of the same caller, by its method and path and its key."""
        return Command(self.caller.principal, route, key, b"")


def runtime() -> Runtime:
    """Return the runtime of the running application."""
    found: Runtime = current_app.extensions["numerek"]
    return found


def admit(caller: Caller, who: frozenset[str]) -> None:
    """Authenticate and authorise the caller; the default is no."""
    role = caller.role
    if caller.roles & who or "anyone" in who:
        return
    if role == "anyone":
        raise RuleBroken(401, "token_missing")
    if role == "counter" and "clerk" in who:
        raise RuleBroken(403, "sign_in_required")
    raise RuleBroken(403, "wrong_role", role=role)


def check_scope(caller: Caller, scope: IntegratorScope | None) -> None:
    """Keep a program of others out where it has no scope, or the route none for it. Raises RuleBroken 403."""
    row = caller.integrator
    if row is not None and (scope is None or scope not in row.scopes):
        raise RuleBroken(403, "scope_missing", scope=scope or "none")


def read_body(asked: Asked, model: type[Message] | None) -> tuple[Message | None, bytes]:
    """Read the body as a message. Raises RuleBroken 400, 413, 415 or 422 naming the field."""
    raw = asked.body()
    if model is None:
        return None, raw
    if raw and asked.mimetype != "application/json":
        raise RuleBroken(415, "json_expected")
    try:
        return model.model_validate_json(raw or b"{}"), raw
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        if first["type"] == "json_invalid":
            raise RuleBroken(400, "malformed_json", problem=first["msg"]) from None
        place = ".".join(str(part) for part in first["loc"])
        raise RuleBroken(422, "invalid_body", field=place, problem=first["msg"]) from None


def command_of(asked: Asked, caller: Caller, body: bytes) -> Command:
    """Return the command under its Idempotency-Key. Raises RuleBroken 400 `key_missing`, `malformed_key`."""
    key = asked.header("HTTP_IDEMPOTENCY_KEY")
    if not key:
        raise RuleBroken(400, "key_missing")
    if _KEY.fullmatch(key) is None:
        raise RuleBroken(400, "malformed_key")
    return Command(caller.principal, f"{asked.method} {asked.path}", key, body)


def rendered(answer: tuple[int, Message | None]) -> tuple[int, bytes]:
    """Turn a status and a message into bytes; fields that are None stay away."""
    status, message = answer
    return status, b"" if message is None else message.model_dump_json(exclude_none=True).encode()


def problem_of(error: RuleBroken) -> tuple[int, Message]:
    """Turn a broken rule into the message that tells it."""
    facts = json.loads(json.dumps(error.facts, default=_plain))
    title = TITLES.get(error.status, "Error")
    return error.status, Problem(title=title, status=error.status, reason=error.reason, facts=facts)


def not_allowed(error: NotAllowed) -> RuleBroken:
    """Tell a step that the transition table does not have, with what is permitted."""
    return RuleBroken(
        409, "not_allowed", state=str(error.status), actions=[str(each) for each in error.permitted]
    )


def _plain(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


class Reply(NamedTuple):
    """What is answered: a status, the headers that belong to it, and the body."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def reply(status: int, body: bytes, retry_after: object = None) -> Reply:
    """Make an answer: JSON, or problem+json from 400 on."""
    headers = []
    if body:
        kind = "application/json" if status < 400 else "application/problem+json"
        headers.append(("Content-Type", kind))
    if status == 401:
        headers.append(("WWW-Authenticate", "Bearer"))
    if retry_after is not None:
        headers.append(("Retry-After", str(retry_after)))
    return Reply(status, headers, body)


def refusal_of(error: RuleBroken) -> Reply:
    """Make the answer to a broken rule."""
    return reply(*rendered(problem_of(error)), error.facts.get("retry_after"))


def respond(status: int, body: bytes) -> Response:
    """Make Flask's response: JSON, or problem+json from 400 on."""
    return _of_flask(reply(status, body))


def _of_flask(told: Reply) -> Response:
    return Response(told.body, told.status, told.headers)


def refuse(error: RuleBroken) -> Response:
    """Answer a broken rule, in Flask."""
    g.reason = error.reason
    return _of_flask(refusal_of(error))


def refuse_store(error: StoreUnavailable) -> Response:
    """Answer that the store cannot take it now: 503 with the reason and when to try again."""
    return refuse(RuleBroken(503, error.reason, retry_after=error.retry_after_seconds))


def refuse_http(error: HTTPException) -> Response:
    """Answer what Flask itself refuses (no such route, wrong method, too large a body) in the same form."""
    reasons = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}
    status = error.code or 500
    response = refuse(RuleBroken(status, reasons.get(status, "bad_request")))
    for name, value in error.get_headers():
        if name.lower() == "allow":
            response.headers[name] = value
    return response
