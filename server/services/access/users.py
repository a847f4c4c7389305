"""People of the staff: added, given roles, disabled; by pages and by `admin user` alike."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from server.domain.access.links import StaffLinkKind
from server.domain.access.roles import Held
from server.services.access.passwords import weakness
from server.services.context import Context, RuleBroken, not_found
from server.store.facts import NewFact, note
from server.store.keyring import new_token, token_hash
from server.store.queries.access import clerk_sessions
from server.store.queries.access import users as rows
from server.store.tables import StaffLink, User
from wire.vocabulary import FactType, Role

LINK_LENGTH = {
    StaffLinkKind.FIRST: timedelta(hours=1),
    StaffLinkKind.INVITATION: timedelta(days=3),
    StaffLinkKind.PASSWORD: timedelta(hours=1),
}
_LOGIN = re.compile(r"[\w.@+-]{1,100}")


@dataclass(frozen=True, slots=True)
class UserView:
    """A person of the staff as colleagues see them."""

    id: int
    login: str
    name: str
    language: str
    held: frozenset[Held]
    is_disabled: bool
    has_password: bool
    has_totp: bool
    has_passkey: bool

    @property
    def has_second_factor(self) -> bool:
        """Say whether the sign-in asks for more than a password."""
        return self.has_totp or self.has_passkey


def people(session: Session) -> tuple[UserView, ...]:
    """List all people of the staff."""
    held, with_passkey = rows.roles_of_all(session), rows.with_passkey(session)
    return tuple(
        _shown(row, held.get(row.id, frozenset()), row.id in with_passkey) for row in rows.people(session)
    )


def person(session: Session, user_id: int) -> UserView:
    """Return one person of the staff. Raises RuleBroken 404."""
    row = session.get(User, user_id)
    if row is None:
        raise not_found("user")
    return _shown(row, rows.roles_of(session, user_id), user_id in rows.with_passkey(session, user_id))


def add(
    session: Session,
    context: Context,
    login: str,
    name: str,
    held: Collection[Held],
    password_hash: str | None = None,
    *,
    by: int | None = None,
) -> int:
    """Add a person and return the id; without a password they need an invitation.

    Raises RuleBroken 422 `login_invalid`, `name_missing`, `roles_missing`; 409 `login_taken`.
    """
    if _LOGIN.fullmatch(login) is None:
        raise RuleBroken(422, "login_invalid")
    if not name.strip() or len(name) > 200:
        raise RuleBroken(422, "name_missing")
    if not held:
        raise RuleBroken(422, "roles_missing")
    if rows.by_login(session, login) is not None:
        raise RuleBroken(409, "login_taken")
    row = User(login=login, name=name.strip(), language="pl", password_hash=password_hash, totp_step=0)
    session.add(row)
    session.flush()
    rows.set_roles(session, row.id, held)
    _note(session, context, row.id, held, "added", by)
    return row.id


def set_roles(
    session: Session, context: Context, user_id: int, held: Collection[Held], *, by: int | None = None
) -> None:
    """Give somebody these roles and no other. Raises RuleBroken 404, 409 `last_administrator`, 422."""
    rows.lock_administrators(session)
    _locked(session, user_id)
    if not held:
        raise RuleBroken(422, "roles_missing")
    if not _administers(held):
        _keep_one_administrator(session, user_id)
    before = rows.roles_of(session, user_id)
    rows.set_roles(session, user_id, set(held))
    _note(session, context, user_id, before | set(held), "roles", by)


def disable(session: Session, context: Context, user_id: int, *, by: int | None = None) -> None:
    """Let somebody sign in no more; their sessions end, their counter closes, addresses for them are worthless.

    Raises RuleBroken 404, 409 `last_administrator`.
    """
    rows.lock_administrators(session)
    row = _locked(session, user_id)
    _keep_one_administrator(session, user_id)
    row.disabled_at = context.now
    for kind in (StaffLinkKind.INVITATION, StaffLinkKind.PASSWORD):
        rows.forget_links(session, kind, user_id)
    end_all_sessions(session, context, user_id)
    _note(session, context, user_id, rows.roles_of(session, user_id), "disabled", by)


def enable(session: Session, context: Context, user_id: int, *, by: int | None = None) -> None:
    """Undo `disable`."""
    _locked(session, user_id).disabled_at = None
    _note(session, context, user_id, rows.roles_of(session, user_id), "enabled", by)


def rename(session: Session, context: Context, user_id: int, name: str, *, by: int | None = None) -> None:
    """Give somebody another name. Raises RuleBroken 404, 422 `name_missing`."""
    if not name.strip() or len(name) > 200:
        raise RuleBroken(422, "name_missing")
    _locked(session, user_id).name = name.strip()
    _note(session, context, user_id, rows.roles_of(session, user_id), "renamed", by)


def speak(session: Session, user_id: int, language: str) -> None:
    """Let the pages speak another language to somebody."""
    _locked(session, user_id).language = language


def set_password(
    session: Session, context: Context, user_id: int, hashed: str, *, by: int | None = None
) -> None:
    """Set a password that was hashed outside the transaction; all sessions end."""
    _locked(session, user_id).password_hash = hashed
    end_all_sessions(session, context, user_id)
    _note(session, context, user_id, rows.roles_of(session, user_id), "password", by)


def note_change(session: Session, context: Context, user_id: int, what: str, by: int) -> None:
    """Keep that something of a person was changed, and by whom, at the branches where they are somebody."""
    _note(session, context, user_id, rows.roles_of(session, user_id), what, by)


def refuse_weak(password: str, *own: str) -> None:
    """Raise RuleBroken 422 with what is wrong with a new password; `own` are its owner's words."""
    if (problem := weakness(password, *own)) is not None:
        raise RuleBroken(422, problem)


