"""Backups without people's keys: a person erased since then cannot be read in any of them (rule 27).

Every backup has the rows; the keys lie in one file beside them that each backup writes anew. An older backup with
the keys of today gives back everybody but those who were erased meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from server.admin.failures import OperatorMistake

KEYS_TABLE = "personal_key"

# What goes where a row's key is gone: the same as server.store.queries.privacy.erasure takes out, in plain SQL,
# since it runs on a database in which the references do not hold yet.
_ERASED = {
    "account": ("email_hash", "sealed_email", "password_hash"),
    "application": ("account_id", "person_hash", "document_hash", "sealed_details"),
    "message": ("account_id", "sealed_to", "sealed_values", "problem"),
    "reservation": (
        *("account_id", "sealed_person", "sealed_codes", "code_hash", "token_hash", "person_hash"),
        *("document_hash", "email_hash", "phone_hash", "activation_hash"),
    ),
}
_DELETED = ("draft", "evidence")
_OF_ACCOUNTS = ("account_session", "place_wish")


def erasing_again() -> Iterator[str]:
    """Return the statements that erase whoever's key is gone, first of all what hangs on their reservations."""
    # All names in these statements are ours.
    of_them = f"SELECT id FROM reservation WHERE {_is_gone('reservation')}"  # noqa: S608
    yield f"UPDATE verification SET sealed_answers = NULL WHERE reservation_id IN ({of_them})"  # noqa: S608
    for table, columns in _ERASED.items():
        nothing = ", ".join(f"{column} = NULL" for column in ("personal_key_id", *columns))
        yield f"UPDATE {table} SET {nothing} WHERE {_is_gone(table)}"  # noqa: S608
    yield "UPDATE account SET deleted_at = made_at WHERE personal_key_id IS NULL AND deleted_at IS NULL"
    for table in _OF_ACCOUNTS:
        gone = "SELECT id FROM account WHERE deleted_at IS NOT NULL"
        yield f"DELETE FROM {table} WHERE account_id IN ({gone})"  # noqa: S608
    for table in _DELETED:
        yield f"DELETE FROM {table} WHERE {_is_gone(table)}"  # noqa: S608


def no_keys(file: Path) -> OperatorMistake:
    """Say that the keys of people are not where they should be."""
    return OperatorMistake(
        f"there is no file {file} with the keys of people: name it with --keys, or lose all personal data with "
        "--without-keys."
    )


def _is_gone(table: str) -> str:
    there = f"SELECT 1 FROM {KEYS_TABLE} WHERE {KEYS_TABLE}.id = {table}.personal_key_id"  # noqa: S608
    return f"personal_key_id IS NOT NULL AND NOT EXISTS ({there})"
