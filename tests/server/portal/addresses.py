"""An address for every route of the pages, and a print of all that the database holds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.routing import AnyConverter, Rule

from server.store.tables import Fact
from tests.server.sample_office import SampleOffice

# What the sealer fills in behind a commit, when it gets there.
_SEALED_LATER = ("feed_number", "chain_hash")
_WORDS = {"branch": "wroclaw", "letter": "P", "version": "x", "name": "portal.css", "day": "2026-11-24"}


def addresses(portal: Flask, method: str | None = None, **words: str) -> Iterator[str]:
    """Write an address for each route (that takes this method), with words where it wants words."""
    adapter = portal.url_map.bind("numerek.test")
    for rule in portal.url_map.iter_rules():
        if method is None or method in (rule.methods or ()):
            values = {name: _word(rule, name, _WORDS | words) for name in rule.arguments}
            yield adapter.build(rule.endpoint, values | ({"language": "en"} if "language" in values else {}))


def _word(rule: Rule, name: str, words: dict[str, str]) -> str:
    converter = rule._converters[name]
    if isinstance(converter, AnyConverter) and name not in words:
        return sorted(converter.items)[0]
    return words.get(name, "1")


def print_of(office: SampleOffice) -> str:
    """Hash every row of every table."""

    def work(session: Any) -> str:
        whole = hashlib.sha256()
        for table in Fact.metadata.sorted_tables:
            columns = [column for column in table.columns if column.name not in _SEALED_LATER]
            rows = session.execute(select(*columns).order_by(*table.primary_key.columns)).all()
            whole.update(f"{table.name}: {[tuple(row) for row in rows]}\n".encode())
        return whole.hexdigest()

    return office.store.read(work)
