"""Views for analysts: tickets without personal data, sums of days, and what came of expected times.

They are dropped before migrations and made anew after them, so that no migration has to care for them. A change
of a view alone needs a migration, even an empty one. docs/views.md describes their columns.
"""
# ruff: noqa: S608 (all parts of these statements are constants of the program)

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection

from server.domain.queue.accuracy import MOST_MINUTES
from server.domain.statistics.sums import COUNTER_MEASURES, MEASURES, Origin
from server.domain.statistics.visits import NOT_CLOSED, TWICE_WITHIN, Kind
from wire.vocabulary import TicketStatus, Withdrawal

SCHEMA = "statistics"
NAMES = ("tickets", "days", "counters", "promises")
_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
_TWICE = int(TWICE_WITHIN.total_seconds()) * _SECOND


class _Words(NamedTuple):
    """What the two databases write in different ways: a view's name, an instant, a boolean, a text of a JSON."""

    name: str
    instant: str
    boolean: str
    text_of: str


_SQLITE = _Words(
    SCHEMA + "_{0}",
    "strftime('%Y-%m-%dT%H:%M:%SZ', {0} / 1000000, 'unixepoch')",
    "{0}",
    "(SELECT value FROM json_each({0}) WHERE key = '{1}')",
)
_POSTGRESQL = _Words(SCHEMA + ".{0}", "to_timestamp({0} / 1000000)", "({0}) = 1", "({0} ->> '{1}')")


def drop_views(connection: Connection) -> None:
    """Take the views away."""
    words = _words(connection)
    if words is _POSTGRESQL:
        connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    for name in NAMES:
        connection.exec_driver_sql(f"DROP VIEW IF EXISTS {words.name.format(name)}")


def make_views(connection: Connection) -> None:
    """Make the views on the tables of the present schema."""
    words = _words(connection)
    made = (_tickets(words), _days(words), _counters(words), _promises(words))
    for name, select in zip(NAMES, made, strict=True):
        connection.exec_driver_sql(f"CREATE VIEW {words.name.format(name)} AS {select}")


def _words(connection: Connection) -> _Words:
    return _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL


def _tickets(words: _Words) -> str:
    """Tell each ticket's times by the rules of server.domain.statistics.visits."""
    known = f"COALESCE(t.outcome, '') <> '{NOT_CLOSED}'"
    finished = f"CASE WHEN t.status = '{TicketStatus.FINISHED}' THEN t.finished_at END"
    first_call = (
        "COALESCE((SELECT min(k.called_at) FROM call k WHERE k.ticket_id = t.id"
        " AND k.called_at BETWEEN t.queued_at AND t.called_at), t.called_at)"
    )
    called = f"CASE WHEN t.called_at IS NOT NULL THEN {first_call} END"
    spans = {
        "wait": f"{called} - t.queued_at",
        "walk": "t.started_at - t.called_at",
        "service": f"{finished} - t.started_at",
        "total": f"{finished} - t.issued_at",
    }
    over = (
        f"CASE WHEN t.status IN ('{TicketStatus.FINISHED}', '{TicketStatus.NO_SHOW}') THEN t.finished_at END"
    )
    measured = ", ".join(
        f"{span} AS {name}_us" for name, span in (spans | {"busy": f"{over} - t.called_at"}).items()
    )
    seconds = ", ".join(
        f"CASE WHEN {known} THEN {_seconds(f't.{name}_us')} END AS {name}_seconds" for name in spans
    )
    back = " OR ".join(f"COALESCE(t.{name}_us, 0) < -{_SECOND // 2}" for name in (*spans, "busy"))
    instants = ", ".join(
        f"{words.instant.format(f't.{name}_at')} AS {name}_at"
        for name in ("issued", "queued", "called", "started", "finished")
    )
    ran_back = words.boolean.format(f"CASE WHEN {known} AND ({back}) THEN 1 ELSE 0 END")
    return (
        f"SELECT b.code AS branch, t.day AS day, s.letter AS service, c.number AS counter,"
        f" CASE WHEN t.reservation_id IS NULL THEN '{Origin.WALK_IN}' ELSE '{Origin.BOOKED}' END AS origin,"
        f" t.status AS status, t.outcome AS outcome, {_kind()} AS kind, {instants}, {seconds},"
        f" {ran_back} AS clock_ran_back"
        f" FROM (SELECT t.*, {measured} FROM ({_beside()}) t) t JOIN branch b ON b.id = t.branch_id"
        " JOIN service s ON s.id = t.service_id LEFT JOIN counter c ON c.id = t.counter_id"
    )


