"""Fills an empty database with the sample branch: devices, clerks, and a day of reservations around now."""

from __future__ import annotations

import json
import os
import secrets
import tomllib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from deploy.demo.drawn import decide_a_draw
from deploy.demo.history import write_history
from deploy.demo.staff import add_people
from server.api.authentication import Runtime
from server.domain.access.roles import Held
from server.domain.access.scopes import IntegratorScope
from server.domain.queue import check_in as rules
from server.services.access import devices, users
from server.services.access import integrators as programs
from server.services.access.passwords import hash_password
from server.services.booking import integrators
from server.services.booking.slots.places import NoPlace
from server.services.context import Context
from server.services.office.set_up import set_up_office
from server.store.tables import Counter, Device, Enrolment, Reservation, Slot
from wire.vocabulary import CounterState, DeviceRole, ReservationStatus, Role

OFFICE_FILE = Path(__file__).with_name("office.toml")
BRANCH, OTHER_BRANCH, HALL = "wroclaw", "legnica", "A"
_PER_SERVICE = 12
_EVERY = timedelta(minutes=10)
_FEW = 8
_NAMES = (
    "Olena Kovalenko",
    "Jan Nowak",
    "Nguyễn Thị Lan",
    "Maryia Kazlova",
    "Giorgi Beridze",
    "Anna Wiśniewska",
    "Ahmad Haddad",
    "Iryna Shevchenko",
    "Piotr Zieliński",
    "Natalia Bondar",
)
_CLERKS = ("Anna Nowak", "Piotr Wójcik", "Maria Kamińska", "Tomasz Lis", "Ewa Zając", "Jan Kowalczyk")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A sample reservation: for which branch and service, when, and what became of it before the visit."""

    branch: str
    service: str
    appointment_at: datetime
    status: ReservationStatus = ReservationStatus.BOOKED


def fill(runtime: Runtime, base_url: str, *, past: bool = True) -> dict[str, Any]:
    """Write the sample into an empty database and return what trials are told of it (api.md, Time in trials).

    past: with days that are over, made up, for pages that look back.
    """
    office = tomllib.loads(OFFICE_FILE.read_text(encoding="utf-8"))
    runtime.store.write(lambda session: set_up_office(session, runtime.clock.now(), office))
    runtime.office.forget()
    clerks = [(f"clerk{n + 1}", secrets.token_hex(4), name) for n, name in enumerate(_CLERKS)]
    hashed = {login: hash_password(password) for login, password, _ in clerks}
    context = runtime.context()

    def people(session: Session) -> dict[str, Any]:
        branch = context.office.branch_named(BRANCH)
        assert branch is not None
        for login, _, name in clerks:
            roles = {Role.CLERK, Role.SUPERVISOR} if login == clerks[0][0] else {Role.CLERK}
            held = {Held(role, branch.id) for role in roles}
            users.add(session, context, login, name, held, hashed[login])
        session.execute(update(Counter).where(Counter.branch_id == branch.id).values(state=CounterState.OPEN))
        _, token = programs.add(session, context, programs.NewIntegrator("trial", frozenset(IntegratorScope)))
        return {"integrator_token": token} | _devices(session, context)

    told = runtime.store.write(people)
    branch = context.office.branch_named(BRANCH)
    assert branch is not None
    decide_a_draw(runtime, branch.services["D"])
    if past:
        write_history(runtime.store, context, branch)
    told |= {
        "base_url": base_url,
        "staff_url": f"{base_url}/staff/",
        "staff": add_people(runtime, branch),
        "clerks": [{"login": login, "password": password} for login, password, _ in clerks],
        "reservations": runtime.store.write(lambda session: _reservations(session, context)),
    }
    return told


def renew(runtime: Runtime, told: dict[str, Any]) -> bool:
    """Bring what is told of the reservations up to the present; add a fresh day when few can still come.

    Return whether a day was added. Visitors who have their ticket are told of no more.
    """
    context = runtime.context()
    told["reservations"] = runtime.store.read(lambda session: _still(session, context, told["reservations"]))
    if sum(each["expect"] == "admitted" for each in told["reservations"]) >= _FEW:
        return False
    told["reservations"] += runtime.store.write(lambda session: _reservations(session, context))
    return True


def write_told(path: Path, told: dict[str, Any]) -> None:
    """Write demo.json for its owner's eyes only, whole or not at all."""
    write_private(path, json.dumps(told, indent=1))


