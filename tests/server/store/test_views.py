"""The views for analysts: their columns are the documented ones, they name nobody, and equal the figures."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from server.domain.queue.accuracy import Accuracy
from server.domain.statistics.figures import Figures
from server.services.queue.views.accuracy import branch_accuracy
from server.store.engine import is_sqlite, open_single
from server.store.tables import Table, Ticket
from server.store.views import NAMES, drop_views, make_views
from tests.server.movable_clock import TEN
from tests.server.sample_office import SampleOffice
from tests.server.services.queue.a_day import Day
from tests.server.services.statistics.test_keeping import kept, served, told

DOCS = Path("docs/views.md").read_text("utf-8")
READER = "numerek_reader"


def documented(name: str) -> list[str]:
    """Read the columns of a view from the documentation, `a_00` … `a_16` written out."""
    section = DOCS.split(f"\n## {name}\n")[1].split("\n## ")[0]
    found: list[str] = []
    for first in re.findall(r"^\| (`.*?) \|", section, re.MULTILINE):
        names = re.findall(r"`(\w+)`", first)
        if "…" in first:
            stem, begin = names[0].rsplit("_", 1)
            end = names[1].rsplit("_", 1)[1]
            names = [f"{stem}_{place:0{len(begin)}}" for place in range(int(begin), int(end) + 1)]
        found += names
    return found


def read(office: SampleOffice, name: str, select: str = "*", more: str = "") -> list[dict[str, Any]]:
    """Read a view through the server's own connection."""
    sqlite = office.store.read(lambda session: session.get_bind().dialect.name) == "sqlite"
    view = f"statistics{'_' if sqlite else '.'}{name}"
    statement = text(f"SELECT {select} FROM {view} {more}")
    return office.store.read(lambda session: [dict(row) for row in session.execute(statement).mappings()])


def columns(office: SampleOffice, database_url: str, name: str) -> list[str]:
    view = f"statistics{'_' if is_sqlite(database_url) else '.'}{name}"
    return office.store.read(lambda session: list(session.execute(text(f"SELECT * FROM {view}")).keys()))


@pytest.mark.parametrize("name", NAMES)
def test_a_view_has_the_documented_columns_and_no_others(
    office: SampleOffice, database_url: str, name: str
) -> None:
    assert columns(office, database_url, name) == documented(name)
    named = re.compile(r"_id$|^id$|hash|sealed|person|clerk|user|email|phone|note|code|number|language")
    assert not [each for each in documented(name) if named.search(each)]


@settings(
    max_examples=5,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)
@given(seed=st.integers(0, 10_000))
def test_tickets_and_days_equal_the_figures_of_any_day(office: SampleOffice, seed: int) -> None:
    office.clock.set(TEN)
    day = Day(office, seed, {number: office.clerk(number) for number in (2, 7, 8)})
    for _ in range(40):
        day.happens()
        office.clock.advance(seconds=13, milliseconds=500)
    kept(office)
    have = told(office)
    by_kind = {kind: each for kind, each in have.by_kind.items() if each.count("issued")}
    rows = read(office, "tickets")
    assert {row["kind"] for row in rows} == set(by_kind)
    for kind, figures in by_kind.items():
        equal(figures, [row for row in rows if row["kind"] == kind])
    days = read(office, "days")
    for measure in ("issued", "booked", "waits", "wait_seconds", "service_seconds", "in_target", "lead_0"):
        assert sum(row[measure] for row in days) == have.all_tickets.count(measure), measure
    desks = read(office, "counters")
    assert sum(row["busy_seconds"] for row in desks) == sum(row.sums["busy_seconds"] for row in have.desks)


def equal(figures: Figures, rows: list[dict[str, Any]]) -> None:
    """Compare the sums of a kind of tickets with the rows of the view."""
    assert len(rows) == figures.count("issued")
    assert sum(bool(row["clock_ran_back"]) for row in rows) == figures.count("ran_back")
    for status in ("withdrawn", "no_show"):
        assert sum(row["status"] == status for row in rows) == figures.count(status)
    for time in ("wait", "walk", "service", "total"):
        known = [row[f"{time}_seconds"] for row in rows if row[f"{time}_seconds"] is not None]
        assert (len(known), sum(known)) == (figures.count(f"{time}s"), figures.count(f"{time}_seconds")), time


def test_a_ticket_is_told_with_its_times_and_the_names_of_its_places(office: SampleOffice) -> None:
    served(office)
    (row,) = read(office, "tickets")
    told_places = [row[name] for name in ("branch", "service", "counter", "origin", "outcome", "kind")]
    assert told_places == ["wroclaw", "N", 7, "walk_in", "served", "kept"]
    assert (row["wait_seconds"], row["service_seconds"], row["total_seconds"]) == (600, 300, 900)
    assert str(row["issued_at"]).replace(" ", "T").startswith(TEN.strftime("%Y-%m-%dT%H:%M:%S"))


