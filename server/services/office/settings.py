"""The office's set-up as one frozen value, read again when it changed, without a restart."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from server.domain.office.policies import BranchPolicy, ServicePolicy, branch_policy, service_policy
from server.domain.office.reading import SettingError
from server.domain.queue.order import CallPolicy, CounterRules
from server.services.office.publisher import PublisherView, read_publisher
from server.store.queries import office as rows
from server.store.queries import steering
from server.store.queries.access import users
from server.store.store import Store
from server.store.tables import Service, Steering
from wire.vocabulary import SteeringKind

log = logging.getLogger("numerek.office")
_LOOK_EVERY_SECONDS = 1.0
Policy = TypeVar("Policy", BranchPolicy, ServicePolicy)


@dataclass(frozen=True, slots=True)
class HallView:
    id: int
    code: str
    name: str
    branch_id: int
    archived: bool = False


@dataclass(frozen=True, slots=True)
class ServiceView:
    """A service, as a supervisor may have closed it or stopped its walk-ins for today.

    `problem` names a setting of it, or of its branch, that cannot be read.
    Such a service has the default policy: it is neither booked nor given walk-in tickets until that is mended.
    """

    id: int
    letter: str
    names: Mapping[str, str]
    policy: ServicePolicy
    branch_id: int
    problem: str | None = None
    is_closed: bool = False
    walk_ins_stopped: bool = False

    def name(self, language: str) -> str:
        """Return the service's name in a language, else in Polish, else in any that there is."""
        return (
            self.names.get(language) or self.names.get("pl") or next(iter(self.names.values()), self.letter)
        )

    def prepare(self, language: str) -> str | None:
        """Return what to bring, in a language, else in Polish."""
        return self.policy.prepare.get(language) or self.policy.prepare.get("pl")


@dataclass(frozen=True, slots=True)
class CounterView:
    id: int
    number: int
    hall_id: int
    branch_id: int
    service_ids: tuple[int, ...]
    archived: bool = False
    differs_today: bool = False
    strict_order: bool = False
    languages: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Skills:
    """What a clerk speaks, and the ids of the services that they may serve."""

    languages: frozenset[str] = frozenset()
    service_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class BranchView:
    """A branch with all that belongs to it, by the names that people use."""

    id: int
    code: str
    name: str
    policy: BranchPolicy
    halls: Mapping[str, HallView]
    services: Mapping[str, ServiceView]
    counters: Mapping[int, CounterView]
    posted: tuple[Mapping[str, str], ...] = ()
    calling: Mapping[int, CallPolicy] = field(init=False)
    """Who is next in each service's line, by the services' ids: worked out once, each call asks for all."""

    def __post_init__(self) -> None:
        found = {each.id: each.policy.calling(self.policy) for each in self.services.values()}
        object.__setattr__(self, "calling", found)

    def lead_minutes(self, service: ServiceView) -> int:
        """Return how long before the hour a visitor of a service checks in at least."""
        own = service.policy.check_in_lead_minutes
        return self.policy.check_in_lead_minutes if own is None else own

    @property
    def longest_lead_minutes(self) -> int:
        """Return what suffices for each service, where the service is not known."""
        own = (self.lead_minutes(each) for each in self.services.values())
        return max(own, default=self.policy.check_in_lead_minutes)

    def rules_at(self, counter: CounterView | None = None) -> CounterRules:
        """Give the rules by which a counter calls; without one, those of the lines alone."""
        is_strict = counter is not None and counter.strict_order
        return CounterRules(
            self.policy.calling,
            self.calling,
            counter.service_ids if counter is not None and is_strict else (),
            counter.languages if counter is not None else frozenset(),
            timedelta(minutes=self.policy.language_head_start_minutes),
        )

    def notices_at(self, now: datetime) -> Mapping[str, str]:
        """Return what boards show by language: what the office says always or now, what supervisors posted."""
        found = dict(self.policy.notices)
        timed = [each.text for each in self.policy.notices_on(now) if each.board]
        for posted in (*timed, *self.posted):
            for language, text in posted.items():
                found[language] = f"{found[language]} • {text}" if found.get(language) else text
        return found


