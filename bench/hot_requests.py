"""The requests that an office answers all day, and an office that is busy enough for them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bench.crowd import Person, fill_in, hold, log_in
from bench.hall import book, join_line
from bench.in_process import Opened, Step, Steps
from bench.load import command
from deploy.demo.sample import BRANCH
from server.api.authentication import Runtime
from server.services.access.offline_letters import give_letter
from server.services.booking import hold as holding
from server.services.booking.activation import Activated, activate
from server.services.booking.activation_codes import code_hashes
from server.services.booking.owners import Owner
from server.services.booking.slots.planning import plan_service
from server.services.guard.evidence import Traces
from server.services.office.settings import ServiceView
from server.store.queries.access.principals import devices_of
from server.store.queries.office import grow_version
from server.store.tables import Reservation, Service, Slot
from wire.vocabulary import DeviceRole

WAITING = 300
HORIZON_DAYS = 90
_LETTER, _WALK_INS = "P", "N"
_EVERY_DAY = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_HOURS = {"days": _EVERY_DAY, "hours": "08:00-18:00", "every_minutes": 20, "capacity": 1_000}
_BROWSER = (
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
    "Accept-Language: pl,en-US;q=0.7,en;q=0.3\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n"
)
_CODE = "123456"


@dataclass(frozen=True, slots=True)
class Crowd:
    """People who book: so many whose hour is free, so many whose hour is full, and one who has booked."""

    buyers: list[bytes]
    late: list[bytes]
    reader: Person
    open_draft: str
    reservation: int


@dataclass(frozen=True, slots=True)
class Busy:
    """An office in the middle of its day: who can check in, and who books."""

    told: dict[str, Any]
    codes: list[str]
    crowd: Crowd
    cookie_name: str
    day: datetime


def busy(office: Opened, portal: Any, rounds: int, others: int = 0, waiting: int = WAITING) -> Busy:
    """Fill an office for so many rounds of each request: 300 people wait, 90 days can be booked.

    So many others have an account too.
    """
    runtime = office.runtime
    _open_hours(runtime)
    context = runtime.context()
    service = _service(runtime)
    join_line(runtime.store, context, waiting)
    kiosks = runtime.store.read(lambda session: devices_of(session, service.branch_id))
    kiosk = next(each for each in kiosks if each.role == DeviceRole.KIOSK)
    runtime.store.write(lambda session: give_letter(session, context, service.branch_id, kiosk.id))
    plan_service(runtime.store, context, service)
    hours, cookie = _hours(runtime, service), portal.config["SESSION_COOKIE_NAME"]
    return Busy(
        office.told,
        list(book(runtime.store, context, rounds)),
        _crowd(runtime, log_in(runtime, portal, 2 * rounds + 1 + others), cookie, service, hours, rounds),
        cookie,
        hours[len(hours) // 2],
    )


def hall_steps(office: Busy, codes: Sequence[str]) -> Steps:
    """Let visitors come, be called and go: for each code one who is booked, and one who is not."""
    counter, tokens = office.told["counters"][0], office.told["device_tokens"]
    number, kiosk = counter["number"], tokens["kiosk"]
    signed_in = yield Step(_post("/sessions", counter["token"], office.told["clerks"][0]), "", 201)
    clerk = json.loads(_body(signed_in))["token"]
    screen, menu, desk = (
        _get(f"/api/v1/{path}", f"Authorization: Bearer {token}")
        for path, token in (("boards/A", tokens["board"]), ("services", kiosk), (f"counters/{number}", clerk))
    )
    for code in codes:
        yield Step(_post("/check-ins", kiosk, {"code": code}), "check-in", 201)
        yield Step(screen, "board, something happened")
        yield Step(screen, "board, nothing happened")
        yield Step(_post("/tickets", kiosk, {"service": _WALK_INS}), "walk-in", 201)
        yield Step(menu, "services, something happened")
        yield Step(menu, "services, nothing happened")
        yield Step(desk, "counter")
        for _ in range(2):
            called = yield Step(_post(f"/counters/{number}/call-next", clerk, {}), "call next")
            ticket = json.loads(_body(called))["ticket"]["id"]
            yield Step(_post(f"/tickets/{ticket}/start", clerk, {}), "start")
            yield Step(_post(f"/tickets/{ticket}/finish", clerk, {"outcome": "served"}), "finish")


def other_steps(office: Busy) -> Steps:
    """Ask what devices, phones and programs of others ask again and again."""
    tokens = office.told["device_tokens"]
    kiosk, program = tokens["kiosk"], office.told["integrator_token"]
    issued = yield Step(_post("/tickets", kiosk, {"service": _WALK_INS}), "", 201)
    phone = json.loads(_body(issued))["ticket"]["track_url"].rpartition("/")[2]
    for path, token in (
        *(("devices/me", kiosk), ("offline/list", kiosk), ("paperless-codes", tokens["board"])),
        (f"branches/{BRANCH}/queue", program),
    ):
        yield Step(_get(f"/api/v1/{path}", f"Authorization: Bearer {token}"), path)
    yield Step(_get(f"/api/v1/track/{phone}"), "track")
    yield Step(_get(f"/t/{phone}", _BROWSER), "phone page")
    yield Step(_get(f"/t/{phone}/state", _BROWSER), "phone state")


def page_steps(office: Busy, places: Sequence[int]) -> Steps:
    """Let people read and book: for each place one who gets the hour, and one for whom it is too late."""
    crowd, calendar = office.crowd, f"/pl/book/{BRANCH}/{_LETTER}"
    cookie = f"Cookie: {office.cookie_name}={crowd.reader.cookie}"
    pages = {
        "page: start": _get("/pl/", _BROWSER),
        "page: calendar": _get(calendar, _BROWSER),
        "page: hours": _get(f"{calendar}/{office.day:%Y-%m-%d}", _BROWSER),
        "page: details": _get(f"/pl/book/draft/{crowd.open_draft}/details", _BROWSER, cookie),
        "page: confirmation": _get(f"/pl/reservations/{crowd.reservation}", _BROWSER, cookie),
    }
    for place in places:
        yield Step(crowd.buyers[place], "hold, sold", 303)
        yield Step(crowd.late[place], "hold, refused", 303)
        for name, request in pages.items():
            yield Step(request, name)


def _service(runtime: Runtime) -> ServiceView:
    branch = runtime.context().office.branch_named(BRANCH)
    assert branch is not None
    return branch.services[_LETTER]


def _open_hours(runtime: Runtime) -> None:
    """Let 90 days be booked, 30 hours each."""

    def rule(session: Session) -> None:
        row = session.execute(select(Service).where(Service.id == _service(runtime).id)).scalar_one()
        booking = row.policy["booking"] | {"horizon_days": HORIZON_DAYS, "slots": [_HOURS]}
        row.policy = dict(row.policy) | {"booking": booking}
        grow_version(session)

    runtime.store.write(rule)
    runtime.office.forget()


def _hours(runtime: Runtime, service: ServiceView) -> list[datetime]:
    """List the hours from tomorrow on."""
    tomorrow = runtime.clock.now() + timedelta(days=1)
    which = select(Slot.starts_at).where(Slot.service_id == service.id, Slot.starts_at > tomorrow)
    return runtime.store.read(lambda session: list(session.execute(which.order_by(Slot.starts_at)).scalars()))


def _crowd(
    runtime: Runtime,
    people: list[Person],
    cookie: str,
    service: ServiceView,
    hours: list[datetime],
    rounds: int,
) -> Crowd:
    full, free, reader = hours[0], hours[1:], people[0]
    buyers, late = people[1 : rounds + 1], people[rounds + 1 : 2 * rounds + 1]
    drafts = fill_in(runtime, buyers, service, [free[n % len(free)] for n in range(rounds)])
    too_late = fill_in(runtime, late, service, [full] * rounds)
    booked, still_open = (fill_in(runtime, [reader], service, [hour])[0] for hour in free[:2])
    number = runtime.store.write(lambda session: _book(session, runtime, reader, booked))
    runtime.store.write(lambda session: _sell_out(session, service, full))
    return Crowd(
        [hold(*each, cookie) for each in zip(buyers, drafts, strict=True)],
        [hold(*each, cookie) for each in zip(late, too_late, strict=True)],
        reader,
        still_open,
        number,
    )


def _book(session: Session, runtime: Runtime, person: Person, draft: str) -> int:
    """Hold the hour of a draft and type the code; return the number of the reservation, which stands."""
    context, owner = runtime.context(), Owner(person.account_id)
    held = holding.hold(session, context, owner, draft, Traces("127.0.0.0/24", "bench", 120_000))
    assert isinstance(held, holding.Held), held
    row = session.get_one(Reservation, held.reservation_id)
    row.activation_hash = code_hashes(context, row.id, _CODE)[0]
    session.flush()
    done = activate(session, context, owner, row.id, _CODE)
    assert isinstance(done, Activated), done
    return row.id


def _sell_out(session: Session, service: ServiceView, hour: datetime) -> None:
    full = (
        update(Slot).where(Slot.service_id == service.id, Slot.starts_at == hour).values(taken=Slot.capacity)
    )
    session.execute(full)


def _post(path: str, token: str, body: dict[str, Any]) -> bytes:
    return command(f"/api/v1{path}", token, json.dumps(body).encode())


def _get(path: str, *headers: str) -> bytes:
    lines = (f"GET {path} HTTP/1.1", "Host: bench", *(each.strip() for each in headers))
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _body(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[2]
