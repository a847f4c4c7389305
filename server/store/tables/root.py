"""The root of all rows: their keys, their types, and the names of their constraints."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Index, LargeBinary, MetaData, String, literal_column, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from server.store.types import Instant, Json, Key


def fixed(word: str) -> ColumnElement[str]:
    """Return a word of the vocabulary as part of the statement itself.

    A partial index serves only statements whose text says the same as the index; a bound value does not.
    """
    return literal_column(f"'{word}'", String())


def one_of(column: str, words: Iterable[str]) -> str:
    """Write the check that a column holds one of the words."""
    return f"{column} IN ({', '.join(repr(str(word)) for word in words)})"


def by_personal_key(table: str) -> Index:
    """Make the index by which the end of a key finds who still points at it; erased rows are not in it."""
    only = text("personal_key_id IS NOT NULL")
    return Index(f"ix_{table}_personal_key", "personal_key_id", sqlite_where=only, postgresql_where=only)


class Table(DeclarativeBase):
    """The declarative root; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Instant, dict[str, Any]: Json, list[str]: Json, bytes: LargeBinary}

    id: Mapped[int] = mapped_column(Key, primary_key=True)
