"""Who may open a stream: devices and clerks by their token, browsers of boards and staff by their cookie."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs

from server.api import authentication
from server.portal.queue.board_browser import ADDRESS, stream_holder
from server.push.feed import EVERYBODY, Audience
from server.push.stream import ALL_HALLS, Scope, Wish, read_place, read_topics
from server.services.access.identity import bearer_token, identify
from server.services.context import not_found
from server.services.office.settings import BranchView
from server.store.keyring import token_hash

OF_DEVICES, OF_THE_STAFF, OF_BOARDS = "/api/v1/stream", "/staff/stream", f"{ADDRESS}/stream"
PATHS = frozenset({OF_DEVICES, OF_THE_STAFF, OF_BOARDS})
_LISTENERS = {
    **dict.fromkeys(("kiosk", "board"), Audience.SCREEN),
    **dict.fromkeys(("counter", "clerk"), Audience.STAFF),
}
Admitted = tuple[bytes, Sequence[BranchView], Audience]


class Admission:
    """Looks at requests for streams; `staff` gives the application of the staff's pages, if there is one."""

    def __init__(self, runtime: authentication.Runtime, staff: Callable[[], Any] | None) -> None:
        self._runtime = runtime
        self._staff = staff

    def admit(self, scope: Scope) -> tuple[bytes, Wish]:
        """Return by which token a stream is held, as its hash, and what it wants; from a thread.

        Raises RuleBroken, BadStreamRequest and StoreUnavailable.
        """
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        is_page = scope["path"] == OF_THE_STAFF
        if scope["path"] == OF_DEVICES:
            holder, branches, audience = self._device(headers.get("authorization"))
        elif scope["path"] == OF_BOARDS:
            holder, branches, audience = self._board(headers.get("cookie", ""))
        else:
            holder, branches, audience = self._colleague(scope, headers, query)
        topics = _known(branches, query.get("topics", [""])[0])
        place = read_place(headers.get("last-event-id"), query.get("after", [None])[0])
        return holder, Wish(frozenset(branch.id for branch in branches), topics, place, audience, is_page)

    def _device(self, authorization: str | None) -> Admitted:
        caller = identify(self._runtime.store, authorization, self._runtime.clock.now())
        authentication.admit(caller, frozenset(_LISTENERS))
        branch = self._runtime.office.current().branches[caller.place.branch_id]
        return token_hash(bearer_token(authorization or "")), [branch], _LISTENERS[caller.role]

    def _board(self, cookies: str) -> Admitted:
        holder, device = stream_holder(self._runtime, cookies)
        branch = self._runtime.office.current().branches[device.branch_id]
        return holder, [branch], Audience.SCREEN

    def _colleague(
        self, scope: Scope, headers: Mapping[str, str], query: Mapping[str, list[str]]
    ) -> Admitted:
        if self._staff is None:
            raise not_found("stream")
        # Here and not above: a start of the server does not wait for the libraries of the pages.
        from server.staff import stream

        source = (scope.get("client") or ("", 0))[0].partition("%")[0]
        cookies, branch_code = headers.get("cookie", ""), query.get("branch", [None])[0]
        holder, branches = stream.listener(self._staff(), self._runtime, source, cookies, branch_code)
        return holder, branches, Audience.STAFF


def _known(branches: Sequence[BranchView], wanted: str) -> frozenset[str]:
    """Read topics of the branches: who listens for a hall that is not there would wait for ever."""
    halls = {f"hall:{code}" for branch in branches for code in branch.halls}
    if wanted == ALL_HALLS:
        return frozenset(halls | {EVERYBODY})
    there = halls | {f"counter:{number}" for branch in branches for number in branch.counters}
    topics = read_topics(wanted)
    for topic in topics - there - {EVERYBODY}:
        raise not_found(topic)
    return topics
