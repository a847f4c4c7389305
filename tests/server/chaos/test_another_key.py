"""Another key while real servers work: all of them change at its instant, and whoever lacks it serves nobody."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.demo.sample import BRANCH
from deploy.postgres import Cluster
from server.admin import keys as commands
from server.admin.__main__ import main
from server.store.key_file import load_key_file
from server.store.keyring import Keyring
from tests.server.chaos.on_postgres import OfficeOnPostgres, leads, seconds_until_one_leads
from tests.server.chaos.running import Answer, Served, command, send

# An hour in the product; servers read their files every five seconds.
_UNTIL_IT_IS_USED = timedelta(seconds=15)
_PATIENCE_SECONDS = 60.0
_EVERY_SECONDS = 0.2


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `admin keys rotate` take an instant that a test can wait for."""
    monkeypatch.setattr(commands, "timedelta", lambda minutes: _UNTIL_IT_IS_USED)


class Visitors:
    """People who take tickets all the time at some servers: whether all of them got one, and their addresses."""

    def __init__(self, office: OfficeOnPostgres, servers: Sequence[Served]) -> None:
        self.refused: list[Answer] = []
        self.tokens: dict[int, list[str]] = {each.port: [] for each in servers}
        self._office, self._over = office, threading.Event()
        self._threads = [threading.Thread(target=self._come, args=(each.port,)) for each in servers]

    def __enter__(self) -> Visitors:
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for each in self._threads:
            each.join()

    def _come(self, port: int) -> None:
        while not self._over.wait(_EVERY_SECONDS):
            said = command(port, "tickets", {"service": "N"}, self._office.kiosk)
            if said.status == 201:
                self.tokens[port].append(said.json["ticket"]["track_url"].rpartition("/")[2])
            else:
                self.refused.append(said)


def until(what: Callable[[], bool]) -> None:
    """Wait until something is so."""
    ends = time.monotonic() + _PATIENCE_SECONDS
    while not what():
        assert time.monotonic() < ends, "it did not come"
        time.sleep(0.05)


def copy(office: OfficeOnPostgres, name: str) -> None:
    """Bring the key file to another server, as docs/operations.md says: written beside, then moved over."""
    shutil.copy(office.folder / "key", office.folder / "part")
    (office.folder / "part").replace(office.folder / name)


def rotate(office: OfficeOnPostgres) -> Keyring:
    """Draw another key; return what the file holds then."""
    assert main(["keys", "rotate", "--config", str(office.config)]) == 0
    return load_key_file(office.folder / "key")


def is_ticket_of(key: Keyring, token: str, place: int) -> bool:
    """Say whether the newest key (0) or the one before it (1) made the address of a ticket."""
    alone = Keyring(key.keys[place].secret)
    return alone.tracked_ticket(token) is not None


def says(server: Served) -> tuple[int, str]:
    """Read what a server tells of its keys, and with which status."""
    said = send(server.port, "GET", "/readyz")
    told = said.json if said.status == 200 else said.json["facts"]
    return said.status, told["parts"]["keys"]


def cookie_of(port: int, cookie: str = "") -> str:
    """Open the booking pages, with a cookie or none; return the one that is set (nothing: ours was read)."""
    said = send(port, "GET", "/pl/book", headers={"Cookie": cookie} if cookie else {})
    assert said.status == 200, said.body
    return said.headers.get("set-cookie", "").partition(";")[0]


def booked(office: OfficeOnPostgres, port: int) -> str:
    """Book a visit that may check in now; return its code."""
    visits = (each for each in office.told["reservations"] if each["service"] == "N")
    hour = next(each["appointment_at"] for each in visits if each["expect"] == "admitted")
    person = {"name": "Ala Nowak", "language": "pl"}
    body = {"branch": BRANCH, "service": "N", "appointment_at": hour, "applicant": person}
    said = command(port, "reservations", body, office.told["integrator_token"])
    assert said.status == 201, said.body
    return str(said.json["code"])


def check_in(office: OfficeOnPostgres, port: int, code: str) -> int:
    """Check a visit in by its code."""
    return command(port, "check-ins", {"code": code}, office.kiosk).status


def change(office: OfficeOnPostgres, servers: Sequence[Served], others: Sequence[str]) -> None:
    """Draw another key while people come, and see that nobody is refused, and all is read everywhere."""
    first, last = servers[0].port, servers[-1].port
    before, page = booked(office, first), cookie_of(first)
    with Visitors(office, servers) as visitors:
        keys = rotate(office)
        for name in others:
            copy(office, name)
        until(lambda: all(each and is_ticket_of(keys, each[-1], 0) for each in visitors.tokens.values()))
    assert visitors.refused == []
    for tokens in visitors.tokens.values():
        assert is_ticket_of(keys, tokens[0], 1)
    assert [says(each) for each in servers] == [(200, "ok")] * len(servers)
    # A code of before at the other, one of after at the first; addresses and cookies likewise.
    after = booked(office, last)
    assert check_in(office, last, before) == 201
    assert check_in(office, first, after) == 201
    for port, tokens in zip((last, first), visitors.tokens.values(), strict=False):
        for token in (tokens[0], tokens[-1]):
            assert send(port, "GET", f"/api/v1/track/{token}").status == 200
    assert cookie_of(last, page) == ""
    assert cookie_of(first, cookie_of(last)) == ""
    assert cookie_of(first, page[:-1] + ("A" if page[-1] != "A" else "B")) != "", "the control"


def test_two_servers_change_at_one_instant_and_one_without_the_key_serves_nobody(
    postgres_cluster: Cluster, tmp_path: Path
) -> None:
    office = OfficeOnPostgres(tmp_path, postgres_cluster.create_database("another_key"))
    for name in ("other", "late"):
        copy(office, name)
    with office.server(key="late") as late:
        seconds_until_one_leads([late])
        with office.server() as one, office.server(key="other") as other:
            watched = threading.Thread(target=_sees_the_late_one, args=(office, late))
            watched.start()
            change(office, [one, other], ["other"])
            watched.join()
            # It knew the instant beforehand: there is no moment in which it could answer wrongly.
            assert says(late) == (503, "missing")
            code = booked(office, one.port)
            assert check_in(office, late.port, code) == 503
            assert send(late.port, "GET", "/pl/book").status == 503
            seconds_until_one_leads([one, other])
            assert not leads(late)
            copy(office, "late")
            until(lambda: says(late) == (200, "ok"))
            assert check_in(office, late.port, code) == 201


def _sees_the_late_one(office: OfficeOnPostgres, late: Served) -> None:
    until(lambda: says(late) == (200, "next_missing"))
    assert command(late.port, "tickets", {"service": "N"}, office.kiosk).status == 201


def test_with_sqlite_the_one_server_changes_without_a_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "timedelta", lambda minutes: timedelta(seconds=2))
    office = OfficeOnPostgres(tmp_path, f"sqlite:///{tmp_path / 'numerek.db'}")
    with office.server() as one:
        change(office, [one], [])
    used_from = load_key_file(tmp_path / "key").keys[0].used_from
    assert used_from is not None
    assert used_from <= datetime.now(UTC)