def end_all_sessions(session: Session, context: Context, user_id: int) -> None:
    """Sign somebody out wherever they are; the counter they sit at closes, as when they sign out themselves."""
    rows.end_sessions(session, context.now, user_id=user_id)
    clerk_sessions.end(session, context.now, clerk_id=user_id)
    for counter in clerk_sessions.sits_at(session, user_id):
        clerk_sessions.get_up(session, counter.id, context.now)
        place = context.office.counters.get(counter.id)
        hall = context.office.halls[place.hall_id].code if place else ""
        data = {"clerk": user_id, "counter": counter.number, "hall": hall}
        note(session, NewFact(FactType.CLERK_SIGNED_OUT, context.now, counter.branch_id, data))


def end_unproved(session: Session, context: Context, user_id: int) -> None:
    """End the sessions that began without a second factor: from now on there is one, and they never showed it."""
    rows.end_sessions(session, context.now, user_id=user_id, proof=None)


# --- one-time addresses ------------------------------------------------------------------------------


def make_link(session: Session, context: Context, kind: StaffLinkKind, user_id: int | None = None) -> str:
    """Make a one-time address and return its token, told once; earlier ones of its kind are worthless."""
    rows.forget_links(session, kind, user_id)
    token = new_token("nl")
    expires_at = context.now + LINK_LENGTH[kind]
    session.add(StaffLink(kind=kind, token_hash=token_hash(token), user_id=user_id, expires_at=expires_at))
    return token


def first_address(public_url: str, token: str) -> str:
    """Write the one-time address at which the first administrator is made."""
    return f"{public_url}/staff/first/{token}"


def welcome_address(public_url: str, token: str) -> str:
    """Write the one-time address at which somebody chooses a password."""
    return f"{public_url}/staff/welcome/{token}"


def has_administrator(session: Session) -> bool:
    """Say whether somebody administers the office: then no first administrator is to be made."""
    return rows.anybody(session)


def link_kind(session: Session, context: Context, token: str) -> StaffLinkKind:
    """Return what a one-time address is for. Raises RuleBroken 410 `link_spent`."""
    return StaffLinkKind(_link(session, context, token).kind)


def whose_link(session: Session, context: Context, token: str) -> UserView | None:
    """Return for whom a one-time address was made; None for the first administrator's."""
    user_id = _link(session, context, token).user_id
    return None if user_id is None else person(session, user_id)


def make_first(session: Session, context: Context, token: str, login: str, name: str, hashed: str) -> int:
    """Make the first administrator, once. Raises RuleBroken 410 `link_spent`, and what `add` raises."""
    link = _link(session, context, token)
    if link.kind != StaffLinkKind.FIRST or rows.anybody(session):
        raise RuleBroken(410, "link_spent")
    link.used_at = context.now
    return add(session, context, login, name, {Held(Role.ADMINISTRATOR)}, hashed)


def take_link(session: Session, context: Context, token: str, hashed: str) -> int:
    """Set the password of whom an invitation or a reset was made for; return the id. Raises RuleBroken 410."""
    link = _link(session, context, token)
    if link.user_id is None:
        raise RuleBroken(410, "link_spent")
    link.used_at = context.now
    set_password(session, context, link.user_id, hashed, by=link.user_id)
    return link.user_id


def _link(session: Session, context: Context, token: str) -> StaffLink:
    found = rows.link(session, token_hash(token), context.now)
    if found is None:
        raise RuleBroken(410, "link_spent")
    return found


# --- what all of them need ---------------------------------------------------------------------------


def _locked(session: Session, user_id: int) -> User:
    row = session.get(User, user_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise not_found("user")
    return row


def _administers(held: Iterable[Held]) -> bool:
    return Held(Role.ADMINISTRATOR) in held


def _keep_one_administrator(session: Session, user_id: int) -> None:
    """Refuse a change after which nobody could administer the office."""
    if _administers(rows.roles_of(session, user_id)) and not rows.others_who_administer(session, user_id):
        raise RuleBroken(409, "last_administrator")


def _shown(row: User, held: frozenset[Held], has_passkey: bool) -> UserView:
    return UserView(
        row.id,
        row.login,
        row.name,
        row.language,
        held,
        row.disabled_at is not None,
        row.password_hash is not None,
        row.totp_confirmed_at is not None,
        has_passkey,
    )


def _note(
    session: Session, context: Context, user_id: int, held: Collection[Held], what: str, by: int | None
) -> None:
    """Note a change at every branch that it concerns; facts of the whole office have no branch."""
    data = {"user": user_id, "change": what, "by": by}
    branches: set[int | None] = {each.branch_id for each in held} or {None}
    at: datetime = context.now
    for branch_id in sorted(branches, key=lambda each: each or 0):
        note(session, NewFact(FactType.USER_CHANGED, at, branch_id, data))
