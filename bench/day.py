"""The memory of the server after a day: 2 000 tickets from the kiosk to the end, and 4 000 phones that follow."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from bench import load
from bench.hall import Hall, hall
from bench.memory import resident_megabytes
from bench.phones import PHONES, open_streams
from bench.streams import Clerk, calm_down
from bench.table import Row
from server.services.context import Context
from server.store.store import Store
from server.store.tables import Ticket

TICKETS, CLERKS, CLIENTS = 2_000, 2, 24
GOAL_MB = 150


def run() -> list[Row]:
    """Let the day happen, with as many requests at once as there are threads; then open the phones' streams."""
    tokens: list[str] = []

    def remember(store: Store, context: Context) -> None:
        ids = store.read(lambda session: session.execute(select(Ticket.id)).scalars().all())
        tokens.extend(context.keys.track_token(each) for each in ids)

    with hall(waiting=PHONES, more=remember) as office:
        calm_down(office)
        begun = resident_megabytes(office.process_id)
        issued = (load.command("/api/v1/tickets", office.kiosk, b'{"service":"N"}') for _ in range(TICKETS))
        load.run(office.port, issued, CLIENTS)
        with ThreadPoolExecutor(CLERKS) as clerks:
            list(clerks.map(lambda place: _serve(office, place), range(CLERKS)))
        asked = (f"GET /t/{each}/state HTTP/1.1\r\nHost: bench\r\n\r\n".encode() for each in tokens)
        load.run(office.port, asked, CLIENTS)
        served = resident_megabytes(office.process_id)
        followed = asyncio.run(_followed(office, tokens))
    return [
        Row("memory of the server, pages and forecasts loaded", begun, "MB"),
        Row(f"memory after {TICKETS} tickets, and {PHONES} phones that asked", served, "MB"),
        Row(
            f"memory with the streams of {PHONES} phones too",
            followed,
            "MB",
            f"≤ {GOAL_MB}",
            followed <= GOAL_MB,
        ),
    ]


def _serve(office: Hall, place: int) -> None:
    """Call a clerk's share of the tickets, each to its end; the window looks at its counter meanwhile."""
    number, token = office.sign_in(place)
    clerk = Clerk(office, number, token)
    looks = f"GET /api/v1/counters/{number} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n"
    for _ in range(TICKETS // CLERKS):
        clerk.make_room()
        clerk.call()
    load.run(office.port, (looks.encode() for _ in range(TICKETS // CLERKS)), CLIENTS // CLERKS)


async def _followed(office: Hall, tokens: list[str]) -> float:
    lines = await open_streams(office.port, tokens)
    try:
        return resident_megabytes(office.process_id)
    finally:
        for _, writer in lines:
            writer.close()
