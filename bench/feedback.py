"""How long a visitor's answer to the question after the visit takes, from the form sent to the row on disk."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import update
from sqlalchemy.orm import Session

from bench import load
from bench.commands import serial_commits
from bench.hall import UNLIMITED, hall
from bench.table import Row
from deploy.demo.sample import BRANCH
from server.services.context import Context
from server.services.queue import issue
from server.store.queries.access.principals import devices_of
from server.store.store import Store
from server.store.tables import Branch, Ticket

ALONE, TOGETHER, CLIENTS = 200, 800, 16
_WORDS = "Pani przy stanowisku wszystko wyjaśniła."
_SENT_HOME = 303


def run() -> list[Row]:
    """Answer with words, first one visitor after the other, then sixteen at a time."""
    tokens: list[str] = []

    def finished(store: Store, context: Context) -> None:
        for _ in range(0, ALONE + TOGETHER, 250):
            tokens.extend(store.write(lambda session: _finished(session, context, 250)))

    with (
        tempfile.TemporaryDirectory(prefix="numerek-bench-") as name,
        hall(tables={"portal": UNLIMITED}, more=finished) as office,
    ):
        raw = serial_commits(Path(name))
        alone = _answers(office.port, tokens[:ALONE], 1)
        together = _answers(office.port, tokens[ALONE : ALONE + TOGETHER], CLIENTS)
    return [
        Row("raw: fsync'd commits one by one", raw, "/s", "the disk's limit"),
        Row("feedback with words, 1 client, p50", alone.p50_ms, "ms"),
        Row("feedback with words, 1 client, p99", alone.p99_ms, "ms"),
        Row(f"feedback with words, {CLIENTS} clients", together.per_second, "/s"),
        Row(f"feedback with words, {CLIENTS} clients, p50", together.p50_ms, "ms"),
        Row(f"feedback with words, {CLIENTS} clients, p99", together.p99_ms, "ms"),
    ]


def _finished(session: Session, context: Context, count: int) -> list[str]:
    """Let so many visits be over, at a branch that asks; return the secrets of their addresses."""
    branch = context.office.branch_named(BRANCH)
    assert branch is not None
    row = session.get_one(Branch, branch.id)
    row.policy = row.policy | {"feedback": True}
    newcomer = issue.NewTicket(branch.services["N"].id, "pl")
    kiosk = devices_of(session, branch.id)[0]
    made = [issue.issue(session, context, kiosk, newcomer).id for _ in range(count)]
    over = {"status": "finished", "outcome": "served", "finished_at": context.now}
    session.execute(update(Ticket).where(Ticket.id.in_(made)).values(over))
    return [context.keys.track_token(each) for each in made]


def _answers(port: int, tokens: Sequence[str], clients: int) -> load.Result:
    body = urlencode({"mark": "5", "words": _WORDS})
    requests = (
        (
            f"POST /t/{token} HTTP/1.1\r\nHost: bench\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        ).encode()
        for token in tokens
    )
    result = load.run(port, requests, clients)
    if set(result.statuses) != {_SENT_HOME}:
        raise RuntimeError(f"not every answer was kept: {result.statuses}")
    return result
