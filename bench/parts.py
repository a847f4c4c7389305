"""Which part of a request the processor works on: the product's own functions, wrapped by their rooms.

A wrapped function's time, in its thread, belongs to its part until it calls a function of another part. What
libraries do belongs to who called them. Counting costs time itself, half of it inside each call and half around
it: what that is shows when the same is done without.
"""

from __future__ import annotations

import functools
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from inspect import iscoroutinefunction
from types import FunctionType, ModuleType
from typing import Any

from flask import Flask

from server.api import routes

ROOMS = {
    "server.api.headers_and_log": "log",
    "server.api.responses": "answer",
    "server.domain": "rules",
    "server.portal": "page",
    "server.portal.guard": "limits",
    "server.portal.visitor_session": "identify",
    "server.services": "use case",
    "server.services.access": "identify",
    "server.services.accounts.sessions": "identify",
    "server.services.commands": "idempotency",
    "server.services.queue.forecasts": "views",
    "server.services.queue.views": "views",
    "server.store.answers": "idempotency",
    "server.store.facts": "facts",
    "server.store.queries": "rows",
    "server.web": "page",
    "server.web.compression": "packing",
    "wire.codes": "validate",
}
"""The part of each function of a module whose name begins so; the longest name counts."""
FUNCTIONS = {
    "uvicorn.protocols.http.httptools_impl:HttpToolsProtocol.data_received": "parse",
    "uvicorn.protocols.http.httptools_impl:RequestResponseCycle.send": "answer",
    "server.http.asgi:_environ": "parse",
    "server.http.asgi:_run_wsgi": "Flask",
    "flask.ctx:RequestContext.match_request": "route",
    "flask.app:Flask.create_url_adapter": "route",
    "flask.sessions:SecureCookieSessionInterface.open_session": "identify",
    "flask.sessions:SecureCookieSessionInterface.save_session": "answer",
    "flask_wtf.csrf:CSRFProtect.protect": "validate",
    "jinja2:Template.render": "template",
    "server.app:_end": "log",
    "server.api.authentication:admit": "identify",
    "server.api.authentication:check_scope": "identify",
    "server.api.authentication:read_body": "validate",
    "server.api.authentication:command_of": "idempotency",
    "server.api.authentication:rendered": "answer",
    "server.api.authentication:problem_of": "answer",
    "server.api.authentication:respond": "answer",
    "server.services.office.settings:OfficeCache.current": "rows",
    "server.services.queue.views.shared:SharedViews.get": "views",
    "server.services.queue.forecasts:Forecasts.look": "views",
    "server.store.prepared:Prepared.run": "rows",
    "server.store.prepared:Prepared.first": "rows",
    "server.store.prepared:Prepared.all": "rows",
    "server.store.prepared:Prepared.many": "rows",
    "sqlalchemy.orm:Session.execute": "rows",
    "sqlalchemy.orm:Session.get": "rows",
    "sqlalchemy.orm:Session.flush": "rows",
    "sqlalchemy.engine:Connection.execute": "rows",
    "server.store.group_commit:SqliteWriter._commit": "commit",
    "server.store.group_commit:_Batch.run": "commit",
    "server.store.write:PostgresWriter._once": "commit",
    "server.store.store:Store.read": "rows",
    "server.store.store:Store.look": "rows",
    "server.store.keyring:Keyring.seal": "keys",
    "server.store.keyring:Keyring.open": "keys",
    "server.store.keyring:Keyring.lookup": "keys",
    "server.store.keyring:Box.seal": "keys",
    "server.store.keyring:Box.open": "keys",
}
"""The part of single functions and methods; one that is there no more is left out."""
PARTS = (
    *("parse", "Flask", "route", "identify", "limits", "validate", "idempotency", "use case", "rules"),
    *("views", "rows", "keys", "facts", "commit", "page", "template", "packing", "answer", "log"),
)
_HANDLERS, _PAGES = "use case", "page"


@dataclass(frozen=True, slots=True)
class Spent:
    """The seconds of a part, and how often it met another: each time half of what counting costs fell to it."""

    seconds: float = 0.0
    edges: int = 0


NOTHING = Spent()


