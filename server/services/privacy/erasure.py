"""Erasure of personal data: some days after the visit ⚙, or with the account; the numbers stay (rule 27)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from server.domain.office.hours import day_of
from server.services.context import Context
from server.services.office.settings import BranchView
from server.services.ports import Outside
from server.store.facts import NewFact, note
from server.store.purge import forget_bytes
from server.store.queries.privacy import erasure as rows
from server.store.queries.privacy.erasure import Gone
from server.store.store import Store
from wire.vocabulary import FactType

_AT_ONCE = 200
# The other jobs wait meanwhile; what is left over waits for the next turn.
_MOST_BATCHES = 100
_LOST_AFTER = timedelta(days=1)
_UNDER_WAY = timedelta(days=1)
_DEFAULT_DAYS = 14


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of what is erased: `due` lists the rows by a read, `take_out` erases some of them."""

    due: Callable[[Session, Context], list[int]]
    take_out: Callable[[Session, Context, list[int]], Gone]


def erase(store: Store, context: Context, _outside: Outside | None = None) -> int:
    """Erase all that is due, a bounded number of rows a transaction: a job; return how many reservations.

    Then the bytes go from the files, at each turn: accounts end in between, and somebody may have been in the
    way before.
    """
    reservations = 0
    for step in _steps(context):
        for _ in range(_MOST_BATCHES):
            due = store.read(lambda session, step=step: step.due(session, context))  # type: ignore[misc]
            if not due:
                break
            reservations += len(_erase(store, context, step, due).reservations)
    forget_bytes(store)
    return reservations


def erase_account(session: Session, context: Context, account_id: int) -> None:
    """Erase at once what an account that ends has left: its ended reservations and its applications for draws.

    What still stands is to be cancelled before; who waits in the hall is served first, and erased a day later.
    The account's own row, sessions and drafts are its service's.
    """
    ended = rows.ended_of_account(session, account_id, context.now - _UNDER_WAY)
    _keep_record(session, context, rows.erase_reservations(session, ended, context.now), "by_owner")
    keys = rows.applications_of_account(session, account_id)
    _keep_record(session, context, rows.erase_applications(session, keys), "by_owner")


def _erase(store: Store, context: Context, step: Step, due: list[int]) -> Gone:
    def work(session: Session) -> Gone:
        gone = step.take_out(session, context, due)
        _keep_record(session, context, gone, "due")
        return gone

    return store.write(work)


def _steps(context: Context) -> list[Step]:
    """Return what is erased: by branch, since each says how long it keeps, then what belongs to none."""
    steps = [step for branch in context.office.branches.values() for step in _of_branch(branch)]
    return [*steps, _LEFT_BY_ACCOUNTS, _MESSAGES, _EVIDENCE, _APPLICATIONS, _LOST_KEYS]


def _of_branch(branch: BranchView) -> list[Step]:
    kept = timedelta(days=branch.policy.erase_after_days)

    def reservations(session: Session, context: Context) -> list[int]:
        return rows.reservations_due(session, branch.id, context.now - kept, _AT_ONCE)

    def notes(session: Session, context: Context) -> list[int]:
        before = day_of(context.now - kept, branch.policy.zone)
        return rows.notes_due(session, branch.id, before, _AT_ONCE)

    def words(session: Session, context: Context) -> list[int]:
        return rows.words_due(session, branch.id, context.now - kept, _AT_ONCE)

    return [
        Step(words, lambda session, _context, due: rows.erase_words(session, due)),
        Step(reservations, lambda session, context, due: rows.erase_reservations(session, due, context.now)),
        Step(notes, lambda session, _context, due: rows.erase_notes(session, due)),
    ]


_LEFT_BY_ACCOUNTS = Step(
    lambda session, context: rows.left_by_accounts(session, context.now - _UNDER_WAY, _AT_ONCE),
    lambda session, context, due: rows.erase_reservations(session, due, context.now),
)
_MESSAGES = Step(
    lambda session, context: rows.messages_due(session, context.now - _shortest(context), _AT_ONCE),
    lambda session, context, due: rows.erase_messages(session, due, context.now),
)
_EVIDENCE = Step(
    lambda session, context: rows.evidence_due(session, context.now, _AT_ONCE),
    lambda session, context, due: rows.erase_evidence(session, due, context.now),
)
_APPLICATIONS = Step(
    lambda session, context: rows.applications_due(
        session, (context.now - _shortest(context)).date(), _AT_ONCE
    ),
    lambda session, _context, due: rows.erase_applications(session, due),
)
# What a crash or a restore left without anything to open.
_LOST_KEYS = Step(
    lambda session, context: rows.lost_keys(session, context.now - _LOST_AFTER, _AT_ONCE),
    lambda _session, _context, due: Gone(keys=set(due)),
)


def _shortest(context: Context) -> timedelta:
    """Return how long what belongs to no branch is kept: as long as the strictest branch says."""
    days = (branch.policy.erase_after_days for branch in context.office.branches.values())
    return timedelta(days=min(days, default=_DEFAULT_DAYS))


def _keep_record(session: Session, context: Context, gone: Gone, reason: str) -> None:
    """Forget the keys of what went, and note that it went: ids and numbers only."""
    rows.shred_unused(session, gone.keys)
    if gone.reservations or gone.counts:
        data = {"reason": reason, "reservations": gone.reservations} | gone.counts
        note(session, NewFact(FactType.PERSONAL_DATA_ERASED, context.now, data=data))
