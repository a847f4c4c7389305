"""`admin export` and `admin verify`: the event log and the tickets' times for others to read and to check."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from server.admin.failures import OperatorMistake
from server.admin.installation import opened
from server.admin.listing import counted, private_file, write_csv
from server.services.audit.checking import check_log
from server.store.facts import SealedFact, facts_after, tip, verify_chain
from server.store.tables import Branch, Counter, Fact, Service, Ticket, User
from wire.settings import ServerSettings
from wire.vocabulary import FactType

_ACCESS_HEAD = ("at", "branch", "what", "way", "user", "reservation", "account")
_ACCESSES = (FactType.RESERVATION_LOOKED_AT, FactType.PERSONAL_DATA_GIVEN, FactType.EVIDENCE_EXPORTED)
_TIMES = ("issued_at", "queued_at", "called_at", "started_at", "finished_at")
_HEAD = (
    *("branch", "day", "number", "service", "status", "outcome", "counter", "calls", "appointment_at"),
    *_TIMES,
    *("wait_seconds", "walk_seconds", "service_seconds", "total_seconds"),
)


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    export = commands.add_parser("export", help="the event log as JSON lines, the tickets' times as CSV")
    which = export.add_mutually_exclusive_group()
    which.add_argument("--out", type=Path, metavar="FILE", help="for the log (default: standard output)")
    which.add_argument("--tickets", type=Path, metavar="FILE.csv", help="the tickets' times instead")
    which.add_argument(
        "--access",
        type=Path,
        metavar="FILE.csv",
        help="who saw or took whose personal data, and when, instead",
    )
    export.set_defaults(run=_export)
    verify = commands.add_parser(
        "verify", help="walk the chain of the event log, and compare it with what was signed of it"
    )
    verify.set_defaults(run=_verify)


def _export(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    with opened(settings) as place:
        if chosen.tickets:
            with private_file(chosen.tickets) as file:
                count = place.store.hand_out(lambda session: write_csv(file, _HEAD, _tickets(session)))
            print(f"numerek: {counted(count, 'ticket')} in {chosen.tickets}")
            return
        if chosen.access:
            with private_file(chosen.access) as file:
                count = place.store.hand_out(
                    lambda session: write_csv(file, _ACCESS_HEAD, _accesses(session))
                )
            print(f"numerek: {count} times that somebody's data was seen, in {chosen.access}")
            return
        with private_file(chosen.out) if chosen.out else nullcontext(sys.stdout) as file:
            place.store.hand_out(lambda session: file.writelines(_line(fact) for fact in _facts(session)))


def _facts(session: Session) -> Iterator[SealedFact]:
    after = 0
    while page := facts_after(session, after):
        yield from page
        after = page[-1].feed_number


def _line(fact: SealedFact) -> str:
    row = {
        "feed_number": fact.feed_number,
        "type": fact.type,
        "at": fact.at.isoformat(),
        "branch_id": fact.branch_id,
        "data": fact.data,
        "chain_hash": fact.chain_hash.hex(),
    }
    return json.dumps(row, ensure_ascii=False) + "\n"


def _tickets(session: Session) -> Iterator[tuple[Any, ...]]:
    counter = aliased(Counter)
    query = (
        select(Ticket, Branch.code, Service.letter, counter.number)
        .join(Branch, Branch.id == Ticket.branch_id)
        .join(Service, Service.id == Ticket.service_id)
        .outerjoin(counter, counter.id == Ticket.counter_id)
        .order_by(Ticket.id)
        .execution_options(yield_per=1_000)
    )
    for ticket, branch, letter, number in session.execute(query):
        yield (
            *(branch, ticket.day, ticket.number, letter, ticket.status, ticket.outcome, number),
            *(ticket.call_count, _said(ticket.appointment_at)),
            *(_said(getattr(ticket, name)) for name in _TIMES),
            _seconds(ticket.queued_at, ticket.called_at),
            _seconds(ticket.called_at, ticket.started_at),
            _seconds(ticket.started_at, ticket.finished_at),
            _seconds(ticket.issued_at, ticket.finished_at),
        )


def _accesses(session: Session) -> Iterator[tuple[Any, ...]]:
    """Give a line for each person's data that was seen: by a colleague, by themselves, or as evidence."""
    branches = {row.id: row.code for row in session.execute(select(Branch.id, Branch.code))}
    logins = {row.id: row.login for row in session.execute(select(User.id, User.login))}
    found = select(Fact).where(Fact.type.in_(_ACCESSES)).order_by(Fact.id)
    for fact in session.execute(found.execution_options(yield_per=1_000)).scalars():
        data = fact.data
        by = data.get("user")
        for reservation in data.get("reservations") or (data.get("reservation"),):
            yield (
                *(_said(fact.at), branches.get(fact.branch_id), fact.type, data.get("way")),
                *(logins.get(by, by), reservation, data.get("account")),
            )


def _said(at: Any) -> str | None:
    return at.isoformat(timespec="seconds") if at else None


def _seconds(begin: Any, end: Any) -> int | None:
    return round((end - begin).total_seconds()) if begin and end else None


def _verify(_chosen: argparse.Namespace, settings: ServerSettings) -> None:
    with opened(settings) as place:
        broken = place.store.read(verify_chain)
        last, head = place.store.read(lambda session: tip(session.connection()))
        if broken is not None:
            raise OperatorMistake(
                f"the event log was changed: the fact {broken} does not fit the one before it."
            )
        context = place.context()
        checked = place.store.read(lambda session: check_log(session, context))
    if checked.wrong is not None:
        branch_id, day = checked.wrong
        code = context.branch(branch_id).code
        raise OperatorMistake(f"the event log was changed: {code} had other facts when {day} was signed.")
    print(f"numerek: {counted(last, 'fact')}, and each fits the one before it; the last hash is {head.hex()}")
    print(f"numerek: {counted(checked.right, 'signed checkpoint')}, and each fits the facts")
