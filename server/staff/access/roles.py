"""Roles on the pages: their names, those of a person in words, and the boxes by which they are given."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import fields

from server.domain.access.roles import Held, may_give
from server.services.office.settings import BranchView
from wire.vocabulary import Role

NAMES: Mapping[Role, object] = {
    Role.CLERK: _l("Clerk"),
    Role.SUPERVISOR: _l("Supervisor"),
    Role.MANAGER: _l("Manager"),
    Role.ADMINISTRATOR: _l("Administrator"),
    Role.AUDITOR: _l("Auditor"),
}
TASKS: Mapping[Role, object] = {
    Role.CLERK: _l("calls and serves visitors, verifies and changes reservations"),
    Role.SUPERVISOR: _l("does what a clerk does, and steers the hall"),
    Role.MANAGER: _l("steers the hall, sets the branch up, lets clerks and supervisors in"),
    Role.ADMINISTRATOR: _l("sets up and lets everybody in; sees no reservations"),
    Role.AUDITOR: _l("sees the records, changes nothing"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A branch, or all of them, with what somebody is there or may be made there."""

    name: str
    roles: tuple[Role, ...]
    values: tuple[str, ...]


class RolesField(fields.SelectMultipleField):
    """Boxes for roles at branches; its template draws them place by place (`places`)."""

    places: tuple[Place, ...] = ()

    def offer(self, held: Iterable[Held], branches: Mapping[int, BranchView]) -> None:
        """Offer these roles to be given or taken."""
        self.places = by_place(held, branches)
        self.choices = [(value, value) for place in self.places for value in place.values]

    @property
    def chosen(self) -> frozenset[Held]:
        """Return the roles whose boxes are ticked."""
        return frozenset(read_role(value) for value in self.data or ())


def givable(giver: Collection[Held], branch_ids: Iterable[int | None]) -> frozenset[Held]:
    """List all that somebody may give at these branches (None: at all of them)."""
    every = (Held(role, branch_id) for branch_id in branch_ids for role in Role)
    return frozenset(each for each in every if may_give(giver, each))


def by_place(held: Iterable[Held], branches: Mapping[int, BranchView]) -> tuple[Place, ...]:
    """Sort roles by where they count: all branches first, then each by its name."""
    sorted_by: dict[int | None, list[Role]] = {}
    for each in held:
        sorted_by.setdefault(each.branch_id, []).append(each.role)
    places = []
    for branch_id, roles in sorted_by.items():
        branch = branches.get(branch_id or 0)
        name = branch.name if branch else _("All branches") if branch_id is None else str(branch_id)
        ordered = tuple(sorted(roles, key=[*Role].index))
        values = tuple(write_role(Held(role, branch_id)) for role in ordered)
        places.append((branch_id is not None, Place(name, ordered, values)))
    return tuple(place for _not_all, place in sorted(places, key=lambda each: (each[0], each[1].name)))


def write_role(held: Held) -> str:
    """Write a role as the value of a box: `clerk.3`, or `auditor.0` for all branches."""
    return f"{held.role}.{held.branch_id or 0}"


def read_role(value: str) -> Held:
    """Read what `write_role` wrote. Raises ValueError."""
    role, _dot, branch_id = value.partition(".")
    return Held(Role(role), int(branch_id) or None)
