"""A small office in a fresh database: two branches, their devices, clerks and integrators, and doors for each."""

from __future__ import annotations

import itertools
import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from server.api.authentication import Runtime
from server.app import build_runtime, create_app
from server.domain.access.roles import Held
from server.domain.access.scopes import IntegratorScope
from server.services.access import passwords, sign_in
from server.services.office.set_up import set_up_office
from server.store.engine import is_sqlite
from server.store.errors import StoreUnavailable
from server.store.group_commit import ANSWER_SECONDS
from server.store.keyring import Keyring, new_token, token_hash
from server.store.queries.access import users
from server.store.queries.access.principals import device_by_token
from server.store.queries.office import grow_version
from server.store.store import Store
from server.store.tables import (
    Branch,
    Counter,
    Device,
    Fact,
    Hall,
    Integrator,
    Reservation,
    Service,
    Slot,
    Ticket,
    User,
    UserRole,
)
from tests.server.databases import Image, image_of, lay_out
from tests.server.kept_statements import keep_statements
from tests.server.movable_clock import MovableClock, at
from wire.vocabulary import Role

PASSWORD = "a long enough password"
SET_UP_TRIES = 10
LONGEST_SEALING = 30.0
KEYS = Keyring(bytes(range(32)))
_COUNTERS = {1: "TN", 2: "TN", 7: "PN", 8: "P", 10: "L"}
_SERVICES: dict[str, dict[str, Any]] = {
    "P": {"walk_in": True, "expected_service_minutes": 8, "checklist": ["identity"]},
    "L": {"expected_service_minutes": 20},
    "N": {"walk_in": True, "expected_service_minutes": 4},
    "T": {"walk_in": True, "expected_service_minutes": 3},
    "K": {"verification_required": True},
}


def _branch(code: str, services: str, counters: dict[int, str], halls: str) -> dict[str, Any]:
    return {
        "code": code,
        "name": f"Urząd {code}",
        "hall": [{"code": hall, "name": f"Sala {hall}"} for hall in halls],
        "service": [
            {"letter": letter, "names": {"pl": f"Usługa {letter}", "en": f"Service {letter}"}}
            | _SERVICES[letter]
            for letter in services
        ],
        "counter": [
            {"number": number, "hall": "B" if number == 20 else "A", "services": list(letters)}
            for number, letters in counters.items()
        ],
    }


OFFICE = {
    "branch": [
        _branch("wroclaw", "PLNTK", _COUNTERS | {20: "P"}, "AB"),
        _branch("legnica", "PN", {1: "PN"}, "A"),
    ]
}


@cache
def password_hash() -> str:
    """Hash the clerks' password once for all tests."""
    return passwords.hash_password(PASSWORD)


@dataclass(frozen=True)
class Door:
    """One caller of the API: a token and the application behind it."""

    app: Flask
    token: str | None = None

    def get(self, path: str, **headers: str) -> TestResponse:
        """GET a path below /api/v1, or one that begins with `//` as it stands."""
        return self._send("GET", path, None, headers)

    def post(self, path: str, body: Any = None, key: str | None = None, **headers: str) -> TestResponse:
        """POST a body as JSON under a fresh idempotency key, or under the given one."""
        return self._send("POST", path, {} if body is None else body, _keyed(key) | headers)

    def delete(self, path: str, key: str | None = None) -> TestResponse:
        """DELETE under a fresh idempotency key, or under the given one."""
        return self._send("DELETE", path, None, _keyed(key))

    def raw(self, method: str, path: str, data: bytes, **headers: str) -> TestResponse:
        """Send bytes as they are, as JSON unless a header says otherwise."""
        return self._open(method, path, {"Content-Type": "application/json"} | _named(headers), data)

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> TestResponse:
        data = None if body is None else json.dumps(body).encode()
        kind = {} if data is None else {"Content-Type": "application/json"}
        return self._open(method, path, kind | _named(headers), data)

    def _open(self, method: str, path: str, headers: dict[str, str], data: bytes | None) -> TestResponse:
        if self.token is not None:
            headers = {"Authorization": f"Bearer {self.token}"} | headers
        address = path[1:] if path.startswith("//") else f"/api/v1{path}"
        return self.app.test_client().open(address, method=method, headers=headers, data=data)


def _keyed(key: str | None) -> dict[str, str]:
    return {"Idempotency_Key": key or secrets.token_hex(8)}


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


_APPLICATIONS: list[Flask] = []


def application_for(runtime: Runtime) -> Flask:
    """Return the run's one application with this house behind it: its url map takes long to build."""
    if not _APPLICATIONS:
        _APPLICATIONS.append(create_app(runtime))
    _APPLICATIONS[0].extensions["numerek"] = runtime
    portal = _APPLICATIONS[0].extensions["portal"]
    if portal.is_made:
        portal().extensions["numerek"] = runtime
        portal().extensions["numerek_limiter"].reset()
    staff = _APPLICATIONS[0].extensions["staff"]
    if staff.is_made:
        staff().extensions["numerek"] = runtime
    return _APPLICATIONS[0]


