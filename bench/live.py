"""How soon the hall's page shows what happened, and how soon whoever may no longer listen hears no more."""

from __future__ import annotations

import re
import socket
import time
import urllib.request

from bench.colleague import Colleague
from bench.hall import Hall, hall
from bench.streams import open_stream
from bench.table import Row
from deploy.demo.sample import BRANCH

FACTS, CUTS = 40, 5
_AT = f"/staff/at/{BRANCH}"
# Longer than the script of the page waits between two questions.
_APART_SECONDS = 0.5
_PATIENCE_SECONDS = 20.0


def run() -> list[Row]:
    """Issue tickets while a page is open; then take roles away and revoke boards that listen."""
    with hall(waiting=60, boards=CUTS, supervisors=CUTS + 1) as office:
        page_ms = sorted(_fact_to_page(office))
        manager = Colleague(office.port, *office.manager)
        roles = [_role_to_cut(office, manager, login) for login in office.supervisors[1:]]
        boards = [_revoked_to_cut(office, manager, token) for token in office.boards]
    p50, p95 = page_ms[len(page_ms) // 2], page_ms[int(len(page_ms) * 0.95)]
    return [
        Row("ticket -> hall page, p50", p50, "ms"),
        Row("ticket -> hall page, p95", p95, "ms", "≤ 300", p95 <= 300),
        _cut("a role taken away -> its streams are cut, longest", roles),
        _cut("a device revoked -> its streams are cut, longest", boards),
    ]


def _cut(what: str, seconds: list[float]) -> Row:
    return Row(what, max(seconds), "s", "≤ 2", max(seconds) <= 2)


def _fact_to_page(office: Hall) -> list[float]:
    """Return the milliseconds from a kiosk's command to the page's answer that knows of its ticket."""
    supervisor = Colleague(office.port, office.supervisors[0], office.password)
    times = []
    with _staff_stream(office, supervisor) as stream:
        for _ in range(FACTS):
            time.sleep(_APART_SECONDS)
            _drain(stream)
            began = time.perf_counter()
            office.post("/api/v1/tickets", {"service": "N"}, office.kiosk)
            heard = _next_fact(stream)
            while _as_of(supervisor.get(f"{_AT}/hall/A/live")) < heard:
                pass
            times.append((time.perf_counter() - began) * 1e3)
    return times


def _role_to_cut(office: Hall, manager: Colleague, login: str) -> float:
    """Make a clerk of a supervisor whose page is open; return the seconds until its stream ends."""
    place = _AT + f"/users/{_id_of(manager, login)}"
    was = re.search(r'name="was"[^>]*value="([^"]+)"', manager.get(place))
    if was is None:
        raise RuntimeError(f"{login} has no role")
    with _staff_stream(office, Colleague(office.port, login, office.password)) as stream:
        manager.post(place, {"was": was[1], "roles": was[1].replace("supervisor", "clerk")}, form=place)
        return _seconds_to_end(stream)


def _revoked_to_cut(office: Hall, manager: Colleague, token: str) -> float:
    """Revoke a board that listens; return the seconds until its stream ends."""
    asked = urllib.request.Request(
        f"http://127.0.0.1:{office.port}/api/v1/devices/me", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(asked, timeout=10) as answer:
        device = re.search(rb'"id": ?(\d+)', answer.read())
    if device is None:
        raise RuntimeError("a board does not know its number")
    with open_stream(office.port, token, "hall:A") as stream:
        manager.post(f"{_AT}/devices/{int(device[1])}/revoke", {}, form=f"{_AT}/devices")
        return _seconds_to_end(stream)


def _id_of(manager: Colleague, login: str) -> int:
    rows = manager.get(f"{_AT}/users").split("<tr>")
    found = next(re.search(r"/users/(\d+)", row) for row in rows if f">{login}<" in row)
    assert found is not None
    return int(found[1])


def _staff_stream(office: Hall, colleague: Colleague) -> socket.socket:
    stream = socket.create_connection(("127.0.0.1", office.port), 10)
    stream.settimeout(_PATIENCE_SECONDS)
    path = f"/staff/stream?branch={BRANCH}&topics=hall:A"
    stream.sendall(f"GET {path} HTTP/1.1\r\nHost: bench\r\nCookie: {colleague.cookie}\r\n\r\n".encode())
    if b" 200 " not in stream.recv(4_096):
        raise RuntimeError("a stream was refused")
    return stream


def _drain(stream: socket.socket) -> None:
    stream.setblocking(False)
    try:
        while stream.recv(65_536):
            pass
    except BlockingIOError:
        pass
    stream.settimeout(_PATIENCE_SECONDS)


def _next_fact(stream: socket.socket) -> int:
    """Wait for the ticket; return the number of its fact."""
    heard = b""
    while True:
        heard += stream.recv(65_536)
        for event in heard.split(b"\n\n")[:-1]:
            if b"ticket.issued" in event and (found := re.search(rb"^id: ?(\d+)", event, re.MULTILINE)):
                return int(found[1])


def _as_of(page: str) -> int:
    found = re.search(r'data-as-of="(\d+)"', page)
    return int(found[1]) if found else 0


def _seconds_to_end(stream: socket.socket) -> float:
    """Return the seconds from now, when the change is made, until the stream has ended."""
    began, heard = time.perf_counter(), b""
    while (more := stream.recv(65_536)) and not (heard := (heard + more)[-8:]).endswith(b"0\r\n\r\n"):
        pass
    return time.perf_counter() - began
