"""A server of the cluster whose clock is wrong: nobody is told what is not so."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from deploy.cluster.database import QUICKEST
from deploy.cluster.engine import Engine
from deploy.cluster.running import Cluster
from tests.server.chaos.clusters import Watched, started

pytestmark = [pytest.mark.long, pytest.mark.timeout(1_200)]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Give a cluster whose first server is five minutes ahead of the others."""

    def lay_out(made: Cluster) -> None:
        ours = made.servers[0]
        config = made.folder / "server1" / "config.toml"
        command = [sys.executable, "-m", "tests.server.chaos.server_ahead", "--config", str(config)]
        made.servers[0] = Engine(ours.name, command, ours.log, is_ours=True)

    with started(QUICKEST, lay_out) as made:
        yield made


def test_a_server_that_is_five_minutes_ahead_loses_and_doubles_nothing(cluster: Cluster) -> None:
    watched = Watched(cluster)
    watched.hall.wait_answered(600)
    watched.assert_whole()