@dataclass(frozen=True)
class LaidOut:
    """A set-up of the office: what it wrote, and the tokens that it gave."""

    image: Image
    tokens: dict[str, str]


_LAID_OUT: dict[tuple[str, datetime], LaidOut] = {}


def _kind(url: str, clock: MovableClock) -> tuple[str, datetime]:
    """Tell set-ups apart that differ: ids of PostgreSQL go on counting, those of each SQLite file begin anew."""
    return "sqlite" if is_sqlite(url) else url, clock.now()


class SampleOffice:
    """The office with its clock, its doors, and a look behind the scenes."""

    def __init__(self, url: str, clock: MovableClock) -> None:
        self.url = url
        self.clock = clock
        known = _LAID_OUT.get(_kind(url, clock))
        if known is not None:
            lay_out(url, known.image)
        self.store = Store(url, answer_seconds=ANSWER_SECONDS)
        keep_statements(self.store)
        self.runtime = build_runtime(self.store, clock, KEYS, "https://numerek.test")
        self.app = application_for(self.runtime)
        self.tokens: dict[str, str] = dict(known.tokens) if known else {}
        self._names = itertools.count(1)
        if known is None:
            self._written(lambda session: set_up_office(session, clock.now(), OFFICE))
            self._written(self._people)
            self.wait_until_sealed()  # else each test that begins with this image hears of it late
            _LAID_OUT[_kind(url, clock)] = LaidOut(image_of(url), dict(self.tokens))
        self.runtime.office.forget()

    def _written(self, work: Callable[[Any], None]) -> None:
        """Write, also on a machine that stands still for longer than a write may take: this is no test yet."""
        for _ in range(SET_UP_TRIES - 1):
            with suppress(StoreUnavailable):
                return self.store.write(work)
        return self.store.write(work)

    def _people(self, session: Any) -> None:
        if session.execute(select(User.id)).first():
            return  # told that it takes too long, and done all the same
        branches = {row.code: row for row in session.execute(select(Branch)).scalars()}
        halls = {(row.branch_id, row.code): row.id for row in session.execute(select(Hall)).scalars()}
        for code, branch in branches.items():
            for role in ("kiosk", "board"):
                self._device(session, f"{role}:{code}", role, branch.id, halls[branch.id, "A"])
            counters = session.execute(select(Counter).where(Counter.branch_id == branch.id)).scalars().all()
            for row in counters:
                row.state = "open"
                name = f"counter:{code}:{row.number}"
                self._device(session, name, "counter", branch.id, row.hall_id, row.id)
                login = f"{code}{row.number}"
                user = User(login=login, name="Anna Nowak", language="pl", password_hash=password_hash())
                session.add(user)
                session.flush()
                session.add(UserRole(user_id=user.id, branch_id=branch.id, role=Role.CLERK))
        for name in ("integrator", "other integrator"):
            self.tokens[name] = new_token("ni")
            hashed = token_hash(self.tokens[name])
            session.add(Integrator(name=name, token_hash=hashed, scopes=[*IntegratorScope]))

    def _device(
        self, session: Any, name: str, role: str, branch: int, hall: int, counter: Any = None
    ) -> None:
        self.tokens[name] = new_token("nd")
        hashed = token_hash(self.tokens[name])
        row = Device(branch_id=branch, hall_id=hall, counter_id=counter, role=role, name=name)
        row.token_hash, row.status = hashed, {}
        session.add(row)

    # --- doors ---------------------------------------------------------------------------------------

    def door(self, name: str | None = None, app: Flask | None = None) -> Door:
        """Return the door of a named token (`kiosk:wroclaw`, `counter:wroclaw:7`), or of nobody."""
        return Door(app or self.app, self.tokens[name] if name else None)

    @property
    def kiosk(self) -> Door:
        """Return the kiosk of the hall in Wrocław."""
        return self.door("kiosk:wroclaw")

    @property
    def board(self) -> Door:
        """Return the board of the hall in Wrocław."""
        return self.door("board:wroclaw")

    @property
    def integrator(self) -> Door:
        """Return the door of the booking system."""
        return self.door("integrator")

    def clerk(self, number: int, branch: str = "wroclaw") -> Door:
        """Sign a clerk in at a counter, without the cost of a password."""
        return Door(self.app, self.sign_in(number, branch).token)

    def supervisor(self, number: int, branch: str = "wroclaw") -> Door:
        """Sign a supervisor in at a counter."""

        def promote(session: Any) -> None:
            user = session.execute(select(User).where(User.login == f"{branch}{number}")).scalar_one()
            branch_id = self.runtime.office.current().branch_named(branch).id
            users.set_roles(session, user.id, {Held(Role.SUPERVISOR, branch_id)})

        self.store.write(promote)
        return self.clerk(number, branch)

    def sign_in(self, number: int, branch: str = "wroclaw") -> sign_in.SignedIn:
        """Sign a clerk in; return what the counter's window is told."""
        digest = token_hash(self.tokens[f"counter:{branch}:{number}"])
        context = self.runtime.context()

        def work(session: Any) -> sign_in.SignedIn:
            device = device_by_token(session, digest)
            assert device is not None
            login = f"{branch}{number}"
            clerk_id = session.execute(select(User.id).where(User.login == login)).scalar_one()
            return sign_in.sign_in(session, context, device, clerk_id)

        return self.store.write(work)

    # --- what happens in the office -------------------------------------------------------------------

    def open_slot(self, service: str, hour: datetime, capacity: int = 10, branch: str = "wroclaw") -> None:
        """Let an hour be booked."""
        service_id = self.service_id(service, branch)
        self.store.write(
            lambda session: session.add(Slot(service_id=service_id, starts_at=hour, capacity=capacity))
        )

    def book(
        self, service: str, hour: datetime | str, branch: str = "wroclaw", **applicant: Any
    ) -> dict[str, Any]:
        """Book a visit through the integrator's door, opening the slot where there is none."""
        hour = at(hour) if isinstance(hour, str) else hour
        service_id = self.service_id(service, branch)
        if not self.rows(Slot, Slot.service_id == service_id, Slot.starts_at == hour):
            self.open_slot(service, hour, 1000, branch)
        response = self.integrator.post("/reservations", self.wish(service, hour, branch, **applicant))
        assert response.status_code == 201, response.text
        answer: dict[str, Any] = response.get_json()
        return answer

    def wish(self, service: str, hour: datetime, branch: str = "wroclaw", **applicant: Any) -> dict[str, Any]:
        """Write a request for a reservation in a name of its own."""
        person = {"name": f"Visitor {next(self._names)}", "language": "pl"} | applicant
        return {
            "branch": branch,
            "service": service,
            "appointment_at": hour.isoformat(),
            "applicant": person,
        }

    def walk_in(self, service: str, **more: Any) -> dict[str, Any]:
        """Take a walk-in ticket at the kiosk."""
        response = self.kiosk.post("/tickets", {"service": service} | more)
        assert response.status_code == 201, response.text
        ticket: dict[str, Any] = response.get_json()["ticket"]
        return ticket

    def arrive(self, service: str, hour: datetime | str) -> dict[str, Any]:
        """Book a visit and check in for it now."""
        response = self.kiosk.post("/check-ins", {"code": self.book(service, hour)["code"]})
        assert response.status_code == 201, response.text
        ticket: dict[str, Any] = response.get_json()["ticket"]
        return ticket

    def set_policy(self, letter: str | None = None, branch: str = "wroclaw", **settings: Any) -> None:
        """Change settings of a branch, or of one of its services."""
        branch_id = self.one(Branch, Branch.code == branch).id
        table: Any = Service if letter else Branch
        which = (
            (Service.branch_id == branch_id, Service.letter == letter)
            if letter
            else (Branch.id == branch_id,)
        )

        def work(session: Any) -> None:
            row = session.execute(select(table).where(*which)).scalar_one()
            row.policy = dict(row.policy) | settings

        self.store.write(work)
        self.store.write(grow_version)
        self.runtime.office.forget()

    # --- behind the scenes ----------------------------------------------------------------------------

    def rows(self, table: Any, *which: Any) -> list[Any]:
        """Read rows of a table in the order of ids."""
        return self.store.read(
            lambda session: list(session.execute(select(table).where(*which).order_by(table.id)).scalars())
        )

    def one(self, table: Any, *which: Any) -> Any:
        """Read the one row there is."""
        (row,) = self.rows(table, *which)
        return row

    def service_id(self, letter: str, branch: str = "wroclaw") -> int:
        """Return a service's id."""
        branch_id = self.one(Branch, Branch.code == branch).id
        found: int = self.one(Service, Service.branch_id == branch_id, Service.letter == letter).id
        return found

    def ticket(self, ticket_id: int) -> Any:
        """Read a ticket's row."""
        return self.one(Ticket, Ticket.id == ticket_id)

    def reservation(self, reservation_id: int) -> Any:
        """Read a reservation's row."""
        return self.one(Reservation, Reservation.id == reservation_id)

    def set_reservation(self, reservation_id: int, **values: Any) -> None:
        """Put a reservation into a state that no route leads to yet."""
        self.store.write(
            lambda session: session.execute(
                update(Reservation).where(Reservation.id == reservation_id).values(**values)
            )
        )

    def wait_until_sealed(self) -> None:
        """Wait until all facts are in the feed: on PostgreSQL the sealer comes behind the commit."""
        until = time.monotonic() + LONGEST_SEALING
        unsealed = select(Fact.id).where(Fact.feed_number.is_(None)).limit(1)
        while self.store.read(lambda session: session.execute(unsealed).first()) is not None:
            assert time.monotonic() < until
            time.sleep(0.005)

    def facts(self, *types: str) -> list[Any]:
        """Read the facts of these types (all without any), oldest first."""
        return self.rows(Fact, *([Fact.type.in_(types)] if types else []))


@contextmanager
def sample_office(url: str, clock: MovableClock) -> Iterator[SampleOffice]:
    """Fill an empty, migrated database with the office, and close it afterwards."""
    office = SampleOffice(url, clock)
    try:
        yield office
    finally:
        office.store.close()
