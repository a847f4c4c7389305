"""What can go wrong with the database, sorted by what the caller may do about it."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout


class StoreUnavailable(Exception):
    """The store cannot take the work now; nothing was changed, but where it is an OutcomeUnknown.

    `reason` is told with a 503 and Retry-After.
    """

    def __init__(self, reason: str, retry_after_seconds: int = 1) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after_seconds = retry_after_seconds


class OutcomeUnknown(StoreUnavailable):
    """The connection was lost while the commit was under way: it stands or it does not. A command's key tells."""


_SQLITE_SIGNS = (
    ("locked", "database_busy"),
    ("busy", "database_busy"),
    ("full", "disk_full"),
    ("disk I/O", "disk_error"),
    ("readonly", "disk_error"),
    ("unable to open", "database_gone"),
    ("malformed", "database_damaged"),
)
# By their beginnings, the longer ones first: whole classes mean that a database, or PgBouncer before it, is away.
_POSTGRES_STATES = {
    "53100": "disk_full",
    "53": "database_busy",
    "55P03": "database_busy",
    "57014": "database_busy",
    "40": "database_busy",
    "57P": "database_gone",
    "08": "database_gone",
    "25006": "database_gone",
    "25P03": "database_gone",
    "58030": "disk_error",
}
# Two transactions in each other's way: the loser may simply begin again.
COLLISIONS = frozenset({"40001", "40P01", "23505"})


def sqlstate(error: BaseException) -> str | None:
    """Return PostgreSQL's five-letter state of a wrapped driver error, if it has one."""
    return getattr(getattr(error, "orig", None), "sqlstate", None)


def may_run_again(error: DBAPIError) -> bool:
    """Say whether nothing was done, and the next try may well succeed: a collision, or a connection that was cut.

    Not for an error of a commit.
    """
    return error.connection_invalidated or sqlstate(error) in COLLISIONS


def as_unavailable(error: BaseException) -> StoreUnavailable | None:
    """Translate a driver's error into StoreUnavailable; None when it is a bug or a broken constraint.

    Errors of SQLite come bare too: the hottest statements do not go through SQLAlchemy.
    """
    if isinstance(error, PoolTimeout):
        return StoreUnavailable("database_busy")
    if isinstance(error, sqlite3.OperationalError):
        return _of_sqlite(str(error)) or StoreUnavailable("database_gone")
    if isinstance(error, IntegrityError) or not isinstance(error, DBAPIError):
        return None
    state = sqlstate(error)
    if state is not None:
        reasons = (reason for sign, reason in _POSTGRES_STATES.items() if state.startswith(sign))
        reason = next(reasons, None)
        return StoreUnavailable(reason) if reason else None
    if (known := _of_sqlite(str(error.orig))) is not None:
        return known
    return StoreUnavailable("database_gone") if isinstance(error, OperationalError) else None


def _of_sqlite(said: str) -> StoreUnavailable | None:
    for sign, reason in _SQLITE_SIGNS:
        if sign in said:
            return StoreUnavailable(reason)
    return None
