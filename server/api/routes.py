"""The list of routes: who may use each, what it takes and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from flask import Blueprint

from server.api import authentication
from server.api.asked import Asked
from server.api.authentication import Reply, Runtime
from server.domain.access.scopes import IntegratorScope
from server.domain.queue.tickets import NotAllowed
from server.services import commands
from server.services.access import integrators
from server.services.access.identity import identify
from server.services.context import RuleBroken
from server.store.errors import StoreUnavailable
from wire.messages import Message, Problem

Answer = tuple[int, Message | None]
DEVICES = frozenset({"kiosk", "board", "counter", "clerk"})
CLERK = frozenset({"clerk"})
SUPERVISOR = frozenset({"supervisor"})
KIOSK = frozenset({"kiosk"})
ANYONE = frozenset({"anyone"})
INTEGRATOR = frozenset({"integrator"})


@dataclass(frozen=True, slots=True)
class Route:
    """One route; a command's handler runs inside the write transaction, a reading one on a read session.

    One that `keeps` nothing of what it is sent changes no row, and is no command.
    """

    method: str
    path: str
    who: frozenset[str]
    handler: Callable[..., Any]
    body: type[Message] | None
    answers: Mapping[int, type[Message] | None]
    before: Callable[..., Any] | None
    scope: IntegratorScope | None
    query: str = ""
    keeps: bool = True

    @property
    def name(self) -> str:
        """Return the endpoint's name."""
        return self.handler.__name__

    @property
    def is_command(self) -> bool:
        """Say whether the route changes something."""
        return self.method != "GET" and self.keeps


API = "/api/v1"
BLUEPRINT = "api"
ROUTES: list[Route] = []


def slow_paths() -> frozenset[str]:
    """List the routes that compute for long before they write, as hashing a password does, or never write."""
    return frozenset(API + each.path for each in ROUTES if each.before is not None or not each.keeps)


def route(
    line: str,
    who: frozenset[str],
    answers: Mapping[int, type[Message] | None],
    body: type[Message] | None = None,
    before: Callable[..., Any] | None = None,
    scope: IntegratorScope | None = None,
    keeps: bool = True,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a handler for a line such as `POST /check-ins`; what an address may ask stands behind a `?`.

    `before` runs outside the transaction (password hashing) and its value is handed to the handler. `scope` is
    what a program of others must be permitted: without one the route is closed to it. What `keeps` nothing
    needs no Idempotency-Key.
    """
    method, address = line.split()
    path, _, query = address.partition("?")

    def register(handler: Callable[..., Any]) -> Callable[..., Any]:
        ROUTES.append(Route(method, path, who, handler, body, answers, before, scope, query, keeps))
        return handler

    return register


def blueprint() -> Blueprint:
    """Make the blueprint of all addresses; what is asked of them is answered by server.api.application."""
    pages = Blueprint(BLUEPRINT, __name__, url_prefix=API)
    for each in ROUTES:
        pages.add_url_rule(each.path, each.name, methods=[each.method])
    return pages


def answer(runtime: Runtime, each: Route, asked: Asked, path: Mapping[str, Any]) -> Reply:
    """Answer a request for a route, with the values in its address. Raises RuleBroken and StoreUnavailable."""
    caller = identify(runtime.store, asked.header("HTTP_AUTHORIZATION"), runtime.clock.now())
    asked.principal = caller.principal
    authentication.admit(caller, each.who)
    if "anyone" not in each.who:
        authentication.check_scope(caller, each.scope)
    body, raw = authentication.read_body(asked, each.body)
    visit = authentication.Visit(runtime, runtime.context(), caller, asked)
    given = dict(path) if body is None else {**path, "body": body}
    if not each.is_command:
        return _read(each, visit, given)
    return _command(each, visit, raw, given)


def _read(each: Route, visit: authentication.Visit, given: dict[str, Any]) -> Reply:
    told = visit.runtime.store.read(lambda session: each.handler(visit, session, **given))
    _note_use(visit)
    return authentication.reply(*authentication.rendered(told))


def _note_use(visit: authentication.Visit) -> None:
    """Keep that a program of others was here; what it read it has, even where that cannot be kept."""
    row, context = visit.caller.integrator, visit.context
    if row is not None and integrators.is_to_be_noted(context, row):
        with suppress(StoreUnavailable):
            visit.runtime.store.write(lambda session: integrators.note_use(session, context, row))


def _command(each: Route, visit: authentication.Visit, raw: bytes, given: dict[str, Any]) -> Reply:
    command = authentication.command_of(visit.asked, visit.caller, raw)
    if each.before is not None:
        given["prepared"] = each.before(visit, given.get("body"))

    def work(session: Any) -> Answer:
        if visit.caller.integrator is not None:
            integrators.note_use(session, visit.context, visit.caller.integrator)
        try:
            told: Answer = each.handler(visit, session, **given)
        except NotAllowed as refused:
            raise authentication.not_allowed(refused) from None
        return told

    def render(told: Answer | RuleBroken) -> tuple[int, bytes]:
        return authentication.rendered(
            authentication.problem_of(told) if isinstance(told, RuleBroken) else told
        )

    status, sent = commands.run(visit.runtime.store, visit.context, command, work, render)
    if status < 400:
        return authentication.reply(status, sent)
    problem = Problem.model_validate_json(sent)
    visit.asked.reason = problem.reason
    # The header too tells how long a pause lasts.
    pause = problem.facts.get("retry_after", 1) if status == 429 else None
    return authentication.reply(status, sent, pause)
