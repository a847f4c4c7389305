"""The demo's people of the staff: one of each role, and a one-time address for its manager."""

from __future__ import annotations

import secrets
from typing import Any

import pyotp

from server.api.authentication import Runtime
from server.domain.access.links import StaffLinkKind
from server.domain.access.roles import Held
from server.services.access import second_factors, users
from server.services.access.passwords import hash_password
from server.services.office.settings import BranchView
from server.store.queries.access import users as rows
from wire.vocabulary import Role

MANAGER = "kierownik"
# The role, the login, the name; the first administers the whole office, the others are of the branch.
_PEOPLE = (
    (Role.ADMINISTRATOR, "administrator", "Adam Mazur"),
    (Role.MANAGER, MANAGER, "Joanna Nowak"),
    (Role.SUPERVISOR, "koordynator", "Marek Dudek"),
    (Role.AUDITOR, "audytor", "Hanna Bąk"),
)


def add_people(runtime: Runtime, branch: BranchView) -> list[dict[str, Any]]:
    """Add one person of each role, each with a second factor but the manager, and return what trials are told."""
    return [_add(runtime, branch, *each) for each in _PEOPLE]


def _add(runtime: Runtime, branch: BranchView, role: Role, login: str, name: str) -> dict[str, Any]:
    context, password = runtime.context(), secrets.token_hex(6)
    held = {Held(role, None if role is Role.ADMINISTRATOR else branch.id)}
    hashed = hash_password(password)
    user_id = runtime.store.write(lambda session: users.add(session, context, login, name, held, hashed))
    told = {"login": login, "password": password, "totp_secret": None, "role": str(role)}
    if login == MANAGER:
        return told
    secret = second_factors.new_secret()
    # Of the thirty seconds before: the code of now still opens.
    code = pyotp.TOTP(secret).at(context.now, counter_offset=-1)
    runtime.store.write(lambda session: second_factors.set_up(session, context, user_id, secret, code))
    return told | {"totp_secret": secret}


def manager_address(runtime: Runtime) -> str:
    """Make the one-time address at which the demo's manager chooses a password and comes in."""
    context = runtime.context()

    def make(session: Any) -> str:
        manager = rows.by_login(session, MANAGER)
        assert manager is not None
        return users.make_link(session, context, StaffLinkKind.INVITATION, manager.id)

    return f"{runtime.public_url}/staff/welcome/{runtime.store.write(make)}"
