"""The office as a file: applying what was exported changes nothing, and edits are not overwritten unseen."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.admin.toml_writer import toml_text
from server.services.office import editing, things
from server.services.office.exporting import office_tables
from server.services.office.set_up import set_up_office
from server.store.tables import OfficeChange, User
from tests.server.sample_office import OFFICE as SAMPLE
from tests.server_admin.conftest import OFFICE, Desk

_CHARACTERS = st.characters(exclude_categories=["Cs"])
LEAVES = st.one_of(
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.text(_CHARACTERS, max_size=120),
    st.sampled_from(['"""', "\\", "a\nb", "\r\n", "\n", "x = 1\n[y]", "ż" * 100]),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(_CHARACTERS, max_size=8), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["branch", "publisher", "a b", "ż", ""]), VALUES, max_size=4))
def test_what_is_written_as_toml_is_read_as_it_was(tables: dict[str, Any]) -> None:
    assert tomllib.loads(toml_text(tables)) == tables


def test_the_demo_office_exported_and_applied_changes_nothing(desk: Desk) -> None:
    exported = desk.good("office", "export")
    file = desk.folder / "exported.toml"
    file.write_text(exported, encoding="utf-8")
    assert "nothing is different" in desk.good("office", file)
    assert desk.good("office", "export") == exported
    assert "nothing is different" in desk.good("office", OFFICE)


@pytest.mark.parametrize("source", ["demo", "sample"])
def test_an_export_into_an_empty_database_makes_the_same_office(
    desk: Desk, bare_desk: Desk, source: str
) -> None:
    store = desk.store()
    try:
        if source == "sample":
            store.write(lambda session: set_up_office(session, datetime.now(UTC), SAMPLE))
        tables = store.read(office_tables)
    finally:
        store.close()
    desk.settings.secrets_file.unlink()
    (desk.folder / "data" / "numerek.db").unlink()
    file = desk.folder / "exported.toml"
    file.write_text(toml_text(tables), encoding="utf-8")
    bare_desk.good("init", "--office", file)
    assert tomllib.loads(bare_desk.good("office", "export")) == tables


def edit(desk: Desk) -> None:
    """Change the hours of a service as a page does."""
    store = desk.store()

    def work(session: Any) -> None:
        user = User(login="ewa", name="Ewa Maj")
        session.add(user)
        session.flush()
        author = editing.Author(datetime.now(UTC), user.id)
        thing = things.service("wroclaw", "P")
        old = things.stated(session, thing) or {}
        editing.change(session, author, thing, old | {"expected_service_minutes": 33})

    store.write(work)
    store.close()


def test_a_file_that_overwrites_an_edit_shows_it_and_wants_a_word(desk: Desk) -> None:
    edit(desk)
    said = desk.admin("office", OFFICE)
    assert said.code == 1
    assert "wroclaw service P, expected_service_minutes (by Ewa Maj):\n    - 33\n    + 8" in said.out
    assert "--overwrite" in said.err
    assert "expected_service_minutes = 33" in desk.good("office", "export")
    assert "1 change;" in desk.good("office", OFFICE, "--overwrite")
    assert "expected_service_minutes = 33" not in desk.good("office", "export")
    store = desk.store()
    last = store.read(lambda session: session.query(OfficeChange).order_by(OfficeChange.id.desc()).first())
    store.close()
    assert (last.user_id, last.old["expected_service_minutes"]) == (None, 33)
