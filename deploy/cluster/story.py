"""`numerek demo --cluster`: the primary dies while people check in, and what became of them is told."""

from __future__ import annotations

import time

from deploy.cluster.database import Timing
from deploy.cluster.engine import ClusterError, missing
from deploy.cluster.people import Hall
from deploy.cluster.running import Cluster, running
from deploy.cluster.verdict import Verdict, judge, longest_pause, read_kept, share
from deploy.demo.hall import ended_by_signals

_BEFORE, _AFTER = 150, 150


def tell(timing: Timing | None = None) -> int:
    """Play it and print the transcript; return 0 when nothing was lost, else 1."""
    lacking = missing()
    if lacking:
        print(f"numerek demo: {', '.join(lacking)} not installed: see deploy/requirements/apt-cluster.txt")
        return 1
    try:
        with ended_by_signals(), running(timing or Timing()) as cluster:
            return _Story(cluster).play()
    except KeyboardInterrupt:
        print("\nThe cluster ends.")
        return 0
    except (ClusterError, OSError) as error:
        print(f"numerek demo: {error}")
        return 1


class _Story:
    def __init__(self, cluster: Cluster) -> None:
        self._cluster, self._began = cluster, time.monotonic()

    def play(self) -> int:
        cluster, database = self._cluster, self._cluster.database
        self._say(
            "Three etcd, three PostgreSQL under Patroni, PgBouncer, HAProxy, Redis and three servers start."
        )
        cluster.start()
        primary, standby = database.primary(), database.synchronous()
        self._say(f"{primary.name} leads; {standby.name} has every change before anybody is told of it.")
        hall = Hall(cluster.port, cluster.told)
        hall.start()
        self._say(f"The hall opens: {hall.kiosks} kiosks, {hall.counters} counters, a board.")
        hall.wait_answered(_BEFORE)
        self._say(
            f"{len(hall.answered)} commands were acknowledged. Now {primary.name} dies: PostgreSQL and Patroni."
        )
        killed = time.monotonic()
        primary.kill()
        leader = database.wait_primary(primary)
        self._say(f"{leader.name} leads.")
        hall.wait_answered(_AFTER)
        self._say("People are served again. The hall closes.")
        hall.end()
        kept = read_kept(database.conninfo(leader))
        hall.end_board()
        verdict = judge(hall.answered, kept, hall.shown)
        print(_told(hall, verdict, killed), flush=True)
        primary.patroni.start()
        database.wait_whole()
        self._say(f"{primary.name} is back and follows {leader.name}. All ends.")
        return 0 if verdict.is_clean and not hall.faults else 1

    def _say(self, text: str) -> None:
        print(f"{time.monotonic() - self._began:6.1f} s  {text}", flush=True)


def _told(hall: Hall, verdict: Verdict, killed: float) -> str:
    before = [each for each in hall.answered if each.ended <= killed]
    waits = [each.ended - each.began for each in hall.answered if each.ended > killed]
    tickets = sum(each.is_ticket for each in hall.answered)
    calls = sum(each.is_call for each in hall.answered)
    lines = [
        "",
        f"  Acknowledged          {verdict.acknowledged}, of them {len(before)} before the kill: "
        f"{tickets} numbers, {calls} calls",
        f"  Lost                  {_listed(verdict.lost)}",
        f"  Numbers given twice   {_listed(verdict.doubled)}",
        f"  Numbers left out      {_listed(verdict.missing)}",
        f"  Calls not on the board, or twice   {_listed(verdict.not_shown + verdict.shown_twice)}",
        f"  Wrong answers         {_listed(hall.faults[:5])}",
        f"  Nobody was served for {longest_pause(hall.answered, killed):.1f} s",
        f"  A command then took {share(waits, 50):.2f} s (half of them), {share(waits, 99):.1f} s (99 %), "
        f"{max(waits):.1f} s (the longest)",
        "",
    ]
    return "\n".join(lines)


def _listed(what: list[str]) -> str:
    return f"{len(what)}: {', '.join(what[:10])}" if what else "none"
