"""`admin slots`: hours that are opened by hand beside the planned ones, and what stands against the plan."""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from server.admin.failures import OperatorMistake
from server.admin.installation import branch_of, opened, service_of
from server.admin.listing import print_columns
from server.domain.office.hours import WeekHours, Window, start_of_day
from server.services.booking.slots.planning import conflicts
from server.store.facts import NewFact, note
from server.store.tables import Slot
from wire.settings import ServerSettings
from wire.vocabulary import FactType

MOST = 20_000
_WALL = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class Span:
    """The same hours on each day from the first to the last."""

    first: date
    last: date
    hours: Window


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    slots = commands.add_parser("slots", help="hours that can be booked: add, list, conflicts")
    actions = slots.add_subparsers(required=True, metavar="add | list | conflicts")
    add = actions.add_parser(
        "add",
        help="open hours for booking",
        description="Open hours for booking: on each day from the first to the last, from the first hour until "
        "before the last, where the branch is open. Hours are those of the branch's clock.",
    )
    add.add_argument("--from", dest="first", required=True, metavar="YYYY-MM-DDTHH:MM")
    add.add_argument("--to", dest="last", required=True, metavar="YYYY-MM-DDTHH:MM")
    add.add_argument("--every", type=int, required=True, metavar="MINUTES")
    add.add_argument("--capacity", type=int, required=True, metavar="N", help="visits that begin in each")
    add.set_defaults(run=_add)
    show = actions.add_parser("list", help="the hours of a day and what is taken of them")
    show.add_argument("--on", required=True, type=date.fromisoformat, metavar="YYYY-MM-DD")
    show.set_defaults(run=_list)
    against = actions.add_parser(
        "conflicts",
        help="the hours for which more visits stand than are planned",
        description="List the hours to come for which more visits stand than the templates have room for, since "
        "these or the closed days changed. Hours are those of the branch's clock.",
    )
    against.set_defaults(run=_conflicts)
    for command in (add, show, against):
        command.add_argument("--branch", required=True, metavar="CODE")
    for command in (add, show):
        command.add_argument("--service", required=True, metavar="LETTER")


def read_span(first: str, last: str) -> Span:
    """Read `2026-12-01T08:00` and `2026-12-05T15:00`; 24:00 ends the day. Raises OperatorMistake."""
    edges = []
    for text in (first, last):
        found = _WALL.fullmatch(text)
        try:
            day, wall = found.groups() if found else ("", "")
            edges.append((date.fromisoformat(day), time.fromisoformat(wall.replace("24:00", "00:00"))))
        except ValueError:
            raise OperatorMistake(f"'{text}' is no day and hour such as 2026-12-01T08:00.") from None
    (first_day, opens), (last_day, closes) = edges
    ends_the_day = closes == time.min and "24:00" in last
    if last_day < first_day or (closes <= opens and not ends_the_day):
        raise OperatorMistake("--to must be later than --from, both as a day and as an hour of the day.")
    return Span(first_day, last_day, Window(opens, closes))


def starts(span: Span, every: timedelta, zone: ZoneInfo, opening: WeekHours | None) -> list[datetime]:
    """List the instants in UTC: elapsed steps, so that no night of a clock change doubles or skips one."""
    found = []
    for ahead in range((span.last - span.first).days + 1):
        at, closes = span.hours.on(span.first + timedelta(days=ahead), zone)
        while at < closes:
            if opening is None or opening.is_open(at, zone):
                found.append(at)
            at += every
        if len(found) > MOST:
            raise OperatorMistake(f"that would be more than {MOST} slots: take fewer days at once.")
    return found


def _add(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    if not 1 <= chosen.every <= 24 * 60 or not 1 <= chosen.capacity <= 1_000:
        raise OperatorMistake("--every is 1 to 1440 minutes, --capacity 1 to 1000.")
    span = read_span(chosen.first, chosen.last)
    with opened(settings) as place:
        context = place.context()
        branch = branch_of(context, chosen.branch)
        service = service_of(branch, chosen.service)
        policy = branch.policy
        wanted = starts(span, timedelta(minutes=chosen.every), policy.zone, policy.hours)

        def add(session: Session) -> int:
            there = set(
                session.execute(select(Slot.starts_at).where(Slot.service_id == service.id)).scalars()
            )
            new = [at for at in wanted if at not in there]
            if new:
                rows = [
                    {"service_id": service.id, "starts_at": at, "capacity": chosen.capacity, "taken": 0}
                    for at in new
                ]
                session.execute(insert(Slot), rows)
                data = {"service": service.letter, "slots": len(new)}
                note(session, NewFact(FactType.SLOTS_ADDED, context.now, branch.id, data))
            return len(new)

        added = place.write(add)
    print(f"numerek: {added} slots added, {len(wanted) - added} were there already and keep what they have")


def _list(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    with opened(settings) as place:
        branch = branch_of(place.context(), chosen.branch)
        zone = branch.policy.zone
        query = (
            select(Slot.starts_at, Slot.capacity, Slot.taken)
            .where(
                Slot.service_id == service_of(branch, chosen.service).id,
                Slot.starts_at >= start_of_day(chosen.on, zone),
                Slot.starts_at < start_of_day(chosen.on + timedelta(days=1), zone),
            )
            .order_by(Slot.starts_at)
        )
        rows = place.store.read(lambda session: session.execute(query).all())
    shown = [(f"{at.astimezone(zone):%H:%M %z}", taken, capacity - taken) for at, capacity, taken in rows]
    print_columns(("hour", "taken", "free"), shown)


def _conflicts(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    with opened(settings) as place:
        context = place.context()
        branch = branch_of(context, chosen.branch)
        found = place.store.read(lambda session: conflicts(session, context, branch))
    if not found:
        print("numerek: no visit stands against the plan")
        return
    zone = branch.policy.zone
    shown = [
        (each.service, f"{each.starts_at.astimezone(zone):%Y-%m-%d %H:%M %z}", each.taken, each.planned)
        for each in found
    ]
    print_columns(("service", "hour", "taken", "planned"), shown)
