"""What of a trial can be put in force: the same changes as settings of the office, and what is no setting."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from server.domain.office.reading import WEEKDAYS
from server.domain.queue.what_if_day import DeskChange
from server.services.office import things
from server.services.office.settings import BranchView
from server.services.office.things import Thing
from server.services.queue.what_if import Asked, CounterTried


class Cannot(StrEnum):
    """Why something that was tried is no setting that could be put in force."""

    ARRIVALS = "arrivals"
    COUNTER_HOURS = "counter_hours"
    COUNTER_STATE = "counter_state"
    NO_HOURS = "no_hours"
    OFFICE_CLOSED = "office_closed"


def settings_of(
    session: Session, branch: BranchView, asked: Asked
) -> tuple[dict[Thing, dict[str, Any]], list[tuple[Cannot, str]]]:
    """Write a trial as settings by thing; beside them why some of it cannot be put in force, and of what."""
    wanted: dict[Thing, dict[str, Any]] = {}
    cannot = [(Cannot.ARRIVALS, letter) for letter in asked.tried.arrivals]
    if asked.tried.rules:
        wanted[things.branch(branch.code)] = dict(asked.tried.rules)
    for each in asked.tried.counters:
        thing = things.counter(branch.code, each.number)
        if (why := _no_setting(each)) is not None:
            cannot.append((why, str(each.number)))
            continue
        held = wanted.get(thing, {}).get("services") or (things.stated(session, thing) or {}).get(
            "services", []
        )
        wanted[thing] = {"services": _served(held, each)}
    weekday = asked.day.weekday() if asked.day is not None else asked.weekday or 0
    for letter, hour in asked.tried.opens.items():
        hours, why = _hours(session, branch, letter, weekday, hour)
        if why is not None:
            cannot.append((why, letter))
        else:
            wanted[things.service(branch.code, letter)] = {"walk_in_hours": hours}
    for letter, rules in asked.tried.own.items():
        wanted.setdefault(things.service(branch.code, letter), {}).update(rules)
    return wanted, cannot


def _no_setting(tried: CounterTried) -> Cannot | None:
    if tried.what in (DeskChange.OPEN, DeskChange.CLOSED):
        return Cannot.COUNTER_STATE
    return Cannot.COUNTER_HOURS if tried.begins or tried.ends else None


def _served(held: list[str], tried: CounterTried) -> list[str]:
    if tried.what is DeskChange.ONLY:
        return list(tried.letters)
    return list(dict.fromkeys([*held, *tried.letters]))


def _hours(
    session: Session, branch: BranchView, letter: str, weekday: int, hour: time
) -> tuple[Mapping[str, Any], Cannot | None]:
    """Let tickets be given out from another hour, on all weekdays that begin as the one that was played."""
    service = things.stated(session, things.service(branch.code, letter)) or {}
    office = (things.stated(session, things.branch(branch.code)) or {}).get("opening_hours")
    held: Mapping[str, list[str]] = service.get("walk_in_hours") or office or {}
    own = held.get(WEEKDAYS[weekday])
    if not own:
        return {}, Cannot.NO_HOURS
    text, begins = f"{hour:%H:%M}", own[0].partition("-")[0]
    opens = min(
        (window.partition("-")[0] for window in (office or {}).get(WEEKDAYS[weekday], [])), default=""
    )
    if text < opens:
        return {}, Cannot.OFFICE_CLOSED
    return {
        day: [f"{text}-{windows[0].partition('-')[2]}", *windows[1:]]
        if windows and windows[0].partition("-")[0] == begins
        else list(windows)
        for day, windows in held.items()
    }, None