def test_a_ticket_taken_twice_and_one_left_unused_are_marked(office: SampleOffice) -> None:
    for _ in range(2):
        office.walk_in("N")
        office.clock.advance(seconds=10)
    office.clock.advance(minutes=5)
    office.walk_in("N")
    gone = Ticket.ordinal.in_((2, 3))
    office.store.write(lambda session: session.execute(update(Ticket).where(gone).values(status="withdrawn")))
    kinds = read(office, "tickets", "kind", "ORDER BY issued_at")
    assert [row["kind"] for row in kinds] == ["kept", "duplicate", "abandoned"]


@pytest.mark.parametrize(
    ("ran", "seconds", "is_back"),
    [
        *((-2.0, None, True), (-0.5, 0, False), (0.5, 0, False), (1.5, 2, False)),
        *((86_400.5, 86_400, False), (86_401.0, None, False)),
    ],
)
def test_times_are_rounded_and_left_out_as_in_the_figures(
    office: SampleOffice, ran: float, seconds: int | None, is_back: bool
) -> None:
    office.walk_in("N")
    (row,) = office.rows(Ticket)
    later = row.queued_at + timedelta(seconds=ran)
    office.store.write(lambda session: session.execute(update(Ticket).values(called_at=later)))
    kept(office)
    (seen,) = read(office, "tickets")
    assert (seen["wait_seconds"], bool(seen["clock_ran_back"])) == (seconds, is_back)


def test_promises_equal_the_page_about_them(office: SampleOffice) -> None:
    for wait in (2, 30):
        served(office, wait=wait)
    branch = office.runtime.office.current().branch_named("wroclaw")
    assert branch is not None
    context = office.runtime.context()
    whole = office.store.read(lambda session: branch_accuracy(session, context, branch)).whole
    assert isinstance(whole, Accuracy)
    rows = read(office, "promises")
    assert len(rows) == whole.promises == 2
    assert sum(bool(row["in_range"]) for row in rows) == round(whole.kept_share * 2)
    assert sum(bool(row["near"]) for row in rows) == round(whole.near_share * 2)
    off = [float(row["off_seconds"]) / 60 for row in rows]
    assert sum(off) / 2 == pytest.approx(whole.bias_minutes)


@pytest.fixture
def reader(office: SampleOffice, database_url: str) -> Iterator[str]:
    """Make the account that the documentation describes, and give the address at which it connects."""
    if is_sqlite(database_url):
        pytest.skip("SQLite knows no accounts")
    (snippet,) = re.findall(r"```sql\n(.*?)```", DOCS, re.DOTALL)
    engine = open_single(database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql(snippet)
    url = make_url(database_url).set(username=READER)
    yield url.render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP OWNED BY {READER}; DROP ROLE {READER}")
    engine.dispose()


def test_the_documented_account_reads_the_views_and_nothing_else(
    office: SampleOffice, database_url: str, reader: str
) -> None:
    served(office)
    owner = open_single(database_url)
    with owner.begin() as connection:
        drop_views(connection)
        make_views(connection)
    owner.dispose()
    engine = create_engine(reader, poolclass=NullPool)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT service FROM statistics.tickets")).scalars().all() == ["N"]
        for name in NAMES:
            connection.execute(text(f"SELECT * FROM statistics.{name}")).all()
        may = "has_any_column_privilege(:table, 'SELECT, INSERT, UPDATE, REFERENCES')"
        asked = text(f"SELECT {may} OR has_table_privilege(:table, 'DELETE, TRUNCATE, TRIGGER')")
        tables = [*Table.metadata.tables, "alembic_version"]
        assert not [
            each for each in tables if connection.execute(asked, {"table": f"public.{each}"}).scalar_one()
        ]
    for forbidden in ("SELECT sealed_person FROM reservation", "DELETE FROM statistics.tickets"):
        with engine.connect() as connection, pytest.raises(DBAPIError):
            connection.execute(text(forbidden))
    engine.dispose()


def test_a_file_is_read_beside_the_server_and_cannot_be_written(
    office: SampleOffice, database_url: str
) -> None:
    if not is_sqlite(database_url):
        pytest.skip("PostgreSQL has accounts for it")
    served(office)
    file = database_url.removeprefix("sqlite:///")
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as connection:
        assert connection.execute("SELECT service FROM statistics_tickets").fetchall() == [("N",)]
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            connection.execute("DELETE FROM ticket")
    connection.close()
