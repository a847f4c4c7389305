"""A running cluster for tests: with a hall in front of it, and a verdict at its end."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest

from deploy.cluster.database import ALL_HERE, Node, Timing
from deploy.cluster.engine import Machine, missing
from deploy.cluster.people import Hall
from deploy.cluster.running import Cluster, running
from deploy.cluster.verdict import Verdict, judge, longest_pause, read_kept, share

_MORE = 40  # commands that are answered before and after each harm
_SWITCH_SECONDS = 60.0


def need_engines() -> None:
    """Skip where an engine is missing, and fail in CI, which must test on all of them."""
    lacking = missing()
    if lacking and os.environ.get("CI"):
        pytest.fail(f"{', '.join(lacking)} not installed, and CI must test on it: see apt-cluster.txt")
    if lacking:
        pytest.skip(f"{', '.join(lacking)} not installed: ./numerek setup --test")


@contextmanager
def started(
    timing: Timing,
    lay_out: Callable[[Cluster], None] = lambda cluster: None,
    machines: Sequence[Machine] = ALL_HERE,
) -> Iterator[Cluster]:
    """Give a cluster that serves; `lay_out` may change it before it starts."""
    need_engines()
    with running(timing, machines) as cluster:
        lay_out(cluster)
        cluster.start()
        yield cluster


class Watched:
    """A hall in front of a cluster, and how long nobody was served after each harm."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster, self.hall = cluster, Hall(cluster.port, cluster.told)
        self.pauses: dict[str, list[float]] = {}
        self.hall.start()
        self.hall.wait_answered(_MORE)

    def harm(self, name: str, do: Callable[[], object], seconds: float = 3) -> None:
        """Do harm under load, wait until people are served again and for so long; note the longest pause."""
        self.hall.wait_answered(_MORE)
        since = time.monotonic()
        do()
        self.hall.wait_answered(_MORE, seconds=180)
        while time.monotonic() < since + seconds:  # some harm shows only later
            self.hall.wait_answered(1, seconds=180)
        self.pauses.setdefault(name, []).append(longest_pause(self.hall.answered, since))

    def verdict(self, *others: Hall) -> Verdict:
        """Close the hall, and others, and hold what they were told against the primary's database."""
        for each in (self.hall, *others):
            each.end()
        kept = read_kept(self.cluster.database.conninfo(self.cluster.database.wait_primary()))
        for each in (self.hall, *others):
            each.end_board()
        return judge(
            [answer for each in (self.hall, *others) for answer in each.answered], kept, self.hall.shown
        )

    def assert_whole(self, *others: Hall) -> None:
        """Check that nothing acknowledged is lost, doubled, left out or not shown; print the figures."""
        verdict = self.verdict(*others)
        self.tell(verdict)
        assert not self.hall.faults, self.hall.faults[:5]
        assert verdict.is_clean, verdict

    def tell(self, verdict: Verdict) -> None:
        """Print the figures."""
        print(f"\n{verdict.acknowledged} acknowledged; {_wrong(verdict)}")
        for name, pauses in self.pauses.items():
            told = ", ".join(f"{share(pauses, percent):.1f}" for percent in (50, 99, 100))
            print(f"  {name}: nobody served for {told} s (p50, p99, longest of {len(pauses)})")


def lead(cluster: Cluster, node: Node) -> None:
    """Let a node lead, in good order, once all is whole."""
    database = cluster.database
    database.wait_whole()
    leader = database.primary()
    if leader is node:
        return
    leader.change(synchronous_mode=False)  # else only who stands by synchronously may be next
    until = time.monotonic() + _SWITCH_SECONDS
    while True:
        try:
            leader.switch_over(node.name)
            break
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(1)
    database.wait_primary(leader)
    node.change(synchronous_mode=True)
    database.wait_whole()


def _wrong(verdict: Verdict) -> str:
    told = {
        "lost": verdict.lost,
        "doubled": verdict.doubled,
        "missing": verdict.missing,
        "not shown": verdict.not_shown,
        "shown twice": verdict.shown_twice,
    }
    return ", ".join(f"{name} {len(each)}" for name, each in told.items())