def write_private(path: Path, text: str) -> None:
    """Write a file that only this user reads, whole or not at all."""
    part = path.with_name(path.name + ".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    part.replace(path)


def _devices(session: Session, context: Context) -> dict[str, Any]:
    branch = context.office.branch_named(BRANCH)
    assert branch is not None

    def token(role: DeviceRole, name: str, counter: int | None = None) -> str:
        devices.prepare_enrolment(session, context, branch, devices.NewDevice(role, name, HALL, counter))
        row = session.execute(select(Device).where(Device.name == name)).scalar_one()
        session.flush()
        for enrolment in session.execute(select(Enrolment).where(Enrolment.device_id == row.id)).scalars():
            enrolment.used_at = context.now
        return devices.give_token(session, context, row.id)

    return {
        "device_tokens": {
            "kiosk": token(DeviceRole.KIOSK, "Kiosk A1"),
            "board": token(DeviceRole.BOARD, "Board A1"),
        },
        "counters": [
            {
                "number": counter.number,
                "token": token(DeviceRole.COUNTER, f"Counter {counter.number}", counter.number),
                "services": [context.office.services[each].letter for each in counter.service_ids],
            }
            for counter in branch.counters.values()
        ],
    }


def _still(session: Session, context: Context, told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    still = []
    for each in told:
        code = context.keys.lookup("code", each["code"])
        row = session.execute(select(Reservation).where(Reservation.code_hash == code)).scalar_one_or_none()
        if row is None or row.status == ReservationStatus.CHECKED_IN:
            continue
        branch = context.branch(row.branch_id)
        status = ReservationStatus(row.status)
        wanted = Wanted(branch.code, each["service"], row.appointment_at, status)
        still.append(each | {"expect": _expected(context, wanted)})
    return still


def _reservations(session: Session, context: Context) -> list[dict[str, Any]]:
    told = []
    for place, wanted in enumerate(_wanted(context.now)):
        # Booked the day before, so that a visit of this morning can be in the sample too.
        then = replace(context, now=wanted.appointment_at - timedelta(days=1))
        _open_slot(session, then, wanted)
        person: dict[str, Any] = {"name": _NAMES[place % len(_NAMES)], "children": []}
        if place % 7 == 0:
            person["children"] = [{"name": "Marko", "birth_year": context.now.year - 7}]
        language = "en" if place % 3 == 2 else "pl"
        visit = integrators.Visit(wanted.branch, wanted.service, wanted.appointment_at, language, person)
        booked = integrators.book(session, then, visit)
        if isinstance(booked, NoPlace):
            continue  # so many have come at this hour already, in a folder that is used again and again
        assert booked.code is not None
        assert booked.token is not None
        session.execute(update(Reservation).where(Reservation.id == booked.id).values(status=wanted.status))
        told.append(
            {
                "code": booked.code.digits,
                "qr": booked.token.qr,
                "service": wanted.service,
                "appointment_at": wanted.appointment_at.isoformat(),
                "expect": _expected(context, wanted),
            }
        )
    return told


def _wanted(now: datetime) -> list[Wanted]:
    """List a day's visits: a dozen an own hour ahead for each booked service, and one for each refusal."""
    start = now.replace(second=0, microsecond=0) + timedelta(minutes=20 - now.minute % 10)
    ahead = [
        Wanted(BRANCH, service, start + _EVERY * turn)
        for turn in range(1, _PER_SERVICE + 1)
        for service in ("P", "L", "K", "N")
    ]
    day = timedelta(days=1)
    return [
        *ahead,
        Wanted(BRANCH, "P", start - timedelta(minutes=10)),
        Wanted(BRANCH, "L", start - timedelta(hours=1)),
        Wanted(BRANCH, "P", start + _EVERY, ReservationStatus.CANCELLED),
        Wanted(BRANCH, "K", start + _EVERY, ReservationStatus.PENDING),
        Wanted(BRANCH, "K", start + _EVERY, ReservationStatus.REJECTED),
        Wanted(BRANCH, "L", start + 2 * day),
        Wanted(BRANCH, "P", start - 2 * day),
        Wanted(OTHER_BRANCH, "P", start + _EVERY),
    ]


def _open_slot(session: Session, context: Context, wanted: Wanted) -> None:
    branch = context.office.branch_named(wanted.branch)
    assert branch is not None
    service_id = branch.services[wanted.service].id
    slot = session.execute(
        select(Slot).where(Slot.service_id == service_id, Slot.starts_at == wanted.appointment_at)
    ).scalar_one_or_none()
    if slot is None:
        session.add(Slot(service_id=service_id, starts_at=wanted.appointment_at, capacity=4))
        session.flush()


def _expected(context: Context, wanted: Wanted) -> str:
    """Say what the kiosk answers now, by the rules themselves."""
    branch = context.office.branch_named(wanted.branch)
    assert branch is not None
    facts = rules.ReservationFacts(wanted.branch, wanted.service, wanted.status, wanted.appointment_at)
    policy = context.check_in(branch.services[wanted.service].id)
    decision = rules.decide(facts, rules.Arrival(BRANCH, context.now), policy)
    return str(decision.reason) if isinstance(decision, rules.Refuse) else "admitted"
