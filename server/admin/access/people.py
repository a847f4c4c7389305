"""`admin user` and `admin integrator`: the people of the staff, and programs of others."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from sqlalchemy.orm import Session

from server.admin.access.passwords import ask_new_password
from server.admin.failures import OperatorMistake
from server.admin.installation import branch_of, opened
from server.admin.listing import print_columns
from server.domain.access.links import StaffLinkKind
from server.domain.access.roles import Held
from server.domain.access.scopes import IntegratorScope
from server.services.access import integrators, users
from server.services.access.passwords import hash_password
from server.services.context import Context, RuleBroken
from server.services.office.settings import BranchView
from server.store.queries.access import users as rows
from wire.settings import ServerSettings
from wire.vocabulary import Role

T = TypeVar("T")
_SENTENCES = {
    "login_invalid": "a login has up to 100 letters, digits and signs, without blanks.",
    "login_taken": "there is a user '{login}' already: see `user password` and `user enable`.",
    "name_missing": "a name has 1 to 200 characters.",
    "program_name_missing": "a name has 1 to 100 characters.",
    "last_administrator": "{login} is the last administrator of the office: make another one first.",
}
_SCOPES = (IntegratorScope.RESERVATIONS_READ, IntegratorScope.RESERVATIONS_WRITE)


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    _add_user_to(commands)
    integrator = commands.add_parser("integrator", help="programs of others: add, list, revoke")
    actions = integrator.add_subparsers(required=True, metavar="add | list | revoke")
    add = actions.add_parser("add", help="let a program in, and print its token once")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--branch", metavar="CODE", help="where it may do that; left out: in all branches")
    add.add_argument(
        "--scope",
        action="append",
        default=[],
        choices=[str(scope) for scope in IntegratorScope],
        help="what it may do; may be given several times; left out: read and write reservations",
    )
    add.set_defaults(run=_add_integrator)
    actions.add_parser("list", help="all programs and what each may do").set_defaults(run=_list_integrators)
    revoke = actions.add_parser("revoke", help="refuse a program from its next request on")
    revoke.add_argument("id", type=int, metavar="ID")
    revoke.set_defaults(run=_revoke_integrator)


def _add_user_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    user = commands.add_parser(
        "user", help="people of the staff: add, list, disable, enable, roles, password"
    )
    actions = user.add_subparsers(
        required=True, metavar="add | list | disable | enable | roles | password | first"
    )
    add = actions.add_parser(
        "add",
        help="add a person; the password is asked for",
        description="Add a person. The password is asked for twice, or read as one line of standard input.",
    )
    add.add_argument("login", metavar="LOGIN")
    add.add_argument("--name", required=True, metavar="NAME", help="the name, as colleagues know it")
    _ask_roles(add)
    add.set_defaults(run=_add_user)
    actions.add_parser("list", help="all people of the staff").set_defaults(run=_list_users)
    roles = actions.add_parser("roles", help="give roles at a branch, in place of those held there")
    roles.add_argument("login", metavar="LOGIN")
    _ask_roles(roles)
    roles.set_defaults(run=_set_roles)
    for name, run, told in (
        ("disable", _disable, "end all sessions and let nobody sign in with this login"),
        ("enable", _enable, "undo `disable`"),
        ("password", _set_password, "set a new password; all sessions end"),
    ):
        action = actions.add_parser(name, help=told)
        action.add_argument("login", metavar="LOGIN")
        action.set_defaults(run=run)
    first = actions.add_parser("first", help="print the one-time address for the first administrator")
    first.set_defaults(run=_first)


def _ask_roles(action: argparse.ArgumentParser) -> None:
    action.add_argument("--branch", metavar="CODE", help="the branch; left out: all branches")
    action.add_argument(
        "--role",
        action="append",
        default=[],
        choices=[str(role) for role in Role],
        help="a role, clerk unless it is said; may be given several times",
    )


# --- people of the staff -----------------------------------------------------------------------------


def _add_user(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    with opened(settings) as place:
        context = place.context()
        held = _held(context, chosen)
        if place.store.read(lambda session: rows.by_login(session, chosen.login)) is not None:
            raise _mistake(RuleBroken(409, "login_taken"), chosen.login)
        hashed = hash_password(ask_new_password(chosen.login))
        place.write(
            _told(
                chosen.login,
                lambda session: users.add(session, context, chosen.login, chosen.name, held, hashed),
            )
        )
    where = "all branches" if chosen.branch is None else chosen.branch
    print(f"numerek: {chosen.login} may sign in as {', '.join(_roles(chosen))} of {where}")


def _list_users(_chosen: argparse.Namespace, settings: ServerSettings) -> None:
    with opened(settings) as place:
        branches = place.context().office.branches
        people = place.store.read(users.people)
    print_columns(
        ("login", "name", "roles", "state"),
        [
            (
                each.login,
                each.name,
                _roles_text(each.held, branches),
                "disabled" if each.is_disabled else "may sign in",
            )
            for each in people
        ],
    )


def _roles_text(held: Iterable[Held], branches: Mapping[int, BranchView]) -> str:
    named = sorted((branches[each.branch_id].code if each.branch_id else "", each.role) for each in held)
    return ", ".join(f"{role} of {code}" if code else str(role) for code, role in named)


def _disable(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    _change(chosen.login, settings, "disabled", users.disable)


def _enable(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    _change(chosen.login, settings, "enabled", users.enable)


def _set_roles(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    """Give the roles that are named at a branch (or at all); those at other branches stay."""

    def give(session: Session, context: Context, user_id: int) -> None:
        given = _held(context, chosen)
        branch_ids = {each.branch_id for each in given}
        kept = {each for each in users.person(session, user_id).held if each.branch_id not in branch_ids}
        users.set_roles(session, context, user_id, kept | given)

    _change(chosen.login, settings, f"{', '.join(_roles(chosen))} of {chosen.branch or 'all branches'}", give)


def _set_password(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    with opened(settings) as place:
        if place.store.read(lambda session: rows.by_login(session, chosen.login)) is None:
            raise _unknown(chosen.login)
    hashed = hash_password(ask_new_password(chosen.login))
    _change(
        chosen.login,
        settings,
        "new password",
        lambda session, context, user_id: users.set_password(session, context, user_id, hashed),
    )


def _first(_chosen: argparse.Namespace, settings: ServerSettings) -> None:
    with opened(settings) as place:
        if place.store.read(users.has_administrator):
            raise OperatorMistake("somebody administers the office already: see `numerek admin user list`.")
        context = place.context()
        token = place.write(lambda session: users.make_link(session, context, StaffLinkKind.FIRST))
    address = users.first_address(settings.public_url, token)
    print(f"The first administrator is made here, once, within an hour:\n\n    {address}\n")


def _change(
    login: str, settings: ServerSettings, what: str, change: Callable[[Session, Context, int], None]
) -> None:
    """Change one person, with its fact."""
    with opened(settings) as place:
        context = place.context()

        def work(session: Session) -> None:
            row = rows.by_login(session, login)
            if row is None:
                raise _unknown(login)
            change(session, context, row.id)

        place.write(_told(login, work))
    print(f"numerek: {login}: {what}")


def _roles(chosen: argparse.Namespace) -> tuple[str, ...]:
    return tuple(chosen.role) or (Role.CLERK,)


def _held(context: Context, chosen: argparse.Namespace) -> set[Held]:
    branch_id = None if chosen.branch is None else branch_of(context, chosen.branch).id
    return {Held(Role(role), branch_id) for role in _roles(chosen)}


def _told(login: str, work: Callable[[Session], T]) -> Callable[[Session], T]:
    """Turn what the rules refuse into a sentence for the operator."""

    def run(session: Session) -> T:
        try:
            return work(session)
        except RuleBroken as broken:
            raise _mistake(broken, login) from None

    return run


def _mistake(broken: RuleBroken, login: str) -> OperatorMistake:
    sentence = _SENTENCES.get(broken.reason, broken.reason)
    return OperatorMistake(sentence.format(login=login))


def _unknown(login: str) -> OperatorMistake:
    return OperatorMistake(f"there is no user '{login}': see `numerek admin user list`.")


# --- integrators -------------------------------------------------------------------------------------


def _add_integrator(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    scopes = tuple(IntegratorScope(scope) for scope in chosen.scope) or _SCOPES
    with opened(settings) as place:
        context = place.context()
        branch_id = None if chosen.branch is None else branch_of(context, chosen.branch).id
        new = integrators.NewIntegrator(chosen.name, scopes, branch_id)
        _, token = place.write(_told(chosen.name, lambda session: integrators.add(session, context, new)))
    print(f"Token of {chosen.name}, told only now:\n\n    {token}\n")
    print("It goes into the header `Authorization: Bearer …` of each request (docs/api.md).")


def _list_integrators(_chosen: argparse.Namespace, settings: ServerSettings) -> None:
    with opened(settings) as place:
        now, found = place.context().now, place.store.read(integrators.listed)
    print_columns(
        ("id", "name", "may", "where", "state"),
        [
            (each.id, each.name, ", ".join(each.scopes), each.branch_name or "everywhere", each.state(now))
            for each in found
        ],
    )


def _revoke_integrator(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    with opened(settings) as place:
        context = place.context()
        try:
            place.write(lambda session: integrators.revoke(session, context, chosen.id))
        except RuleBroken:
            raise OperatorMistake(
                f"there is no integrator {chosen.id}: see `numerek admin integrator list`."
            ) from None
    print(f"numerek: integrator {chosen.id} is refused from its next request on")