def _beside() -> str:
    """Put beside each walk-in ticket the one before and after it in its line (visits.duplicates)."""
    columns = (
        "id, branch_id, day, service_id, counter_id, reservation_id, status, outcome,"
        " issued_at, queued_at, called_at, started_at, finished_at"
    )
    in_line = f"(reservation_id IS NULL AND COALESCE(outcome, '') <> '{Withdrawal.TICKET_TWICE}')"
    line = f"(PARTITION BY branch_id, day, service_id, language, {in_line} ORDER BY issued_at, id)"
    used = f"status NOT IN ('{TicketStatus.NO_SHOW}', '{TicketStatus.WITHDRAWN}')"
    twins = ", ".join(
        f"CASE WHEN {in_line} AND NOT ({used}) AND {near}({used}) OVER {line}"
        f" AND abs({near}(issued_at) OVER {line} - issued_at) <= {_TWICE} THEN 1 ELSE 0 END AS twin_{near}"
        for near in ("lag", "lead")
    )
    return f"SELECT {columns}, {twins} FROM ticket"


def _kind() -> str:
    stayed = f"'{Withdrawal.WRONG_SERVICE}', '{Withdrawal.OTHER}'"
    return (
        f"CASE WHEN t.outcome = '{Withdrawal.TICKET_TWICE}' OR t.twin_lag = 1 OR t.twin_lead = 1"
        f" THEN '{Kind.DUPLICATE}'"
        f" WHEN t.status = '{TicketStatus.NO_SHOW}' OR (t.status = '{TicketStatus.WITHDRAWN}'"
        f" AND COALESCE(t.outcome, '') NOT IN ({stayed})) THEN '{Kind.ABANDONED}' ELSE '{Kind.KEPT}' END"
    )


def _seconds(span: str) -> str:
    """Round microseconds to seconds, a half to the even one; none for what is negative or longer than a day."""
    half = _SECOND // 2
    odd = f"abs({span}) / {_SECOND} - abs({span}) / {2 * _SECOND} * 2"
    return (
        f"CASE WHEN {span} BETWEEN -{half} AND {_DAY + half}"
        f" THEN (abs({span}) + {half - 1} + {odd}) / {_SECOND} END"
    )


def _days(words: _Words) -> str:
    name = f"COALESCE({words.text_of.format('s.names', 'pl')}, s.letter)"
    measures = ", ".join(f"d.{each}" for each in MEASURES)
    return (
        f"SELECT b.code AS branch, b.name AS branch_name, d.day, d.weekday, d.hour, s.letter AS service,"
        f" {name} AS service_name, d.origin, d.kind, {words.boolean.format(_MADE_UP)} AS made_up, {measures}"
        f" FROM day_sum d JOIN branch b ON b.id = d.branch_id JOIN service s ON s.id = d.service_id {_STANDING}"
    )


_MADE_UP = "CASE WHEN y.is_sample THEN 1 ELSE 0 END"
_STANDING = "LEFT JOIN summed_day y ON y.branch_id = d.branch_id AND y.day = d.day"


def _counters(words: _Words) -> str:
    measures = ", ".join(f"CAST(sum(d.{each}) AS BIGINT) AS {each}" for each in COUNTER_MEASURES)
    by = "b.code, b.name, d.day, c.number, y.is_sample"
    return (
        f"SELECT b.code AS branch, b.name AS branch_name, d.day, c.number AS counter,"
        f" {words.boolean.format(_MADE_UP)} AS made_up, {measures}"
        f" FROM counter_sum d JOIN branch b ON b.id = d.branch_id JOIN counter c ON c.id = d.counter_id"
        f" {_STANDING} GROUP BY {by}"
    )


def _promises(words: _Words) -> str:
    """Tell the error of each expected time by the rules of server.domain.queue.accuracy."""
    off = "(2 * t.called_at - t.promised_from - t.promised_until) / 2"
    kept = f"t.called_at >= t.promised_from AND t.called_at - t.promised_until < {60 * _SECOND}"
    near = f"abs({off}) <= {MOST_MINUTES * 60 * _SECOND}"
    instants = ", ".join(
        f"{words.instant.format(f't.{name}')} AS {name}"
        for name in ("promised_from", "promised_until", "called_at")
    )
    flags = ", ".join(
        f"{words.boolean.format(f'CASE WHEN {rule} THEN 1 ELSE 0 END')} AS {name}"
        for name, rule in (("in_range", kept), ("near", near))
    )
    return (
        f"SELECT b.code AS branch, t.day AS day, s.letter AS service, {instants},"
        f" {off} / 1000000.0 AS off_seconds, {flags}"
        " FROM ticket t JOIN branch b ON b.id = t.branch_id JOIN service s ON s.id = t.service_id"
        " WHERE t.promised_from IS NOT NULL AND t.called_at IS NOT NULL AND t.finished_at IS NOT NULL"
    )