@dataclass(frozen=True, slots=True)
class Office:
    """The whole set-up; ids lead to the things that rows point at."""

    version: str
    branches: Mapping[int, BranchView]
    services: Mapping[int, ServiceView]
    halls: Mapping[int, HallView]
    counters: Mapping[int, CounterView]
    publisher: PublisherView
    skills: Mapping[int, Skills] = field(default_factory=dict)

    def staffed(self, counter_id: int, user_id: int | None) -> CounterView:
        """Return a counter as somebody works there: their languages, and what they may serve of its services.

        Who may serve none of a branch's services in particular may serve all of them.
        """
        counter, skills = self.counters[counter_id], self.skills.get(user_id or 0)
        if skills is None:
            return counter
        own = self.services_of_clerk(user_id, counter.branch_id)
        served = tuple(each for each in counter.service_ids if not own or each in own)
        return replace(counter, service_ids=served, languages=skills.languages)

    def services_of_clerk(self, user_id: int | None, branch_id: int) -> frozenset[int]:
        """Return the ids of a branch's services that somebody may serve in particular; empty: all."""
        skills, services = self.skills.get(user_id or 0, Skills()), self.services
        return frozenset(
            each for each in skills.service_ids if each in services and services[each].branch_id == branch_id
        )

    def calling(self, service_id: int) -> CallPolicy:
        """Return the rules of who is next in a service's line."""
        return self.branches[self.services[service_id].branch_id].calling[service_id]

    def branch_named(self, code: str) -> BranchView | None:
        """Find a branch by its code."""
        return next((branch for branch in self.branches.values() if branch.code == code), None)

    def counters_serving(self, service_id: int) -> list[CounterView]:
        """List the counters that serve a service."""
        return [counter for counter in self.counters.values() if service_id in counter.service_ids]

    def problems(self) -> list[str]:
        """List the settings that cannot be read, each with the branch and the service that it shuts off."""
        return [
            f"{self.branches[service.branch_id].code}/{service.letter}: {service.problem}"
            for service in self.services.values()
            if service.problem is not None
        ]


def read_office(session: Session) -> Office:
    """Read the whole set-up; a setting that cannot be read shuts off the services that it belongs to alone."""
    # The version first: of a set-up that changes meanwhile the next look reads the rest again.
    version = rows.version(session)
    halls = {
        row.id: HallView(row.id, row.code, row.name, row.branch_id, row.archived)
        for row in rows.halls(session)
    }
    policies = {row.id: _read_or_default(branch_policy, row.policy) for row in rows.branches(session)}
    steered = steering.going_on(session)
    services = {
        row.id: _service(
            row, *policies[row.branch_id], {each.kind for each in steered if each.service_id == row.id}
        )
        for row in rows.services(session)
    }
    served: dict[int, list[int]] = {}
    for counter_id, service_id in rows.counter_services(session):
        served.setdefault(counter_id, []).append(service_id)
    today = {
        each.counter_id: each.value or {} for each in steered if each.kind == SteeringKind.COUNTER_SERVES
    }
    served |= {each: today[each]["services"] for each in today if each is not None}
    counters = {
        row.id: CounterView(
            row.id,
            row.number,
            row.hall_id,
            row.branch_id,
            tuple(served.get(row.id, ())),
            row.archived or halls[row.hall_id].archived or policies[row.branch_id][0].archived,
            row.id in today,
            row.strict_order,
        )
        for row in rows.counters(session)
    }
    branches = {
        row.id: BranchView(
            row.id,
            row.code,
            row.name,
            policies[row.id][0],
            {hall.code: hall for hall in halls.values() if hall.branch_id == row.id},
            {service.letter: service for service in services.values() if service.branch_id == row.id},
            {counter.number: counter for counter in counters.values() if counter.branch_id == row.id},
            tuple(each.value or {} for each in steered if _is_on_boards(each, row.id)),
        )
        for row in rows.branches(session)
    }
    skills = {user_id: Skills(*known) for user_id, known in users.skills_of_all(session).items()}
    return Office(version, branches, services, halls, counters, read_publisher(session), skills)


def _is_on_boards(row: Steering, branch_id: int) -> bool:
    return row.kind == SteeringKind.NOTICE and row.branch_id == branch_id and row.answered_at is not None


def _service(row: Service, branch: BranchPolicy, of_branch: str | None, steered: set[str]) -> ServiceView:
    """Read a service; one that is put away, or whose branch is, lets nobody new in."""
    policy, problem = _read_or_default(service_policy, row.policy)
    if of_branch is not None:
        policy, problem = ServicePolicy(), f"branch: {of_branch}"
    if policy.archived or branch.archived:
        policy = policy.closed
    return ServiceView(
        row.id,
        row.letter,
        row.names,
        policy,
        row.branch_id,
        problem,
        is_closed=SteeringKind.SERVICE_CLOSED in steered,
        walk_ins_stopped=SteeringKind.WALK_INS_STOPPED in steered,
    )


def _read_or_default(
    read: Callable[[Mapping[str, Any]], Policy], said: Mapping[str, Any]
) -> tuple[Policy, str | None]:
    """Read a policy; one that cannot be read is the default with the problem beside it."""
    try:
        return read(said), None
    except SettingError as error:
        return read({}), str(error)


class OfficeCache:
    """Keeps the last set-up and looks once a second whether its version grew."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._office: Office | None = None
        self._looked_at = 0.0

    def current(self) -> Office:
        """Return the set-up, at most a second old."""
        office = self._office
        if office is not None and time.monotonic() - self._looked_at < _LOOK_EVERY_SECONDS:
            return office
        with self._lock:
            if self._office is None or self._store.read(rows.version) != self._office.version:
                self._office = self._store.read(read_office)
                for problem in self._office.problems():
                    log.error("a setting cannot be read: %s", problem)
            self._looked_at = time.monotonic()
            return self._office

    def forget(self) -> None:
        """Read anew at the next look."""
        self._looked_at = 0.0
