"""What an operator's monitoring is told of the office: lines, devices, facts, messages; nobody's data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from server.services.context import Context
from server.services.queue.views import alarms
from server.services.queue.views.hall import AlarmKind
from server.store.queries import messages
from server.store.queries.access import principals
from server.store.queries.statistics import watching as rows
from wire.vocabulary import DeviceRole

FINE, TROUBLE, AWAY = "fine", "trouble", "away"


@dataclass(frozen=True, slots=True)
class Watched:
    """Who waits by branch and letter of the service, open counters by branch, messages by their status.

    `devices` are kiosks and boards by branch, role and state. Ages are in seconds, 0 while nothing waits.
    """

    waiting: Mapping[tuple[str, str], int]
    open_counters: Mapping[str, int]
    messages: Mapping[str, int]
    messages_overdue: float
    messages_failing: int
    facts: int
    facts_unsealed: int
    facts_unsealed_age: float
    webhooks_failing: int
    webhooks_given_up: int
    devices: Mapping[tuple[str, str, str], int]


def watch(session: Session, context: Context) -> Watched:
    """Read what there is to watch now; what is put away is left out while nobody waits there."""
    office, now = context.office, context.now
    waiting, counters = rows.waiting(session), rows.open_counters(session)
    told: Counter[str] = Counter()
    for row in messages.counts(session):
        told[row[1]] += row[2]
    due_since, messages_failing = messages.late(session, now)
    facts, unsealed, oldest = rows.facts(session)
    failing, given_up = rows.webhooks(session)
    return Watched(
        waiting={
            (office.branches[each.branch_id].code, each.letter): waiting.get(each.id, 0)
            for each in office.services.values()
            if not each.policy.archived or waiting.get(each.id)
        },
        open_counters={each.code: counters.get(each.id, 0) for each in office.branches.values()},
        messages=told,
        messages_overdue=_age(due_since, now),
        messages_failing=messages_failing,
        facts=facts,
        facts_unsealed=unsealed,
        facts_unsealed_age=_age(oldest, now),
        webhooks_failing=failing,
        webhooks_given_up=given_up,
        devices=_devices(session, context),
    )


def overdue_seconds(session: Session, now: datetime) -> float:
    """Return for how long the oldest message that is due has waited to be sent."""
    return _age(messages.late(session, now)[0], now)


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())


def _devices(session: Session, context: Context) -> Mapping[tuple[str, str, str], int]:
    """Count kiosks and boards by what the hall's overview says of them; counters report nothing by themselves."""
    told: Counter[tuple[str, str, str]] = Counter()
    for device in principals.devices_of(session, *context.office.branches):
        if device.role == DeviceRole.COUNTER:
            continue
        found = alarms.of_device(device, context.now)
        is_away = any(alarm.kind is AlarmKind.DEVICE_AWAY for alarm in found)
        is_in_trouble = any(alarm.kind is not AlarmKind.PAPER_LOW for alarm in found)
        state = AWAY if is_away else TROUBLE if is_in_trouble else FINE
        told[device.branch, device.role, state] += 1
    return told
