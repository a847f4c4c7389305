"""The office as its file would say it: what is there, so that writing it again changes nothing."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from server.services.office.things import kept, value_of
from server.store.queries import office as rows
from server.store.tables import Branch, Counter, Hall


def office_tables(session: Session) -> dict[str, Any]:
    """Return the tables of the office's file (docs/office.md)."""
    office: dict[str, Any] = {"branch": [_branch(session, row) for row in rows.branches(session)]}
    if templates := rows.templates(session):
        office["template"] = [
            {"kind": row.kind, "code": row.code} | value_of(session, row) for row in templates
        ]
    if publisher := kept(rows.publisher(session)):
        office["publisher"] = publisher
    if texts := rows.publications(session):
        office["publication"] = [
            {"kind": row.kind, "version": row.version} | value_of(session, row) for row in texts
        ]
    return office


def _branch(session: Session, row: Branch) -> dict[str, Any]:
    halls = sorted(rows.of_branch(session, Hall, row.id), key=lambda each: each.code)
    counters = sorted(rows.of_branch(session, Counter, row.id), key=lambda each: each.number)
    below = {
        "hall": [{"code": each.code} | value_of(session, each) for each in halls],
        "service": [
            {"letter": each.letter} | value_of(session, each) for each in rows.services_of(session, row.id)
        ],
        "counter": [{"number": each.number} | value_of(session, each) for each in counters],
    }
    return {"code": row.code} | value_of(session, row) | {name: all for name, all in below.items() if all}
