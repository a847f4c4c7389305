"""How a database would carry out the statements that were heard: which of them walk through a table that grows.

SQLite tells its plan without looking at what the tables hold. PostgreSQL is kept from walking through a table
where there is any other way (enable_seqscan), so that a small table shows the plan of a large one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from psycopg import RawCursor
from sqlalchemy import Engine

from bench.statements import Statement
from server.store.tables.root import Table

SMALL = frozenset(
    {
        *("branch", "hall", "counter", "counter_service", "service", "series", "template", "publisher"),
        *("device", "staff_user", "user_role", "user_service", "integrator", "webhook", "setting"),
        *(
            "steering",
            "planned_change",
            "audit_key",
            "report_mailing",
            "page_visits",
            "draw",
            "what_if_trial",
        ),
        *("waiting_room_entry", "place_wish", "offline_entry"),
    }
)
"""Tables that an office fills once, that have a few rows a day, or only those who wait now or an outage."""
GROWING = frozenset(Table.metadata.tables) - SMALL
UNDER_WAY = frozenset(
    {
        *("ix_ticket_waiting", "ix_ticket_sent", "ix_ticket_in_hand", "ix_ticket_aside"),
        *("ix_clerk_session_open_clerk_id", "ix_clerk_session_open_counter_id"),
    }
)
"""Indexes that hold what is not over yet, and nothing of the past."""
_EXPLAINED = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", re.IGNORECASE)
_VALUES = re.compile(r"'(?:[^']|'')*'|\bX'[0-9A-F]*'|\b\d+\b", re.IGNORECASE)
_SCAN = re.compile(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?")
# Nested loops show whether each join has an index to go by: on a small table PostgreSQL would rather hash it.
_ONLY_BY_INDEX = (
    "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off"
)


@dataclass(frozen=True, slots=True)
class Walk:
    """A step of a plan that goes through a whole growing table."""

    step: str
    statement: str


def walks(engine: Engine, heard: Iterable[Statement]) -> list[Walk]:
    """Explain each kind of statement once and return the steps that take longer the more a table holds."""
    kinds = {_VALUES.sub("?", each.text): each for each in heard if _EXPLAINED.match(each.text)}
    explain = _sqlite if engine.dialect.name == "sqlite" else _postgres
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        return [Walk(step, text) for text, each in kinds.items() for step in explain(driver, each)]


def _sqlite(driver: Any, each: Statement) -> Iterator[str]:
    """Tell of scans in SQLite's plan; a name there may be the statement's own for a table.

    A table that the statement does not name stands in a plan for its foreign key, which is looked at only while a
    transaction breaks one.
    """
    named = {alias: table for table, alias in re.findall(r"\b(\w+) AS (\w+)\b", each.text)}
    for row in driver.execute(f"EXPLAIN QUERY PLAN {each.text}"):
        if scan := _SCAN.match(row[3]):
            table = named.get(scan[1], scan[1])
            if table in GROWING and scan[2] not in UNDER_WAY and re.search(rf"\b{table}\b", each.text):
                yield row[3]


def _postgres(driver: Any, each: Statement) -> Iterator[str]:
    """Tell of scans in PostgreSQL's plan that go by no condition on an index."""
    with driver.transaction(force_rollback=True):
        driver.execute(_ONLY_BY_INDEX)
        # Hot statements number their parameters.
        asked: Any = RawCursor(driver) if isinstance(each.values, tuple) else driver
        plan = asked.execute(f"EXPLAIN (FORMAT JSON) {each.text}", each.values).fetchone()[0]
    yield from _nodes(plan[0]["Plan"], is_cut=False)


def _nodes(node: dict[str, Any], *, is_cut: bool) -> Iterator[str]:
    table, kind = node.get("Relation Name"), node["Node Type"]
    goes_by = {"Index Cond", "Recheck Cond"} & set(node)
    is_an_end = is_cut and kind.startswith("Index") and "Filter" not in node  # the first rows of an index
    is_under_way = node.get("Index Name") in UNDER_WAY
    if table in GROWING and kind.endswith("Scan") and not (goes_by or is_an_end or is_under_way):
        yield f"{kind} {table} {node.get('Index Name', '')}"
    for inner in node.get("Plans", ()):
        yield from _nodes(inner, is_cut=kind == "Limit")
