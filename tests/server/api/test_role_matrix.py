"""Who may use which route: every role on every route of the map, and no by default."""

from __future__ import annotations

import re

import pytest

from server.api.routes import ROUTES
from server.store.tables import Integrator
from tests.server.sample_office import Door, SampleOffice

DEVICES = {"kiosk", "board", "counter", "clerk", "supervisor"}
EVERYBODY = {"anyone", "integrator", *DEVICES}
# api.md's column *who*, in words of the routes.
WHO: dict[str, set[str]] = {
    "POST /devices/enrol": EVERYBODY,
    "GET /devices/me": DEVICES,
    "POST /devices/me/status": DEVICES,
    "POST /sessions": {"counter"},
    "DELETE /sessions/me": {"clerk"},
    "GET /services": {"kiosk", "counter", "clerk"},
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
} | {
    f"POST /tickets/<int:ticket_id>/{action}": {"clerk"}
    for action in (
        *("call", "recall", "start", "finish", "no-show", "park", "put-back", "transfer"),
        *("reinstate", "withdraw"),
    )
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


def test_an_integrator_without_the_scope_is_told_which_one_is_missing(office: SampleOffice) -> None:
    table = Integrator.__table__
    office.store.write(lambda session: session.execute(table.update().values(scopes=["other"])))
    response = office.integrator.get("/reservations/1")
    assert (response.status_code, response.get_json()["reason"]) == (403, "scope_missing")


def test_a_revoked_integrator_is_refused_at_the_next_request(office: SampleOffice) -> None:
    booked = office.book("P", "11:00")
    assert office.integrator.get(f"/reservations/{booked['id']}").status_code == 200
    table = Integrator.__table__
    office.store.write(lambda session: session.execute(table.update().values(revoked_at=office.clock.now())))
    assert office.integrator.get(f"/reservations/{booked['id']}").status_code == 401
