"""Who may use which route: every role on every route of the map, and no by default."""

from __future__ import annotations

import json
import re
import secrets
from datetime import timedelta
from typing import Any

import pytest

from server.api.authentication import check_scope
from server.api.routes import ROUTES
from server.domain.access.scopes import IntegratorScope
from server.services.access.identity import Caller
from server.services.context import RuleBroken
from server.store.queries.access.principals import IntegratorRow
from server.store.tables import Integrator
from tests.server.sample_office import Door, SampleOffice

DEVICES = {"kiosk", "board", "counter", "clerk", "supervisor"}
EVERYBODY = {"anyone", "integrator", *DEVICES}
# api.md's column *who*, in words of the routes.
WHO: dict[str, set[str]] = {
    "POST /devices/enrol": EVERYBODY,
    "GET /devices/me": DEVICES,
    "POST /devices/me/status": DEVICES,
    "POST /devices/me/shown": DEVICES,
    "POST /devices/me/staff-menu": {"kiosk"},
    "POST /sessions": {"counter"},
    "DELETE /sessions/me": {"clerk"},
    "GET /services": {"kiosk", "counter", "clerk"},
    "GET /paperless-codes": {"kiosk", "board"},
    "GET /offline/list": {"kiosk"},
    "GET /offline/line-key": {"clerk"},
    "POST /offline/entries": {"kiosk"},
    "POST /check-ins": {"kiosk"},
    "POST /tickets": {"kiosk", "clerk"},
    "POST /not-handed-over": {"kiosk"},
    "POST /counters/<int:number>/call-next": {"clerk"},
    "POST /counters/<int:number>/state": {"clerk"},
    "GET /counters/<int:number>": {"counter", "clerk"},
    "POST /counters/<int:number>/help": {"clerk"},
    "POST /counters/<int:number>/help/accept": {"clerk"},
    "POST /counters/<int:number>/help/end": {"clerk"},
    "POST /counters/<int:number>/messages/<int:message_id>/read": {"clerk"},
    "POST /tickets/<int:ticket_id>/check": {"clerk"},
    "POST /tickets/<int:ticket_id>/undo": {"clerk"},
    "POST /tickets/<int:ticket_id>/reopen": {"supervisor"},
    "POST /tickets/<int:ticket_id>/verify-confirmation": {"clerk"},
    "GET /boards/<hall>": {"board"},
    "GET /track/<token>": EVERYBODY,
    "POST /reservations": {"integrator"},
    "GET /reservations/<int:reservation_id>": {"integrator"},
    "DELETE /reservations/<int:reservation_id>": {"integrator"},
    "GET /branches/<branch>/queue": {"integrator"},
} | {
    f"POST /tickets/<int:ticket_id>/{action}": {"clerk"}
    for action in (
        *("call", "recall", "start", "finish", "no-show", "park", "put-back", "transfer"),
        *("reinstate", "withdraw"),
    )
}
# What a program of others must be permitted on each route that is for it.
SCOPES = {
    "POST /reservations": "reservations.write",
    "GET /reservations/<int:reservation_id>": "reservations.read",
    "DELETE /reservations/<int:reservation_id>": "reservations.write",
    "GET /branches/<branch>/queue": "queue.read",
}
KEPT_OUT = {"token_missing", "token_unknown", "wrong_role", "sign_in_required"}


def door_of(office: SampleOffice, role: str) -> Door:
    """Return a door for a role; a clerk's session is new each time."""
    if role in ("clerk", "supervisor"):
        return signed_in(office, role)
    names = {"anyone": None, "counter": "counter:wroclaw:7", "integrator": "integrator"}
    return office.door(names.get(role, f"{role}:wroclaw"))


def signed_in(office: SampleOffice, role: str) -> Door:
    return office.supervisor(8) if role == "supervisor" else office.clerk(7)


def test_the_table_here_knows_every_route_there_is() -> None:
    assert {f"{each.method} {each.path}" for each in ROUTES} == set(WHO)


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_a_role_is_let_in_where_it_belongs_and_nowhere_else(office: SampleOffice, role: str) -> None:
    door = door_of(office, role)
    for line, who in WHO.items():
        method, path = line.split()
        address = re.sub(r"<(?:int:)?\w+>", "7" if "int" in path else "A", path)
        if role in ("clerk", "supervisor"):
            door = signed_in(office, role)
        response = door.raw(method, address, b"{}", Idempotency_Key="k" + address.replace("/", "-"))
        problem = response.get_json(silent=True) or {}
        if role in who or (role == "supervisor" and "clerk" in who):
            assert problem.get("reason") not in KEPT_OUT, line
            assert response.status_code < 500, line
        else:
            assert problem["reason"] in KEPT_OUT, line
            assert response.status_code == (401 if role == "anyone" else 403), line


@pytest.mark.parametrize(
    "token",
    ["nd_" + "x" * 43, "nc_" + "x" * 43, "ni_" + "x" * 43, "xx_" + "y" * 43, "short", "nd_" + "z" * 400],
)
def test_a_token_of_nobody_is_refused_everywhere(office: SampleOffice, token: str) -> None:
    door = Door(office.app, token)
    for path in ("/devices/me", "/services", "/track/1-abc", "/boards/A"):
        response = door.get(path)
        assert (response.status_code, response.get_json()["reason"]) == (401, "token_unknown")
        assert response.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["Basic abcdefghijklmnop", "Bearer", "nd_token", "Bearer  "])
