"""Roles of the staff and what each may do, at a branch or at all of them; what is not named here is refused."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from wire.vocabulary import Role


class Permission(StrEnum):
    """A thing that a page of the staff lets its reader see or do."""

    OWN = "own"
    SERVE = "serve"
    SEE_HALL = "see_hall"
    STEER_HALL = "steer_hall"
    VERIFY = "verify"
    SEE_RESERVATIONS = "see_reservations"
    CHANGE_RESERVATIONS = "change_reservations"
    CLOSE_DAY = "close_day"
    SEE_RULES = "see_rules"
    CHANGE_RULES = "change_rules"
    SET_UP = "set_up"
    MANAGE_USERS = "manage_users"
    SEE_RECORDS = "see_records"
    SET_UP_OFFICE = "set_up_office"
    SEE_STATISTICS = "see_statistics"
    SEE_FEEDBACK = "see_feedback"
    READ_FEEDBACK = "read_feedback"
    TRY_WHAT_IF = "try_what_if"
    SEE_TREATMENT = "see_treatment"
    HAND_IN_COSIGNATURE = "hand_in_cosignature"


_HALL = frozenset({Permission.SEE_HALL})
_CLERK = frozenset(
    {
        Permission.OWN,
        Permission.SERVE,
        Permission.VERIFY,
        Permission.SEE_RESERVATIONS,
        Permission.CHANGE_RESERVATIONS,
    }
)
_SUPERVISOR = _CLERK | _HALL | {Permission.STEER_HALL, Permission.SEE_RULES}
_MANAGER = (
    _SUPERVISOR - {Permission.SERVE}
    | {Permission.CHANGE_RULES, Permission.SET_UP, Permission.MANAGE_USERS, Permission.SEE_RECORDS}
    | {Permission.CLOSE_DAY, Permission.SEE_STATISTICS, Permission.SEE_FEEDBACK, Permission.READ_FEEDBACK}
    | {Permission.TRY_WHAT_IF, Permission.SEE_TREATMENT, Permission.HAND_IN_COSIGNATURE}
)  # fmt: skip
_ADMINISTRATOR = frozenset(
    {
        Permission.OWN,
        Permission.SEE_HALL,
        Permission.SEE_RULES,
        Permission.CHANGE_RULES,
        Permission.SET_UP,
        Permission.MANAGE_USERS,
        Permission.SEE_RECORDS,
        Permission.SET_UP_OFFICE,
    }
)
# An auditor looks, and changes nothing: what a witness signed is kept beside it. Visitors' data is none of theirs
# but through the records.
_AUDITOR = frozenset(
    {
        *(Permission.OWN, Permission.SEE_HALL, Permission.SEE_RULES, Permission.SEE_RECORDS),
        Permission.SEE_STATISTICS,
        Permission.SEE_TREATMENT,
        Permission.HAND_IN_COSIGNATURE,
        Permission.SEE_FEEDBACK,
    }
)

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.CLERK: _CLERK,
    Role.SUPERVISOR: _SUPERVISOR,
    Role.MANAGER: _MANAGER,
    Role.ADMINISTRATOR: _ADMINISTRATOR,
    Role.AUDITOR: _AUDITOR,
}
# Who may give which roles: nobody makes somebody more than they are themselves.
MAY_GIVE: dict[Role, frozenset[Role]] = {
    Role.ADMINISTRATOR: frozenset(Role),
    Role.MANAGER: frozenset({Role.CLERK, Role.SUPERVISOR}),
}
# Whoever holds one of these must come in with a second factor.
NEEDS_SECOND_FACTOR = frozenset({Role.SUPERVISOR, Role.MANAGER, Role.ADMINISTRATOR, Role.AUDITOR})


@dataclass(frozen=True, slots=True)
class Held:
    """A role that somebody holds at a branch; `branch_id` None means all branches."""

    role: Role
    branch_id: int | None = None

    def counts_at(self, branch_id: int | None) -> bool:
        """Say whether the role counts at a branch; with None, whether it counts for the whole office."""
        return self.branch_id is None or self.branch_id == branch_id


def may(held: Collection[Held], permission: Permission, branch_id: int | None) -> bool:
    """Say whether these roles permit something at a branch; with None, for the whole office.

    What is one's own is everybody's, wherever a role is held.
    """
    if permission is Permission.OWN:
        return bool(held)
    return any(each.counts_at(branch_id) and permission in PERMISSIONS[each.role] for each in held)


def roles_with(permission: Permission) -> tuple[Role, ...]:
    """List the roles that permit something."""
    return tuple(role for role, permitted in PERMISSIONS.items() if permission in permitted)


def may_give(giver: Collection[Held], given: Held) -> bool:
    """Say whether somebody may give (or take) a role at a branch."""
    return any(
        each.counts_at(given.branch_id) and given.role in MAY_GIVE.get(each.role, ()) for each in giver
    )


def may_touch(giver: Collection[Held], held: Collection[Held]) -> bool:
    """Say whether somebody may change a colleague as a person (password, second factor, whether they sign in).

    Only where all that the colleague is could be given by them: nobody gets at roles through their holder.
    """
    return bool(held) and all(may_give(giver, each) for each in held)


def may_change_roles(giver: Collection[Held], before: Collection[Held], after: Collection[Held]) -> bool:
    """Say whether somebody may turn these roles of a colleague into those.

    What changes must be theirs to give, and so must all that the colleague is at the same branches; roles at
    other branches stay as they are and are nobody's business here.
    """
    changed = set(before) ^ set(after)
    touched = {each for each in before if any(_meet(each, other) for other in changed)}
    return all(may_give(giver, each) for each in changed | touched)


def _meet(one: Held, other: Held) -> bool:
    """Say whether two roles count at one branch."""
    return one.branch_id is None or other.counts_at(one.branch_id)


def needs_second_factor(held: Collection[Held]) -> bool:
    """Say whether a password alone is not enough for the holder of these roles."""
    return any(each.role in NEEDS_SECOND_FACTOR for each in held)
