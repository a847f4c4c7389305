"""Who may listen to a branch's events in a browser: by the staff's own cookie, and the right to see the hall."""

from __future__ import annotations

from flask import Flask
from werkzeug.http import parse_cookie

from server.api.authentication import Runtime
from server.domain.access.roles import Permission
from server.services.access.staff_sessions import session_of
from server.services.context import RuleBroken, not_found
from server.services.office.settings import BranchView
from server.staff import networks, staff_session
from server.store.keyring import token_hash

ADDRESS = "/staff/stream"


def listener(
    app: Flask, runtime: Runtime, source: str, cookies: str, branch_code: str
) -> tuple[bytes, BranchView]:
    """Return the hash of the session's token that holds a stream, and the branch that it is about.

    `source` is the address that it comes from, `cookies` the request's header. Raises RuleBroken 401, 403, 404.
    """
    if not networks.is_allowed(source, runtime.staff.networks):
        raise not_found("stream")
    name = app.config["SESSION_COOKIE_NAME"]
    token = staff_session.token_in(app, parse_cookie(cookies).get(name, ""))
    context = runtime.context()
    limits = staff_session.limits_of(runtime.staff)
    colleague = None if token is None else session_of(runtime.store, context, token, limits)
    if token is None or colleague is None:
        raise RuleBroken(401, "signed_out")
    branch = context.office.branch_named(branch_code)
    if branch is None or not any(each.counts_at(branch.id) for each in colleague.held):
        raise not_found("branch")
    lacks_proof = runtime.staff.second_factor and colleague.must_add_second_factor
    if lacks_proof or not colleague.may(Permission.SEE_HALL, branch.id):
        raise RuleBroken(403, "not_permitted")
    return token_hash(token), branch
