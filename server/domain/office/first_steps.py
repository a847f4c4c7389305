"""The first steps of a branch: in which order it is set up, and what is missing before its doors can open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Step(StrEnum):
    """A step of the set-up, in the order in which they are taken."""

    BRANCH = "branch"
    HALLS = "halls"
    SERVICES = "services"
    COUNTERS = "counters"
    HOURS = "hours"
    DEVICES = "devices"
    PEOPLE = "people"


class Lack(StrEnum):
    """What a branch may lack."""

    NO_HALL = "no_hall"
    NO_SERVICE = "no_service"
    NOT_OFFERED = "not_offered"
    NO_COUNTER = "no_counter"
    NOT_SERVED = "not_served"
    NO_HOURS = "no_hours"
    NO_KIOSK = "no_kiosk"
    NOBODY_SERVES = "nobody_serves"


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is missing, and the step that mends it; `names` are the letters that it is about."""

    step: Step
    lack: Lack
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """What there is at a branch, without what is put away: services and those offered or served by letter."""

    halls: int = 0
    services: tuple[str, ...] = ()
    offered: frozenset[str] = frozenset()
    counters: int = 0
    served: frozenset[str] = frozenset()
    has_hours: bool = False
    kiosks: int = 0
    people: int = 0


def gaps(there: Standing) -> tuple[Gap, ...]:
    """List what is missing before a visitor can take a ticket and be called, in the order of the steps."""
    return tuple(_gaps(there))


def first_undone(there: Standing) -> Step | None:
    """Return the first step that lacks something; None when all is there."""
    return next((each.step for each in _gaps(there)), None)


def _gaps(there: Standing) -> Iterator[Gap]:
    if not there.halls:
        yield Gap(Step.HALLS, Lack.NO_HALL)
    if not there.services:
        yield Gap(Step.SERVICES, Lack.NO_SERVICE)
    if out := tuple(each for each in there.services if each not in there.offered):
        yield Gap(Step.SERVICES, Lack.NOT_OFFERED, out)
    if not there.counters:
        yield Gap(Step.COUNTERS, Lack.NO_COUNTER)
    elif out := tuple(each for each in there.services if each not in there.served):
        yield Gap(Step.COUNTERS, Lack.NOT_SERVED, out)
    if not there.has_hours:
        yield Gap(Step.HOURS, Lack.NO_HOURS)
    if not there.kiosks:
        yield Gap(Step.DEVICES, Lack.NO_KIOSK)
    if not there.people:
        yield Gap(Step.PEOPLE, Lack.NOBODY_SERVES)
