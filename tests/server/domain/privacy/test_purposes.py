"""Whatever is kept about people or asked of them has its purpose, in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from server.domain.privacy.purposes import COLUMNS, FIELDS, NOT_PERSONAL, Purpose
from server.portal import application
from server.portal.office.purposes import PURPOSES
from server.store.tables import Table
from server.web.forms import Form

# What is sealed or hashed and is not about a visitor.
OTHERS = {
    *("account_session.token_hash", "draft.token_hash", "verification.token_hash", "personal_key.sealed_key"),
    *("device.token_hash", "enrolment.code_hash", "staff_user.password_hash", "clerk_session.token_hash"),
    *("integrator.token_hash", "fact.chain_hash", "answer.scope_hash", "answer.sealed_answer"),
    *("draw.sealed_secret", "draw.secret_hash", "draw.list_hash"),
    *("shuffle.sealed_secret", "shuffle.secret_hash", "shuffle.list_hash", "what_if_trial.name"),
    *("staff_user.sealed_totp", "staff_session.token_hash", "staff_link.token_hash"),
    *("recovery_code.code_hash", "office_change.name", "webhook.sealed_secret"),
    *("audit_key.sealed_seed", "arrival_count.name"),
}
_TELLING = re.compile(r"^sealed_|_hash$|^(language|name|email|phone|preferences)$")
# Whose rows are about the office and its staff.
_OF_THE_OFFICE = {
    "branch",
    "hall",
    "service",
    "counter",
    "device",
    "staff_user",
    "passkey",
    "integrator",
    "setting",
    "ticket",
    "offline_entry",
}


def telling_columns() -> set[str]:
    return {
        f"{table.name}.{column.name}"
        for table in Table.metadata.tables.values()
        for column in table.columns
        if _TELLING.search(column.name) and not (table.name in _OF_THE_OFFICE and "_" not in column.name)
    }


def forms() -> list[type[Form]]:
    assert application.PAGES
    return sorted(set(_below(Form)), key=lambda form: form.__qualname__)


def _below(kind: type[Any]) -> Iterator[type[Any]]:
    for each in kind.__subclasses__():
        if each.__module__.startswith(("server.portal", "server.web")):
            yield each
            yield from _below(each)


def fields_of(form: type[Form]) -> set[str]:
    return {name for name in dir(form) if getattr(getattr(form, name), "_formfield", False)}


def test_every_column_that_tells_of_a_person_has_its_purpose() -> None:
    assert telling_columns() - OTHERS == set(COLUMNS)


def test_every_purpose_has_its_words_and_is_the_purpose_of_something() -> None:
    assert set(PURPOSES) == set(Purpose)
    assert {purpose for several in COLUMNS.values() for purpose in several} == set(Purpose)


@pytest.mark.parametrize("form", forms(), ids=lambda form: form.__qualname__)
def test_every_field_of_a_form_has_its_purpose(form: type[Form]) -> None:
    assert fields_of(form) - NOT_PERSONAL - set(FIELDS) == set()


def test_no_field_is_listed_that_no_form_has() -> None:
    there = {name for form in forms() for name in fields_of(form)}
    assert set(FIELDS) - there == set()
    assert there & set(FIELDS) & NOT_PERSONAL == set()
