"""What wants a supervisor's attention in a hall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from server.domain.queue.hall import whole_minutes
from server.services.access.devices import FINE, NO_STATES
from server.services.office.settings import HallView
from server.services.queue.views.attention import HelpShown
from server.services.queue.views.hall import Alarm, AlarmKind, CounterInHall, Doing, ServiceShown
from server.store.queries.access.principals import DeviceRow
from wire.vocabulary import DeviceRole

# A kiosk reports each minute, a board listens all the time; after this they are looked for.
AWAY_AFTER = timedelta(minutes=3)
_LOW = frozenset({"paper_low", "low", "ending"})
_OUT = frozenset({"paper_out", "out"})
_PRINTERS = ("printer", "second_printer")
# A printer that is not fine says so in one of its words; the paper is then known no better.
_NOT_TOLD = frozenset({"unknown"})


def alarms(
    hall: HallView,
    now: datetime,
    services: Sequence[ServiceShown],
    counters: Sequence[CounterInHall],
    calls: Sequence[HelpShown],
    devices: Sequence[DeviceRow],
) -> tuple[Alarm, ...]:
    """List what wants attention, the grave first."""
    found = [
        Alarm(AlarmKind.HELP, counter=each.counter, at=each.called_at, name=each.accepted_by)
        for each in calls
    ]
    found += [alarm for service in services for alarm in _of_service(service, counters)]
    found += [
        Alarm(
            AlarmKind.TAKES_LONG,
            counter=each.number,
            ticket=each.ticket,
            minutes=whole_minutes(now - each.since),
        )
        for each in counters
        if each.takes_long and each.since is not None
    ]
    for device in devices:
        if device.hall_id == hall.id and device.role != DeviceRole.COUNTER:
            found += of_device(device, now)
    return tuple(sorted(found, key=lambda alarm: not alarm.is_grave))


def conflict_alarms(hall: HallView, conflicts: Sequence[tuple[int, str, int, datetime]]) -> tuple[Alarm, ...]:
    """List the kiosks whose visitors wait for a decision: they have a number that is in no line."""
    return tuple(
        Alarm(AlarmKind.OFFLINE_CONFLICT, device=name, count=count, at=since)
        for hall_id, name, count, since in conflicts
        if hall_id == hall.id
    )


def _of_service(service: ServiceShown, counters: Sequence[CounterInHall]) -> list[Alarm]:
    found = []
    if service.over_maximum or service.over_target:
        kind, bound = AlarmKind.WAIT, service.target_minutes
        if service.over_maximum and service.alarm_minutes is not None:
            kind, bound = AlarmKind.WAIT_AT_MOST, service.alarm_minutes
        found.append(Alarm(kind, service=service.letter, minutes=service.longest_minutes, target=bound))
    booked = service.booked + service.to_come
    if booked and not service.open_counters:
        found.append(_nobody(service, booked, [each for each in counters if each.clerk is not None]))
    return found


def _nobody(service: ServiceShown, booked: int, manned: Sequence[CounterInHall]) -> Alarm:
    """Tell of a service that nobody serves, with the counter that could: one on a break, else a free one."""
    idle = [each for each in manned if each.doing in (Doing.PAUSED, Doing.CLOSED)]
    free = [each for each in manned if each.doing is Doing.FREE]
    busy = [each for each in manned if each.doing in (Doing.CALLED, Doing.SERVING)]
    return Alarm(
        AlarmKind.NOBODY,
        service=service.letter,
        count=booked,
        at=service.first_to_come_at,
        opens=next((each.number for each in idle if service.letter in each.letters), None),
        could_serve=next((each.number for each in free + busy), None),
    )


def of_device(device: DeviceRow, now: datetime) -> list[Alarm]:
    """List what is wrong with a kiosk or a board."""
    if device.seen_at is not None and now - device.seen_at > AWAY_AFTER:
        # What it said before it went away may have changed since.
        return [Alarm(AlarmKind.DEVICE_AWAY, device=device.name, at=device.seen_at)]
    said = {part: state for part, state in device.status.items() if part not in NO_STATES}
    part = _printer_spared(said)
    if part is not None:
        state = said.pop(part)
        if part == "printer":
            said.pop("paper", None)
        return [
            Alarm(AlarmKind.ONE_PRINTER, device=device.name, part=part, state=state),
            *_of_parts(device, said),
        ]
    return _of_parts(device, said)


def _printer_spared(said: Mapping[str, str]) -> str | None:
    """Name the one printer of two that cannot print while the other can: nobody goes without a ticket."""
    failing = [part for part in _PRINTERS if part in said and said[part] not in FINE | _LOW]
    return failing[0] if len(failing) == 1 and all(part in said for part in _PRINTERS) else None


def _of_parts(device: DeviceRow, said: Mapping[str, str]) -> list[Alarm]:
    words = set(said.values())
    if words & _OUT:
        return [Alarm(AlarmKind.PAPER_OUT, device=device.name)]
    found = [Alarm(AlarmKind.PAPER_LOW, device=device.name)] if words & _LOW else []
    return found + [
        Alarm(AlarmKind.DEVICE_ERROR, device=device.name, part=part, state=state)
        for part, state in sorted(said.items())
        if state not in FINE | _LOW | _NOT_TOLD
    ]
