"""Who may listen to a branch's events in a browser: who sees the hall, and the clerk of a counter."""

from __future__ import annotations

from flask import Flask
from werkzeug.http import parse_cookie

from server.api.authentication import Runtime
from server.domain.access.roles import Permission
from server.services.access import staff_sessions
from server.services.access.staff_sessions import session_of
from server.services.context import RuleBroken, not_found
from server.services.office.settings import BranchView
from server.staff import at_counter, networks, staff_session
from server.store.keyring import token_hash

ADDRESS = "/staff/stream"


def listener(
    app: Flask, runtime: Runtime, source: str, cookies: str, branch_code: str | None
) -> tuple[bytes, list[BranchView]]:
    """Return the hash of the session's token that holds a stream, and the branches that it is about.

    Without `branch_code` these are all whose halls the listener may see. `source` is the address that it comes
    from, `cookies` the request's header. Raises RuleBroken 401, 403, 404.
    """
    if not networks.is_allowed(source, runtime.staff.networks):
        raise not_found("stream")
    jar, context = parse_cookie(cookies), runtime.context()
    seated = at_counter.seated(app, runtime, jar)
    if seated is not None:
        branch = context.office.branches[seated[0].device.branch_id]
        clerk = staff_sessions.at_counter(runtime.store, seated[0])
        if branch.code == branch_code and clerk.may(Permission.SERVE, branch.id):
            return seated[1], [branch]
    token = staff_session.token_in(app, jar.get(app.config["SESSION_COOKIE_NAME"], ""))
    limits = staff_session.limits_of(runtime.staff)
    colleague = None if token is None else session_of(runtime.store, context, token, limits)
    if token is None or colleague is None:
        raise RuleBroken(401, "signed_out")
    branches = [each for each in context.office.branches.values() if branch_code in (None, each.code)]
    known = [each for each in branches if any(held.counts_at(each.id) for held in colleague.held)]
    if not known:
        raise not_found("branch")
    seen = [each for each in known if colleague.may(Permission.SEE_HALL, each.id)]
    if not seen or (runtime.staff.second_factor and colleague.must_add_second_factor):
        raise RuleBroken(403, "not_permitted")
    return token_hash(token), seen
