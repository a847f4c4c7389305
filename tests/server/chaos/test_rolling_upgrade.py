"""Two servers go from the version before to this one, one after the other, while people come for tickets."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import psycopg
import pytest

from deploy.postgres import Cluster
from tests.house.tracked import ROOT
from tests.server.chaos.on_postgres import assert_whole, plain
from tests.server.chaos.running import Given, Load, Served, command
from tests.server.chaos.versions import Office, unpack, version_before

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

_PATIENCE_SECONDS = 120.0
_PAUSE_SECONDS = 0.05
_MORE = 40


class Between(Load):
    """Clients that ask the next server where one is away or busy, as HAProxy lets them."""

    def __init__(self, servers: list[Served], token: str, clients: int) -> None:
        self.servers = servers
        super().__init__(servers[0].port, token, clients)

    def _insist(self, path: str, body: dict[str, object]) -> Given:
        key, tries, first = uuid.uuid4().hex, 0, len(self.given)
        while True:
            port = self.servers[(first + tries) % len(self.servers)].port
            tries += 1
            with suppress(OSError):
                answer = command(port, path, body, self.token, key)
                if answer.status != 503:
                    return Given(key, path, body, answer, tries)
                self.refused.append(answer)
            time.sleep(_PAUSE_SECONDS)


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """Give the programs of the version before."""
    return unpack(version_before(), tmp_path / "before")


@pytest.fixture
def office(postgres_cluster: Cluster, tmp_path: Path, before: Path) -> Office:
    """Give the sample office in a database of the version before."""
    (tmp_path / "office").mkdir()
    url = postgres_cluster.create_database(f"rolling_{uuid.uuid4().hex[:8]}")
    return Office(tmp_path / "office", url, before)


@pytest.fixture
def servers(office: Office, before: Path) -> Iterator[list[Served]]:
    """Serve the office twice by the version before."""
    with ExitStack() as stack:
        running = [stack.enter_context(office.server(before)) for _ in range(2)]
        stack.callback(lambda: [each.__exit__() for each in running])
        yield running


def schema(url: str) -> str:
    """Read which schema a database has."""
    with psycopg.connect(plain(url)) as database:
        row = database.execute("SELECT version_num FROM alembic_version").fetchone()
    assert row is not None
    return str(row[0])


def test_one_after_the_other_nobody_waits_for_more_than_a_retry_and_nothing_is_lost(
    office: Office, servers: list[Served]
) -> None:
    was = schema(office.url)
    load = Between(servers, office.kiosk, clients=3)
    load.start([("tickets", {"service": "N"})] * 100_000)
    _until_given(load, _MORE)
    for place, old in enumerate(list(servers)):
        old.stop()
        _until_given(load, _MORE)
        servers[place] = office.server(ROOT, old.port)
        servers[place].start()
        _until_given(load, _MORE)
    while_upgraded = len(load.given)
    tries = max(each.tries for each in load.given)
    assert schema(office.url) > was, "both versions have one schema: nothing was shown"
    # The control: both at once, and somebody has to try for longer.
    for each in servers:
        each.stop()
    time.sleep(0.5)
    for each in servers:
        each.start()
    _until_given(load, _MORE)
    load.end()
    assert tries <= 2
    assert max(each.tries for each in load.given) > 2
    assert {each.answer.status for each in load.given} == {201}
    first = load.given[0]
    assert command(servers[1].port, first.path, first.body, office.kiosk, first.key).body == first.answer.body
    assert_whole(office.url, [each.number for each in load.given])
    print(f"\n{while_upgraded} tickets while {was} became {schema(office.url)}, at most {tries} tries")


def _until_given(load: Load, more: int) -> None:
    until, before = time.monotonic() + _PATIENCE_SECONDS, len(load.given)
    while len(load.given) < before + more:
        assert time.monotonic() < until, load.refused[-1:]
        time.sleep(0.01)
