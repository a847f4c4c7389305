"""Every page of the staff that can be opened is named in docs, in both languages, and no other."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from tests.server_admin.pages import DOCS

_WHOLE = re.compile(r"`(/staff/[^`\s]*)`")


def _plain(address: str) -> str:
    return re.sub(r"<[^>]+>", "<>", address)


def named(language: str) -> set[str]:
    pages = (file.read_text(encoding="utf-8") for file in (DOCS / language).glob("*.md"))
    return {_plain(address) for page in pages for address in _WHOLE.findall(page)}


def opened(staff: Flask) -> set[str]:
    rules = (rule for rule in staff.url_map.iter_rules() if "GET" in (rule.methods or ()))
    plain = {_plain(rule.rule) for rule in rules if rule.endpoint != "asset"}
    return {address for address in plain if not address.endswith("/live")}  # parts of pages, no pages


@pytest.mark.parametrize("language", ["en", "pl"])
def test_every_page_is_named_in_docs_and_no_other(staff: Flask, language: str) -> None:
    told, there = named(language), opened(staff)
    assert there - told == set(), f"name these in the tables of docs/{language}"
    assert told - there == set(), f"docs/{language} names pages that are not there"