def test_only_bearer_tokens_are_read(office: SampleOffice, header: str) -> None:
    response = office.door().get("/devices/me", Authorization=header)
    assert response.status_code == 401


def test_a_token_does_not_change_its_kind(office: SampleOffice) -> None:
    kiosk = office.tokens["kiosk:wroclaw"]
    for kind in ("nc_", "ni_"):
        assert Door(office.app, kind + kiosk[3:]).get("/devices/me").status_code == 401


def change(office: SampleOffice, **values: Any) -> None:
    """Change what integrators may do."""
    table: Any = Integrator.__table__
    office.store.write(lambda session: session.execute(table.update().values(**values)))


def called(office: SampleOffice, line: str) -> tuple[int, str]:
    """Call a route as an integrator; return the status, and the reason of a refusal."""
    method, path = line.split()
    address = re.sub(r"<int:\w+>", "7", path).replace("<branch>", "wroclaw")
    body = json.dumps(office.wish("P", office.clock.now())).encode() if method == "POST" else b""
    response = office.integrator.raw(method, address, body, Idempotency_Key=secrets.token_hex(8))
    return response.status_code, (response.get_json(silent=True) or {}).get("reason", "")


def test_each_scope_opens_its_routes_and_no_other(office: SampleOffice) -> None:
    assert {line for line, who in WHO.items() if who == {"integrator"}} == set(SCOPES)
    for scope in [*IntegratorScope, "reservations", "other"]:
        change(office, scopes=[str(scope)])
        for line, wanted in SCOPES.items():
            status, reason = called(office, line)
            if scope == wanted:
                assert (status, reason) in ((409, "no_such_slot"), (404, "not_found"), (200, "")), line
            else:
                assert (status, reason) == (403, "scope_missing"), (line, scope)


def test_without_any_scope_every_route_is_closed(office: SampleOffice) -> None:
    change(office, scopes=[])
    assert {called(office, line) for line in SCOPES} == {(403, "scope_missing")}


def test_a_route_that_names_no_scope_is_closed_to_programs_of_others() -> None:
    everything = IntegratorRow(1, "x", tuple(IntegratorScope), None, None)
    with pytest.raises(RuleBroken, match="scope_missing"):
        check_scope(Caller(integrator=everything), None)
    check_scope(Caller(integrator=everything), IntegratorScope.QUEUE_READ)


def test_an_integrator_of_one_branch_does_nothing_at_another(office: SampleOffice) -> None:
    legnica = office.runtime.context().office.branch_named("legnica")
    change(office, branch_id=legnica.id)
    assert called(office, "POST /reservations") == (403, "wrong_branch")
    assert called(office, "GET /branches/<branch>/queue") == (403, "wrong_branch")
    there = office.integrator.get("/branches/legnica/queue")
    assert (there.status_code, there.get_json()["branch"]) == (200, "legnica")
    hour = office.clock.now() + timedelta(hours=1)
    office.open_slot("P", hour, branch="legnica")
    assert office.integrator.post("/reservations", office.wish("P", hour, "legnica")).status_code == 201


def test_a_token_is_good_until_its_time_is_over(office: SampleOffice) -> None:
    change(office, expires_at=office.clock.now() + timedelta(seconds=1))
    assert called(office, "GET /branches/<branch>/queue") == (200, "")
    office.clock.advance(seconds=1)
    assert called(office, "GET /branches/<branch>/queue") == (401, "token_unknown")


@pytest.mark.parametrize("line", ["GET /branches/<branch>/queue", "POST /reservations"])
def test_the_last_use_is_kept_to_the_minute(office: SampleOffice, line: str) -> None:
    def seen() -> Any:
        return office.one(Integrator, Integrator.name == "integrator").seen_at

    first = office.clock.now()
    called(office, line)
    assert seen() == first
    office.clock.advance(seconds=59)
    called(office, line)
    assert seen() == first
    office.clock.advance(seconds=1)
    called(office, line)
    assert seen() == office.clock.now()


def test_a_program_reads_the_queue_also_where_the_public_may_not(office: SampleOffice) -> None:
    office.set_policy(public_queue=False)
    office.walk_in("P")
    told = office.integrator.get("/branches/wroclaw/queue").get_json()
    assert {each["letter"]: each["waiting"] for each in told["services"]}["P"] == 1
    assert office.integrator.get("/branches/nowhere/queue").status_code == 404


def test_a_revoked_integrator_is_refused_at_the_next_request(office: SampleOffice) -> None:
    booked = office.book("P", "11:00")
    assert office.integrator.get(f"/reservations/{booked['id']}").status_code == 200
    table = Integrator.__table__
    office.store.write(lambda session: session.execute(table.update().values(revoked_at=office.clock.now())))
    assert office.integrator.get(f"/reservations/{booked['id']}").status_code == 401
