"""A branch as the office ruled it at an instant of the past, by the changes that were made since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from server.domain.office.policies import branch_policy, service_policy
from server.domain.office.reading import SettingError
from server.services.office.settings import BranchView
from server.services.office.things import Subject
from server.store.queries import what_if as rows


def as_of(session: Session, branch: BranchView, at: datetime) -> BranchView:
    """Return the branch with the settings that its services and counters had at an instant.

    What cannot be read any more stays as it is now; what is new since stays too, for nobody came to it then.
    """
    before: dict[tuple[str, str], Mapping[str, Any]] = {}
    for change in rows.changes_since(session, branch.id, at):
        before.setdefault((change.subject, change.name), change.old or {})
    found = branch
    for (subject, name), old in before.items():
        try:
            found = _with(found, subject, name, old) if old else found
        except SettingError:
            continue
    return found


def _with(branch: BranchView, subject: str, name: str, old: Mapping[str, Any]) -> BranchView:
    if subject == Subject.BRANCH:
        policy = branch_policy({key: value for key, value in old.items() if key != "name"})
        return replace(branch, policy=policy)
    if subject == Subject.SERVICE and name in branch.services:
        own = service_policy({key: value for key, value in old.items() if key != "names"})
        service = replace(branch.services[name], policy=own)
        return replace(branch, services={**branch.services, name: service})
    if subject == Subject.COUNTER and name.isdecimal() and int(name) in branch.counters:
        services = [branch.services[each].id for each in old["services"] if each in branch.services]
        counter = replace(
            branch.counters[int(name)],
            service_ids=tuple(services),
            strict_order=bool(old.get("strict_order", False)),
        )
        return replace(branch, counters={**branch.counters, counter.number: counter})
    return branch
