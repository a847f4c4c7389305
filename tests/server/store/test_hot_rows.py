"""Hot rows: one object a row in a transaction, whoever reads it; a change is one UPDATE, and none is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, object_session
from sqlalchemy.orm.exc import StaleDataError

from bench.statements import listener
from server.store import answers, hot_rows
from server.store.answers import Command
from server.store.engine import open_single
from server.store.queries import offline, queue, tickets
from server.store.tables import Ticket
from tests.server.movable_clock import TEN
from tests.server.sample_office import SampleOffice

Read = Callable[[Session, Ticket], Ticket | None]


def with_number(session: Session, row: Ticket) -> Ticket | None:
    """Read a ticket as kiosks that were alone name it."""
    return offline.ticket_with(session, row.branch_id, row.day, row.series, row.ordinal)


READS: dict[str, Read] = {
    "by id": lambda session, row: tickets.ticket(session, row.id),
    "to be changed": lambda session, row: tickets.ticket(session, row.id, locked=True),
    "held": lambda session, row: queue.hold(session, row.id),
    "by number": with_number,
    "SQLAlchemy's get": lambda session, row: session.get(Ticket, row.id),
    "SQLAlchemy's select": lambda session, row: session.execute(
        select(Ticket).where(Ticket.id == row.id)
    ).scalar_one(),
}


@pytest.fixture
def ticket_id(office: SampleOffice) -> int:
    """Let one visitor wait."""
    return int(office.walk_in("P")["id"])


def read(session: Session, ticket_id: int) -> Ticket:
    """Read a ticket that is there."""
    row = tickets.ticket(session, ticket_id)
    assert row is not None
    return row


@pytest.mark.parametrize("again", READS)
def test_a_ticket_that_is_read_twice_is_one_object_and_keeps_both_changes(
    office: SampleOffice, ticket_id: int, again: str
) -> None:
    def work(session: Session) -> None:
        first = read(session, ticket_id)
        assert object_session(first) is session
        first.note = "first"
        second = READS[again](session, first)
        assert second is first
        assert second.note == "first"
        second.outcome = "second"

    office.store.write(work)
    row = office.ticket(ticket_id)
    assert (row.note, row.outcome) == ("first", "second")


def test_the_ticket_in_hand_is_the_one_that_was_just_called(office: SampleOffice, ticket_id: int) -> None:
    counter = office.runtime.context().office.branch_named("wroclaw").counters[7]  # type: ignore[union-attr]

    def work(session: Session) -> None:
        row = read(session, ticket_id)
        row.status, row.counter_id = "called", counter.id
        for locked in (False, True):
            assert tickets.in_hand(session, counter.id, locked=locked) is row

    office.store.write(work)


def test_what_a_commands_own_row_breaks_is_no_answer_that_was_given_before(
    office: SampleOffice, ticket_id: int
) -> None:
    context, other_id = office.runtime.context(), int(office.walk_in("P")["id"])
    counter = context.office.branch_named("wroclaw").counters[7]  # type: ignore[union-attr]

    def work(session: Session) -> None:
        both = [read(session, each) for each in (ticket_id, other_id)]
        for row in both:
            row.status, row.counter_id = "called", counter.id
        answers.keep(session, context.keys, Command("clerk:1", "POST /", "key", b""), (200, b""), context.now)

    with pytest.raises(IntegrityError, match=r"counter_id|ix_ticket_in_hand"):
        office.store.write(work)


def test_control_without_the_map_the_second_reader_undoes_the_first(
    office: SampleOffice, ticket_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_object = hot_rows._the_row

    def an_object_each(session: Session, table: Any, values: Any) -> Any:
        session.expunge_all()
        return one_object(session, table, values)

    monkeypatch.setattr(hot_rows, "_the_row", an_object_each)

    def work(session: Session) -> None:
        first, second = read(session, ticket_id), read(session, ticket_id)
        assert first is not second
        first.note, second.outcome = "first", "second"

    office.store.write(work)
    row = office.ticket(ticket_id)
    assert (row.note, row.outcome) == (None, "second")


def test_what_somebody_else_wrote_meanwhile_is_seen_by_the_next_reading(
    office: SampleOffice, ticket_id: int
) -> None:
    def change(session: Session) -> None:
        read(session, ticket_id).note = "new"

    def work(session: Session) -> None:
        row = read(session, ticket_id)
        office.store.write(change)
        assert row.note is None
        assert read(session, ticket_id) is row
        assert row.note == "new"

    with Session(office.store.engine) as session:
        work(session)


def test_a_reading_that_must_not_write_first_leaves_the_change_alone(
    office: SampleOffice, ticket_id: int
) -> None:
    def work(session: Session) -> None:
        row = read(session, ticket_id)
        row.note = "kept"
        with session.no_autoflush:
            assert read(session, ticket_id) is row
        assert row.note == "kept"

    office.store.write(work)
    assert office.ticket(ticket_id).note == "kept"


def test_changes_are_one_update_of_what_changed(office: SampleOffice, ticket_id: int) -> None:
    heard: list[str] = []

    def work(session: Session) -> None:
        row = read(session, ticket_id)
        row.note, row.called_at, row.language = "n", TEN, row.language
        row.undo = {"before": {"a": [1, None]}}
        ear.count()
        session.flush()
        session.flush()
        heard.extend(each.text for each in ear.heard)

    with listener() as ear:
        engine = open_single(office.store.url)
        with Session(engine) as session, ear.listening():
            work(session)
            session.commit()
        engine.dispose()
    (update,) = (text for text in heard if "UPDATE" in text)
    assert "language" not in update
    row = office.ticket(ticket_id)
    assert (row.note, row.called_at, row.undo) == ("n", TEN, {"before": {"a": [1, None]}})


def test_a_change_of_a_row_that_is_gone_is_an_error(office: SampleOffice, ticket_id: int) -> None:
    def work(session: Session) -> None:
        row = read(session, ticket_id)
        session.execute(
            delete(Ticket).where(Ticket.id == ticket_id).execution_options(synchronize_session=False)
        )
        row.note = "too late"

    with pytest.raises(StaleDataError):
        office.store.write(work)
    assert office.ticket(ticket_id).note is None


def test_a_savepoint_that_is_undone_undoes_the_object_too(office: SampleOffice, ticket_id: int) -> None:
    def work(session: Session) -> None:
        row = read(session, ticket_id)
        row.note = "before"
        attempt = session.begin_nested()
        row.note = "inside"
        session.flush()
        attempt.rollback()
        assert row.note == "before"

    with Session(office.store.engine) as session, session.begin():
        work(session)
    assert office.ticket(ticket_id).note == "before"


def test_parameters_go_to_postgresql_as_it_numbers_them_itself(office: SampleOffice, ticket_id: int) -> None:
    if office.store.sqlite:
        pytest.skip("SQLite's driver knows none but its own")
    with listener() as ear:
        engine = open_single(office.store.url)
        with Session(engine) as session, ear.listening():
            assert read(session, ticket_id).id == ticket_id
            (heard,) = (each for each in ear.heard if "FROM ticket" in each.text)
        engine.dispose()
    assert heard.text.rstrip().endswith("ticket.id = $1::BIGINT")
    assert heard.values == (ticket_id,)