class Accounts:
    """How long each part took, in all threads together."""

    def __init__(self) -> None:
        self._local = threading.local()
        self._of_threads: list[_Account] = []

    def wrapped(self, function: Callable[..., Any], part: str) -> Callable[..., Any]:
        """Return a function that does the same and has its time counted."""
        local, new = self._local, self._new_account
        if iscoroutinefunction(function):
            # Only what never waits is wrapped: nothing else runs in its thread until it ends.
            @functools.wraps(function)
            async def awaited(*given: Any, **named: Any) -> Any:
                account = getattr(local, "account", None) or new()
                account.enter(part)
                try:
                    return await function(*given, **named)
                finally:
                    account.leave()

            return awaited

        @functools.wraps(function)
        def timed(*given: Any, **named: Any) -> Any:
            account = getattr(local, "account", None) or new()
            if account.stack and account.stack[-1] == part:
                return function(*given, **named)
            account.enter(part)
            try:
                return function(*given, **named)
            finally:
                account.leave()

        return timed

    def take(self) -> dict[str, Spent]:
        """Return what each part spent since the last time."""
        found: dict[str, Spent] = {}
        for account in self._of_threads:
            for part, ns in account.ns.items():
                before = found.get(part, NOTHING)
                found[part] = Spent(before.seconds + ns / 1e9, before.edges + account.edges[part])
            account.forget()
        return found

    def _new_account(self) -> _Account:
        account = self._local.account = _Account()
        self._of_threads.append(account)
        return account


class _Account:
    """One thread's: the parts that are under way, innermost last, and the nanoseconds that each had."""

    def __init__(self) -> None:
        self.stack: list[str] = []
        self._since = 0
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self.ns: Counter[str] = Counter()
        self.edges: Counter[str] = Counter()

    def enter(self, part: str) -> None:
        """Begin a part inside the one under way."""
        now = time.thread_time_ns()
        stack = self.stack
        if stack:
            self.ns[stack[-1]] += now - self._since
            self.edges[stack[-1]] += 1
        self.edges[part] += 1
        stack.append(part)
        self._since = now

    def leave(self) -> None:
        """Go back to the part around."""
        now = time.thread_time_ns()
        self.ns[self.stack.pop()] += now - self._since
        self._since = now


class Wrapping:
    """Puts the wrapped functions into the places of the real ones, for the length of a with statement."""

    def __init__(self, accounts: Accounts) -> None:
        self.accounts = accounts
        self._made: dict[int, tuple[Callable[..., Any], Callable[..., Any]]] = {}

    def served(self, app: Flask) -> None:
        """Wrap the views of the pages of an application, which hold their functions themselves."""
        views = app.view_functions
        views.update({name: self._of(view, _PAGES) for name, view in views.items()})

    @contextmanager
    def on(self) -> Iterator[None]:
        """Wrap; on leaving everything is as it was."""
        undo: list[tuple[Any, str, Any]] = []
        real = routes.ROUTES[:]
        try:
            for owner, name, part in _named():
                self._put(undo, owner, name, getattr(owner, name), part)
            for module in _own_modules():
                for name, value in list(vars(module).items()):
                    if isinstance(value, FunctionType) and (its_part := _part_of(value)):
                        self._put(undo, module, name, value, its_part)
            routes.ROUTES[:] = [replace(each, handler=self._of(each.handler, _HANDLERS)) for each in real]
            yield
        finally:
            routes.ROUTES[:] = real
            for owner, name, value in reversed(undo):
                setattr(owner, name, value)

    def _put(self, undo: list[tuple[Any, str, Any]], owner: Any, name: str, value: Any, part: str) -> None:
        undo.append((owner, name, value))
        setattr(owner, name, self._of(value, part))

    def _of(self, function: Callable[..., Any], part: str) -> Callable[..., Any]:
        """Return the one wrapped function of a function, which is kept beside it: ids are given again."""
        made = self._made.get(id(function))
        if made is None:
            made = self._made[id(function)] = function, self.accounts.wrapped(function, part)
        return made[1]


def _part_of(function: FunctionType) -> str | None:
    """Return the part of a function by the room that it was written in; None for one of no room."""
    home = getattr(function, "__module__", None) or ""
    rooms = [room for room in ROOMS if home == room or home.startswith(f"{room}.")]
    single = FUNCTIONS.get(f"{home}:{function.__qualname__}")
    return single or (ROOMS[max(rooms, key=len)] if rooms else None)


def _own_modules() -> list[ModuleType]:
    return [module for name, module in list(sys.modules.items()) if name.split(".")[0] in ("server", "wire")]


def _named() -> Iterator[tuple[Any, str, str]]:
    """Find the methods that are named: the class, the method's name and its part."""
    for place, part in FUNCTIONS.items():
        module, _, path = place.partition(":")
        *names, last = path.split(".")
        owner: Any = import_module(module)
        for name in names:
            owner = getattr(owner, name, None)
        if names and isinstance(owner, type) and last in vars(owner):
            yield owner, last, part
