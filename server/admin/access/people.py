"""`admin user` and `admin integrator`: who may sign in at a counter, and which programs may book."""

from __future__ import annotations

import argparse
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.admin.access.passwords import ask_new_password
from server.admin.failures import OperatorMistake
from server.admin.installation import branch_of, opened
from server.admin.listing import print_columns
from server.services.access.passwords import hash_password
from server.store.facts import NewFact, note
from server.store.keyring import new_token, token_hash
from server.store.tables import Branch, Clerk, ClerkSession, Counter, Hall, Integrator
from wire.settings import ServerSettings
from wire.vocabulary import CounterState, FactType

_SCOPES = ["reservations"]


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    _add_user_to(commands)
    integrator = commands.add_parser("integrator", help="programs that book: add, list, revoke")
    actions = integrator.add_subparsers(required=True, metavar="add | list | revoke")
    add = actions.add_parser("add", help="let a program book, and print its token once")
    add.add_argument("name", metavar="NAME")
    add.set_defaults(run=_add_integrator)
    actions.add_parser("list", help="all programs that may book").set_defaults(run=_list_integrators)
    revoke = actions.add_parser("revoke", help="refuse a program from its next request on")
    revoke.add_argument("id", type=int, metavar="ID")
    revoke.set_defaults(run=_revoke_integrator)


def _add_user_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    user = commands.add_parser("user", help="clerks: add, list, disable, enable, supervisor, password")
    actions = user.add_subparsers(
        required=True, metavar="add | list | disable | enable | supervisor | clerk | password"
    )
    add = actions.add_parser(
        "add",
        help="add a clerk; the password is asked for",
        description="Add a clerk. The password is asked for twice, or read as one line of standard input.",
    )
    add.add_argument("login", metavar="LOGIN")
    add.add_argument("--branch", required=True, metavar="CODE")
    add.add_argument("--name", required=True, metavar="NAME", help="the clerk's name, as colleagues know it")
    add.add_argument("--supervisor", action="store_true", help="one who steers the hall, see `supervisor`")
    add.set_defaults(run=_add_user)
    actions.add_parser("list", help="all clerks").set_defaults(run=_list_users)
    for name, run, told in (
        ("disable", _disable, "end the clerk's session and let nobody sign in with this login"),
        ("enable", _enable, "undo `disable`"),
        ("supervisor", _make_supervisor, "let this clerk steer the hall: open finished tickets again"),
        ("clerk", _make_clerk, "undo `supervisor`"),
        ("password", _set_password, "set a new password; the clerk's session ends"),
    ):
        action = actions.add_parser(name, help=told)
        action.add_argument("login", metavar="LOGIN")
        action.set_defaults(run=run)


# --- clerks ------------------------------------------------------------------------------------------


