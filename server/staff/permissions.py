"""What a page permits to whom: each view names its permission, and a view that names none opens for nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from server.api import authentication
from server.domain.access.roles import Permission
from server.services.access.staff_sessions import AT_COUNTER, Colleague
from server.staff import branches, staff_session
from server.web import safe_redirects

View = TypeVar("View", bound=Callable[..., Any])
ANYBODY = "anybody"
_NAME = "staff_permission"
_SOMEWHERE = "staff_somewhere"
_BEFORE_PROOF = "staff_before_proof"
_SIGN_IN = "staff_sign_in"


def needs(permission: Permission, *, somewhere: bool = False) -> Callable[[View], View]:
    """Mark a view with what its reader must be permitted at the branch of its address.

    A page of no branch needs it for the whole office, or with `somewhere` at one branch at least.
    """

    def mark(view: View) -> View:
        setattr(view, _NAME, permission)
        setattr(view, _SOMEWHERE, somewhere)
        return view

    return mark


def for_anybody(view: View) -> View:
    """Mark a view that opens without a sign-in."""
    setattr(view, _NAME, ANYBODY)
    return view


def before_proof(view: View) -> View:
    """Mark a view that opens although a second factor that is wanted is not set up yet."""
    setattr(view, _BEFORE_PROOF, True)
    return view


def signs_in_at(endpoint: str) -> Callable[[View], View]:
    """Mark a view that has a sign-in of its own."""

    def mark(view: View) -> View:
        setattr(view, _SIGN_IN, endpoint)
        return view

    return mark


def permission_of(endpoint: str) -> object:
    """Return what an endpoint needs: a Permission, ANYBODY, or None for one that opens for nobody."""
    if endpoint == "asset":
        return ANYBODY
    return getattr(current_app.view_functions.get(endpoint), _NAME, None)


def join(app: Flask) -> None:
    """Look at every request before its view, and let templates ask what is permitted here."""
    app.before_request(_admit)
    app.add_template_global(Permission)
    app.add_template_global(permitted)


def permitted(permission: Permission) -> bool:
    """Say whether the reader of this page may do something at its branch (or for the whole office)."""
    colleague = staff_session.colleague()
    return colleague is not None and _may(colleague, permission, somewhere=False)


def _admit() -> ResponseReturnValue | None:
    """Let a request pass, lead to the sign-in, or refuse; a branch where one is nothing looks like none (404)."""
    if request.endpoint is None:
        return None  # there is no such page, and that is answered without a sign-in
    wanted = permission_of(request.endpoint)
    if wanted == ANYBODY:
        return None
    colleague = staff_session.colleague()
    if colleague is None:
        return _to_sign_in(request.endpoint)
    view = current_app.view_functions[request.endpoint]
    if not isinstance(wanted, Permission) or not _may(colleague, wanted, getattr(view, _SOMEWHERE, False)):
        g.reason = "not_permitted"
        if colleague.proof == AT_COUNTER:
            return _to_sign_in(request.endpoint)
        abort(404 if branches.is_named() and not _is_somebody(colleague) else 403)
    is_wanted = authentication.runtime().staff.second_factor and colleague.must_add_second_factor
    if is_wanted and not getattr(view, _BEFORE_PROOF, False):
        return redirect(url_for("second_factor.show"), 303)
    return None


def _may(colleague: Colleague, permission: Permission, somewhere: bool) -> bool:
    if branches.is_named():
        branch = branches.named()
        return branch is not None and colleague.may(permission, branch.id)
    return colleague.may_somewhere(permission) if somewhere else colleague.may(permission)


def _is_somebody(colleague: Colleague) -> bool:
    branch = branches.named()
    return branch is not None and any(each.counts_at(branch.id) for each in colleague.held)


def _to_sign_in(endpoint: str) -> ResponseReturnValue:
    """Send to the sign-in, and from there back; a part of a page has its whole page sent there."""
    own = getattr(current_app.view_functions[endpoint], _SIGN_IN, None)
    address = url_for(own) if own else url_for("sign_in.show", next=safe_redirects.back_here())
    if request.headers.get("HX-Request"):
        return "", 401, {"HX-Redirect": url_for(own or "sign_in.show")}
    return redirect(address, 303)
