"""How soon the server is ready, and how much memory it holds after work."""

from __future__ import annotations

from bench import load
from bench.hall import hall
from bench.memory import resident_megabytes
from bench.table import Row

STARTS = 5
_WORK = 500


def run() -> list[Row]:
    """Start the server on a prepared folder several times; the best start is the program's own."""
    seconds, megabytes = [], 0.0
    for _ in range(STARTS):
        with hall() as office:
            seconds.append(office.ready_seconds)
            tickets = (
                load.command("/api/v1/tickets", office.kiosk, b'{"service":"N"}') for _ in range(_WORK)
            )
            load.run(office.port, tickets, 16)
            megabytes = max(megabytes, resident_megabytes(office.process_id))
    return [
        Row("server: start to ready, best of 5", min(seconds), "s", "≤ 1", min(seconds) <= 1),
        Row("server: start to ready, worst of 5", max(seconds), "s"),
        Row("server: memory after 500 tickets", megabytes, "MB", "≤ 150", megabytes <= 150),
    ]
