"""What people of the staff do for their colleagues on the pages, each within what their own roles permit."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from server.domain.access.links import StaffLinkKind
from server.domain.access.roles import Held, Permission, may, may_change_roles, may_touch
from server.services.access import second_factors, users
from server.services.access.users import LINK_LENGTH, UserView
from server.services.context import Context, RuleBroken, not_found
from server.services.office.settings import Skills
from server.store.queries import office as office_rows
from server.store.queries.access import users as rows
from server.store.tables import User


def in_sight(session: Session, branch_id: int | None) -> tuple[UserView, ...]:
    """List the people who are somebody at a branch; with None, all people."""
    return tuple(each for each in users.people(session) if _is_in_sight(each, branch_id))


def colleague(session: Session, user_id: int, branch_id: int | None) -> UserView:
    """Return one of the people who are somebody at a branch. Raises RuleBroken 404."""
    found = users.person(session, user_id)
    if not _is_in_sight(found, branch_id):
        raise not_found("user")
    return found


def invite(
    session: Session, context: Context, by: int, login: str, name: str, held: Collection[Held]
) -> tuple[str, datetime]:
    """Add a colleague; return the token of the invitation, told once, and until when it can be used.

    Raises RuleBroken 403 `beyond_own_roles`, and what `users.add` raises.
    """
    if not may_change_roles(rows.roles_of(session, by), (), held):
        raise RuleBroken(403, "beyond_own_roles")
    user_id = users.add(session, context, login, name, held, by=by)
    return _address(session, context, StaffLinkKind.INVITATION, user_id)


def change_roles(
    session: Session,
    context: Context,
    by: int,
    user_id: int,
    was: Collection[Held],
    wanted: Collection[Held],
) -> None:
    """Turn the roles that the page showed (`was`) into those that are wanted.

    Raises RuleBroken 403 `beyond_own_roles`; 409 `changed_meanwhile`, `last_administrator`; 422 `roles_missing`.
    """
    before = _lock(session, user_id).held
    if before != frozenset(was):
        raise RuleBroken(409, "changed_meanwhile")
    if not may_change_roles(rows.roles_of(session, by), before, wanted):
        raise RuleBroken(403, "beyond_own_roles")
    if before != frozenset(wanted):
        users.set_roles(session, context, user_id, wanted, by=by)


def skills_of(session: Session, user_id: int) -> Skills:
    """Tell what a colleague speaks, and which services they may serve in particular."""
    return Skills(*rows.skills_of_all(session).get(user_id, (frozenset(), frozenset())))


def set_skills(
    session: Session, context: Context, by: int, user_id: int, branch_ids: Collection[int], skills: Skills
) -> None:
    """Say what a colleague speaks, and what they may serve at these branches; none of a branch's: all of them.

    Raises RuleBroken 403 `beyond_own_roles` for who does not manage the people of all these branches.
    """
    held = rows.roles_of(session, by)
    if not all(may(held, Permission.MANAGE_USERS, each) for each in branch_ids):
        raise RuleBroken(403, "beyond_own_roles")
    _lock(session, user_id)
    before = skills_of(session, user_id)
    offered = {each.id for each in context.office.services.values() if each.branch_id in branch_ids}
    session.get_one(User, user_id).speaks = sorted(skills.languages) or None
    rows.set_services(session, user_id, offered, skills.service_ids)
    session.flush()
    if skills_of(session, user_id) != before:
        users.note_change(session, context, user_id, "skills", by)
        office_rows.grow_version(session)


def rename(session: Session, context: Context, by: int, user_id: int, name: str) -> None:
    """Give a colleague another name. Raises RuleBroken 403, 409 `not_oneself`, 422 `name_missing`."""
    _touch(session, by, user_id)
    users.rename(session, context, user_id, name, by=by)


def disable(session: Session, context: Context, by: int, user_id: int) -> None:
    """Let a colleague sign in no more. Raises RuleBroken 403, 409 `not_oneself`, `last_administrator`."""
    _touch(session, by, user_id)
    users.disable(session, context, user_id, by=by)


def enable(session: Session, context: Context, by: int, user_id: int) -> None:
    """Let a colleague sign in again. Raises RuleBroken 403, 409 `not_oneself`."""
    _touch(session, by, user_id)
    users.enable(session, context, user_id, by=by)


def new_address(session: Session, context: Context, by: int, user_id: int) -> tuple[str, datetime]:
    """Make a one-time address at which a colleague chooses a password; as `invite` returns it.

    Who never had a password is invited anew. Raises RuleBroken 403, 409 `not_oneself`, `disabled`.
    """
    found = _touch(session, by, user_id)
    if found.is_disabled:
        raise RuleBroken(409, "disabled")
    kind = StaffLinkKind.PASSWORD if found.has_password else StaffLinkKind.INVITATION
    made = _address(session, context, kind, user_id)
    users.note_change(session, context, user_id, "address_made", by)
    return made


def take_second_factor(session: Session, context: Context, by: int, user_id: int) -> None:
    """Take a lost second factor away from a colleague. Raises RuleBroken 403, 409 `not_oneself`."""
    _touch(session, by, user_id)
    second_factors.remove(session, context, user_id, by=by)


def _is_in_sight(user: UserView, branch_id: int | None) -> bool:
    return branch_id is None or any(each.counts_at(branch_id) for each in user.held)


def _address(session: Session, context: Context, kind: StaffLinkKind, user_id: int) -> tuple[str, datetime]:
    return users.make_link(session, context, kind, user_id), context.now + LINK_LENGTH[kind]


def _touch(session: Session, by: int, user_id: int) -> UserView:
    """Return a colleague whom `by` may change as a person; nobody does here what their own page is for."""
    found = _lock(session, user_id)
    if by == user_id:
        raise RuleBroken(409, "not_oneself")
    if not may_touch(rows.roles_of(session, by), found.held):
        raise RuleBroken(403, "beyond_own_roles")
    return found


def _lock(session: Session, user_id: int) -> UserView:
    # Administrators first, in one order: of two who change each other the later one sees what the first did.
    rows.lock_administrators(session)
    session.get(User, user_id, with_for_update=True, populate_existing=True)
    return users.person(session, user_id)