def _add_user(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    login = chosen.login
    if not 1 <= len(login) <= 100 or not login.isprintable() or " " in login:
        raise OperatorMistake("a login has up to 100 letters, digits and signs, without blanks.")
    with opened(settings) as place:
        context = place.context()
        branch = branch_of(context, chosen.branch)
        if place.store.read(lambda session: _found(session, login)) is not None:
            raise OperatorMistake(
                f"there is a clerk '{login}' already: see `user password` and `user enable`."
            )
        hashed = hash_password(ask_new_password(login))

        def add(session: Session) -> None:
            clerk = Clerk(branch_id=branch.id, login=login, name=chosen.name, password_hash=hashed)
            clerk.is_supervisor = chosen.supervisor
            session.add(clerk)
            session.flush()
            _note(session, context.now, clerk, "added")

        place.write(add)
    print(f"numerek: {login} may sign in at the counters of {branch.code}")


def _list_users(_chosen: argparse.Namespace, settings: ServerSettings) -> None:
    query = select(Clerk.login, Clerk.name, Branch.code, Clerk.is_supervisor, Clerk.disabled_at).join(
        Branch, Branch.id == Clerk.branch_id
    )
    with opened(settings) as place:
        rows = place.store.read(lambda session: session.execute(query.order_by(Clerk.login)).all())
    print_columns(
        ("login", "name", "branch", "role", "state"),
        [
            (
                *(login, name, branch),
                "supervisor" if steers else "clerk",
                "disabled" if off else "may sign in",
            )
            for login, name, branch, steers, off in rows
        ],
    )


def _disable(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    def disable(session: Session, clerk: Clerk, now: datetime) -> None:
        clerk.disabled_at = now
        _end_session(session, clerk, now)

    _change(chosen.login, settings, "disabled", disable)


def _enable(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    def enable(_session: Session, clerk: Clerk, _now: datetime) -> None:
        clerk.disabled_at = None

    _change(chosen.login, settings, "enabled", enable)


def _make_supervisor(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    _set_supervisor(chosen, settings, is_supervisor=True)


def _make_clerk(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    _set_supervisor(chosen, settings, is_supervisor=False)


def _set_supervisor(chosen: argparse.Namespace, settings: ServerSettings, *, is_supervisor: bool) -> None:
    def change(_session: Session, clerk: Clerk, _now: datetime) -> None:
        clerk.is_supervisor = is_supervisor

    _change(chosen.login, settings, "supervisor" if is_supervisor else "clerk", change)


def _set_password(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    with opened(settings) as place:
        if place.store.read(lambda session: _found(session, chosen.login)) is None:
            raise _unknown(chosen.login)
    hashed = hash_password(ask_new_password(chosen.login))

    def set_password(session: Session, clerk: Clerk, now: datetime) -> None:
        clerk.password_hash = hashed
        _end_session(session, clerk, now)

    _change(chosen.login, settings, "password", set_password)


def _change(login: str, settings: ServerSettings, what: str, change: object) -> None:
    """Change one clerk, with its fact."""
    with opened(settings) as place:
        now = place.context().now

        def work(session: Session) -> None:
            clerk = _found(session, login)
            if clerk is None:
                raise _unknown(login)
            change(session, clerk, now)  # type: ignore[operator]
            _note(session, now, clerk, what)

        place.write(work)
    print(f"numerek: {login}: {'new password' if what == 'password' else what}")


def _found(session: Session, login: str) -> Clerk | None:
    return session.execute(select(Clerk).where(Clerk.login == login)).scalar_one_or_none()


def _unknown(login: str) -> OperatorMistake:
    return OperatorMistake(f"there is no clerk '{login}': see `numerek admin user list`.")


def _end_session(session: Session, clerk: Clerk, now: datetime) -> None:
    """Sign the clerk out wherever they sit; their counter closes, as when they sign out themselves."""
    session.execute(
        update(ClerkSession)
        .where(ClerkSession.clerk_id == clerk.id, ClerkSession.ended_at.is_(None))
        .values(ended_at=now)
    )
    seats = select(Counter, Hall.code).join(Hall, Hall.id == Counter.hall_id)
    for counter, hall in session.execute(seats.where(Counter.clerk_id == clerk.id)):
        counter.clerk_id, counter.state = None, CounterState.CLOSED
        data = {"clerk": clerk.id, "counter": counter.number, "hall": hall}
        note(session, NewFact(FactType.CLERK_SIGNED_OUT, now, clerk.branch_id, data))


def _note(session: Session, now: datetime, clerk: Clerk, what: str) -> None:
    data = {"clerk": clerk.id, "change": what}
    note(session, NewFact(FactType.CLERK_CHANGED, now, clerk.branch_id, data))


# --- integrators -------------------------------------------------------------------------------------


def _add_integrator(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    if not chosen.name.strip() or len(chosen.name) > 100:
        raise OperatorMistake("a name has 1 to 100 characters.")
    token = new_token("ni")
    with opened(settings) as place:
        now = place.context().now

        def add(session: Session) -> None:
            row = Integrator(name=chosen.name, token_hash=token_hash(token), scopes=_SCOPES)
            session.add(row)
            session.flush()
            _note_integrator(session, now, row.id, "added")

        place.write(add)
    print(f"Token of {chosen.name}, told only now:\n\n    {token}\n")
    print("It goes into the header `Authorization: Bearer …` of each request (docs/api.md).")


def _list_integrators(_chosen: argparse.Namespace, settings: ServerSettings) -> None:
    query = select(Integrator.id, Integrator.name, Integrator.revoked_at).order_by(Integrator.id)
    with opened(settings) as place:
        rows = place.store.read(lambda session: session.execute(query).all())
    print_columns(
        ("id", "name", "state"), [(each, name, "revoked" if off else "may book") for each, name, off in rows]
    )


def _revoke_integrator(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    with opened(settings) as place:
        now = place.context().now

        def revoke(session: Session) -> None:
            row = session.get(Integrator, chosen.id)
            if row is None or row.revoked_at is not None:
                raise OperatorMistake(
                    f"there is no integrator {chosen.id}: see `numerek admin integrator list`."
                )
            row.revoked_at = now
            _note_integrator(session, now, row.id, "revoked")

        place.write(revoke)
    print(f"numerek: integrator {chosen.id} is refused from its next request on")


def _note_integrator(session: Session, now: datetime, row_id: int, what: str) -> None:
    note(session, NewFact(FactType.INTEGRATOR_CHANGED, now, None, {"integrator": row_id, "change": what}))
