"""Compares the log as it is in the database with what was signed of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from server.domain.audit.tree import Edge, leaf_hash
from server.services.audit.leaves import Leaves
from server.services.context import Context
from server.store.queries import audit


@dataclass(frozen=True, slots=True)
class Checked:
    """How many checkpoints fit the log, and the first that does not: its branch and its day."""

    right: int
    wrong: tuple[int, date] | None = None


def check_log(session: Session, context: Context) -> Checked:
    """Make every branch's tree anew from its facts, and compare it with each of its checkpoints.

    It finds what the chain of hashes cannot: rows that were cut off the end, and a chain that was made anew.
    """
    leaves, right = Leaves(context.keys), 0
    edges: dict[int, Edge] = {}
    reached: dict[int, int] = {}
    for row in audit.every_checkpoint(session):
        edge = edges.setdefault(row.branch_id, Edge())
        facts = audit.facts_between(session, row.branch_id, reached.get(row.branch_id, 0), row.feed_number)
        for fact in facts:
            edge.append(leaf_hash(leaves.write(edge.size, fact).encode()))
        reached[row.branch_id] = row.feed_number
        if (edge.size, edge.root()) != (row.size, row.root):
            return Checked(right, (row.branch_id, row.day))
        right += 1
    return Checked(right)
