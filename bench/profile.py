"""Where the processor time of a request goes: microseconds and statements, by its parts, on both databases.

The whole is measured on the product as it is; the parts on a second server in the same process, whose functions
are wrapped (bench.parts), in turns with the first; each figure is a median. By how much the second is slower is
what counting costs, and is taken off the parts by how often each meets another. What no part claims is the rest:
the event loop, and the way from thread to thread. On PostgreSQL its own processes are told beside.
"""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median

import psutil

from bench.hot_requests import Busy, busy, hall_steps, page_steps
from bench.in_process import Opened, Server, Step, opened
from bench.parts import NOTHING, PARTS, Accounts, Spent, Wrapping
from bench.statements import Listener, listener
from bench.table import Row
from deploy.postgres import Cluster, is_installed, running_cluster

ROUNDS, TURNS = 20, 3
_WARM_UP, _HEARD = 10, 5
REST = "rest"


@dataclass
class Found:
    """What was measured of one kind of request: seconds each, the parts' seconds, statements."""

    whole: list[float] = field(default_factory=list)
    wrapped: list[float] = field(default_factory=list)
    parts: list[dict[str, Spent]] = field(default_factory=list)
    statements: list[tuple[int, int]] = field(default_factory=list)
    database: list[float] = field(default_factory=list)

    @property
    def us(self) -> float:
        """Return the microseconds of the whole, as the product is."""
        return median(self.whole) * 1e6

    @property
    def counting_us(self) -> float:
        """Return the microseconds that counting costs each time one part meets another."""
        edges = sum(self._middle(part, "edges") for part in PARTS)
        return max(0.0, median(self.wrapped) * 1e6 - self.us) / edges

    def part_us(self, part: str) -> float:
        """Return the microseconds of a part; of the rest what no part claims."""
        if part == REST:
            return self.us - sum(self.part_us(each) for each in PARTS)
        return self._middle(part, "seconds") * 1e6 - self._middle(part, "edges") * self.counting_us

    def _middle(self, part: str, what: str) -> float:
        return float(median(getattr(each.get(part, NOTHING), what) for each in self.parts))


def run() -> list[Row]:
    """Measure both databases; print the parts as a table, and return the wholes."""
    rows = _measured("SQLite")
    if not is_installed():
        return [*rows, Row("profile, PostgreSQL", "not installed", "")]
    with running_cluster() as cluster:
        return rows + _measured("PostgreSQL", cluster)


def _measured(name: str, cluster: Cluster | None = None) -> list[Row]:
    database = cluster.create_database("profile") if cluster else None
    with (
        tempfile.TemporaryDirectory(prefix="numerek-bench-") as folder,
        listener() as ear,
        opened(Path(folder), database) as office,
    ):
        found = profiled(office, ear, cluster)
    print(f"\n{name}: microseconds of processor time, by part\n\n{table(found)}\n")
    return [row for kind, each in found.items() for row in _rows(f"{kind}, {name}", each)]


def profiled(
    office: Opened, ear: Listener, database: Cluster | None = None, rounds: int = ROUNDS
) -> dict[str, Found]:
    """Send all kinds of requests in turns to the product as it is and to the one that is wrapped."""
    plain, wrapping = Server(office.runtime), Wrapping(Accounts())
    with wrapping.on():
        wrapped = Server(office.runtime)
        wrapping.served(wrapped.portal)
    found: dict[str, Found] = defaultdict(Found)
    script = Script(busy(office, plain.portal, (2 * TURNS + 1) * rounds + 2 * _WARM_UP + _HEARD))

    def parted(step: Step, seconds: float) -> None:
        found[step.name].wrapped.append(seconds)
        found[step.name].parts.append(wrapping.accounts.take())

    for server in (plain, wrapped):
        script.play(server, _WARM_UP, lambda _step, _seconds: None)
    for _ in range(TURNS):
        script.play(plain, rounds, lambda step, seconds: found[step.name].whole.append(seconds))
        with wrapping.on():
            script.play(wrapped, rounds, parted)
    if database is not None:
        clock = partial(_seconds_of, database)
        script.play(plain, rounds, lambda step, seconds: found[step.name].database.append(seconds), clock)
    with ear.listening():
        script.play(plain, _HEARD, lambda step, _seconds: found[step.name].statements.append(ear.count()))
    plain.close()
    wrapped.close()
    found.pop("", None)  # what only prepared another
    return dict(found)


class Script:
    """So many rounds of all requests, each of which can be sent once."""

    def __init__(self, office: Busy) -> None:
        self._office = office
        self._next = 0

    def play(
        self,
        server: Server,
        rounds: int,
        done: Callable[[Step, float], None],
        clock: Callable[[], float] = time.process_time,
    ) -> None:
        """Send the next rounds."""
        places = range(self._next, self._next + rounds)
        self._next += rounds
        server.run(hall_steps(self._office, [self._office.codes[place] for place in places]), done, clock)
        server.run(page_steps(self._office, places), done, clock)


def _seconds_of(cluster: Cluster) -> float:
    """Return the processor time that all processes of a PostgreSQL have used so far."""
    server = psutil.Process(int((cluster.folder / "data/postmaster.pid").read_text().split()[0]))
    # clock_getcpuclockid(3) of a process, which Python does not offer: /proc counts in ticks of 10 ms.
    clocks = ((~each.pid << 3) | 2 for each in (server, *server.children()))
    return sum(time.clock_gettime(clock) for clock in clocks)


def _rows(what: str, found: Found) -> list[Row]:
    statements, control = (median(column) for column in zip(*found.statements, strict=True))
    rows = [
        Row(what, found.us, f"µs of processor, {statements:.0f} statements (+ {control:.0f} of transactions)")
    ]
    if found.database:
        rows.append(Row(f"{what}: PostgreSQL itself", median(found.database) * 1e6, "µs of processor"))
    return rows


def table(found: Mapping[str, Found]) -> str:
    """Write the parts as a table in Markdown: a line a kind of request, whole and statements first."""
    columns = ("whole", "statements", *PARTS, REST, "counting")
    lines = [("", *columns), ("---", *("--:" for _ in columns))]
    for kind, each in found.items():
        parts = (f"{each.part_us(part):.0f}" for part in (*PARTS, REST))
        statements = f"{median(count for count, _ in each.statements):.0f}"
        lines.append((kind, f"{each.us:.0f}", statements, *parts, f"{each.counting_us:.1f}"))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
