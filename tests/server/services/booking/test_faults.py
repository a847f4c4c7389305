"""All or nothing: a fault at any statement of a use case leaves the database as it was (quality.md, Safe 2)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from server.services.booking import activation, ending, verification, verification_decisions, visits
from server.services.booking.hold import Held, hold
from server.store import prepared
from server.store.tables import Table
from tests.server.services.booking.booked_office import TRACES, BookedOffice
from tests.server.services.booking.test_verification import ANSWERS, QUESTIONS


class Fault(Exception):
    """The fault that is injected."""


@contextmanager
def fault_at(booked: BookedOffice, place: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Let the statement at a place of the next write fail, from 1; give the list of those that began.

    Threads that see to the database beside it (who seals facts, who moves the log) are not counted.
    """
    begun: list[int] = []
    writers = {threading.current_thread().name, "store-writer"}

    def count(*_: Any) -> None:
        if threading.current_thread().name not in writers:
            return
        begun.append(1)
        if len(begun) == place:
            raise Fault

    def execute(*statement: Any, of: Any = prepared._execute, **how: Any) -> Any:
        count()
        return of(*statement, **how)

    event.listen(booked.office.store.engine, "before_cursor_execute", count)
    monkeypatch.setattr(prepared, "_execute", execute)
    try:
        yield begun
    finally:
        event.remove(booked.office.store.engine, "before_cursor_execute", count)
        monkeypatch.undo()


def everything(booked: BookedOffice) -> dict[str, list[Any]]:
    """Read all rows but those that a server writes for itself."""

    def read(session: Session) -> dict[str, list[Any]]:
        return {
            table.name: [
                tuple(row) for row in session.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in Table.metadata.sorted_tables
            if table.name != "fact"
        }

    return booked.office.store.read(read)


def a_hold(booked: BookedOffice) -> Callable[[Session], Any]:
    owner = booked.account()
    token, context = booked.draft(owner, phone="+48601234567"), booked.context
    return lambda session: hold(session, context, owner, token, TRACES)


def an_activation(booked: BookedOffice) -> Callable[[Session], Any]:
    owner, context = booked.account(), booked.context
    held = booked.held(owner, phone="+48601234567")
    code = booked.code(held)
    return lambda session: activation.activate(session, context, owner, held, code)


def a_last_wrong_code(booked: BookedOffice) -> Callable[[Session], Any]:
    owner, context = booked.account(), booked.context
    held = booked.held(owner)
    wrong = booked.wrong_code(held)
    for _ in range(4):
        booked.write(activation.activate, owner, held, wrong)
    return lambda session: activation.activate(session, context, owner, held, wrong)


def a_cancellation(booked: BookedOffice) -> Callable[[Session], Any]:
    owner, context = booked.account(), booked.context
    mine = booked.activated(owner)
    return lambda session: visits.cancel(session, context, owner, mine)


def a_removal(booked: BookedOffice) -> Callable[[Session], Any]:
    mine, context = booked.activated(booked.account()), booked.context
    return lambda session: ending.remove(session, context, mine, "automation")


def asked_for(booked: BookedOffice) -> tuple[int, str]:
    booked.rule(questions=QUESTIONS, verification_required=True)
    mine = booked.activated(booked.account())
    return mine, verification.path_of(booked.context, mine).rpartition("/")[2]


def an_answer(booked: BookedOffice) -> Callable[[Session], Any]:
    (_, token), context = asked_for(booked), booked.context
    return lambda session: verification.answer(session, context, token, ANSWERS)


def an_acceptance(booked: BookedOffice) -> Callable[[Session], Any]:
    (mine, _), context = asked_for(booked), booked.context
    return lambda session: verification_decisions.accept(session, context, mine)


@pytest.mark.parametrize(
    "case", [a_hold, an_activation, a_last_wrong_code, a_cancellation, a_removal, an_answer, an_acceptance]
)
def test_a_fault_at_any_statement_changes_nothing(
    booked: BookedOffice,
    monkeypatch: pytest.MonkeyPatch,
    case: Callable[[BookedOffice], Callable[[Session], Any]],
) -> None:
    work = case(booked)
    before, facts = everything(booked), len(booked.office.facts())
    place = 0
    while True:
        place += 1
        with fault_at(booked, place, monkeypatch) as begun, suppress(Fault):
            booked.office.store.write(work)
        if len(begun) < place:
            break
        assert everything(booked) == before, f"statement {place}"
        assert len(booked.office.facts()) == facts
    assert place > 4
    assert everything(booked) != before


def test_control_a_hold_without_a_fault_changes_the_rows(booked: BookedOffice) -> None:
    work, before = a_hold(booked), everything(booked)
    assert isinstance(booked.office.store.write(work), Held)
    assert {name for name, rows in everything(booked).items() if rows != before[name]} >= {
        "reservation",
        "slot",
        "draft",
        "message",
        "evidence",
    }
