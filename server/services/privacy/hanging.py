"""What hangs on which key of the key file: made anew with the newest, or counted before a key goes (ADR 0029)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from server.services.access import second_factors, webhooks
from server.services.access.devices import ENROLMENT_LENGTH
from server.services.accounts.address import email_texts
from server.services.audit import signing
from server.services.booking.one_per_person import Texts, texts_of
from server.services.guard.evidence import TRACED, traced_texts
from server.services.release import draws, shuffles
from server.store.keyring import Box, KeyFileError, Keyring, SecretKey
from server.store.queries.privacy import personal_keys, sealed
from server.store.store import Store
from server.store.tables import (
    Account,
    Application,
    AuditKey,
    Draw,
    Evidence,
    PersonalKey,
    Reservation,
    Shuffle,
    User,
    Webhook,
)
from server.store.tables.root import Table

Row = Mapping[str, Any]
AT_ONCE = 100
"""So many rows a transaction, so that SQLite's one writer is not held for long."""
_SLACK = timedelta(minutes=1)
"""So much later another server may have made something with the key before."""
_NO_KEY = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Kept:
    """A value of a row: its column, the key that made it (None: none that is held), how another makes it."""

    column: str
    key: SecretKey | None
    anew: Callable[[SecretKey], bytes] | None


@dataclass(frozen=True, slots=True)
class Holder:
    """A table, what of it is read, and the values in a row that hang on the key file.

    Rows that have nothing in the column `present` are left out: they were erased.
    """

    name: str
    table: type[Table]
    columns: Sequence[str]
    look: Callable[[Keyring, Row], Iterator[Kept]]
    present: str | None = None


# --- looking ----------------------------------------------------------------------------------------------


def _seal(keys: Keyring, row: Row, column: str, bound_to: bytes) -> Iterator[Kept]:
    value = row[column]
    if value is None:
        return
    for key in keys.in_order:
        try:
            opened = key.box.open(value, bound_to)
        except KeyFileError:
            continue
        yield Kept(column, key, partial(_seal_anew, opened, bound_to))
        return
    yield Kept(column, None, None)


def _seal_anew(opened: bytes, bound_to: bytes, key: SecretKey) -> bytes:
    return key.box.seal(opened, bound_to)


def _hashes(keys: Keyring, row: Row, texts: Texts, columns: Sequence[str]) -> Iterator[Kept]:
    for column in columns:
        if row[column] is None:
            continue
        text = texts.get(column)
        made = [key for key in keys.in_order if text and key.lookup(*text) == row[column]]
        anew = partial(_hash_anew, text) if made and text else None
        yield Kept(column, made[0] if made else None, anew)


def _hash_anew(text: tuple[str, str], key: SecretKey) -> bytes:
    return key.lookup(*text)


def _box(keys: Keyring, row: Row) -> Box | None:
    """Return what opens a row's personal values; None when the person was erased."""
    if row["personal_key_id"] is None:
        return keys
    found = row["sealed_key"]
    return None if found is None else Box(keys.open(found, personal_keys.BOUND))


def _bound(column: str, bound_to: Callable[[Row], bytes]) -> Callable[[Keyring, Row], Iterator[Kept]]:
    return lambda keys, row: _seal(keys, row, column, bound_to(row))


def _reservation(keys: Keyring, row: Row) -> Iterator[Kept]:
    if row["personal_key_id"] is None:
        # Of before each person had a key.
        yield from _seal(keys, row, "sealed_codes", b"codes")
        yield from _seal(keys, row, "sealed_person", b"person")
    box = _box(keys, row)
    person = personal_keys.open_json(box, row["sealed_person"], b"person") or {}
    codes = personal_keys.open_json(box, row["sealed_codes"], b"codes") or {}
    texts = dict(texts_of(person))
    texts |= {f"{kind}_hash": (kind, codes[kind]) for kind in ("code", "token") if kind in codes}
    yield from _hashes(keys, row, texts, _MARKS)


def _account(keys: Keyring, row: Row) -> Iterator[Kept]:
    email = personal_keys.open_json(_box(keys, row), row["sealed_email"], b"email")
    yield from _hashes(keys, row, email_texts(email), ["email_hash"])


def _application(keys: Keyring, row: Row) -> Iterator[Kept]:
    person = personal_keys.open_json(_box(keys, row), row["sealed_details"], b"details") or {}
    yield from _hashes(keys, row, texts_of(person), ["person_hash", "document_hash"])


def _evidence(keys: Keyring, row: Row) -> Iterator[Kept]:
    details = personal_keys.open_json(_box(keys, row), row["sealed_details"], b"details")
    if details is not None:  # else nobody compares it any more
        yield from _hashes(keys, row, traced_texts(details), TRACED)


_MARKS = (
    *("code_hash", "token_hash", "person_hash", "document_hash"),
    *("email_hash", "phone_hash"),
)
HOLDERS = (
    Holder("persons' keys", PersonalKey, ["sealed_key"], _bound("sealed_key", lambda _: personal_keys.BOUND)),
    Holder(
        "second factors",
        User,
        ["sealed_totp"],
        _bound("sealed_totp", lambda row: second_factors.bound_to(row["id"])),
    ),
    Holder(
        "secrets of webhooks",
        Webhook,
        ["sealed_secret"],
        _bound("sealed_secret", lambda row: webhooks.bound_to(row["id"])),
    ),
    Holder(
        "secrets of draws",
        Draw,
        ["sealed_secret", "public_id"],
        _bound("sealed_secret", lambda row: draws.bound_to(row["public_id"])),
    ),
    Holder(
        "secrets of shuffled rooms",
        Shuffle,
        ["sealed_secret", "public_id"],
        _bound("sealed_secret", lambda row: shuffles.bound_to(row["public_id"])),
    ),
    Holder(
        "keys of checkpoints",
        AuditKey,
        ["sealed_seed", "public_key"],
        _bound("sealed_seed", lambda row: signing.bound_to(row["public_key"])),
    ),
    Holder(
        "reservations", Reservation, [*_MARKS, "sealed_codes", "sealed_person"], _reservation, "sealed_person"
    ),
    Holder("accounts", Account, ["email_hash", "sealed_email"], _account, "email_hash"),
    Holder(
        "applications",
        Application,
        ["person_hash", "document_hash", "sealed_details"],
        _application,
        "sealed_details",
    ),
    Holder("evidence", Evidence, ["block_hash", "agent_hash", "sealed_details"], _evidence),
)
"""In this order: a person's key first, with which the others are opened."""


# --- making anew ------------------------------------------------------------------------------------------


def reseal(write: Callable[[Callable[[Session], Any]], Any], keys: Keyring) -> Counter[str]:
    """Make anew with the key in use what can be, some rows a transaction; return how many rows of which kind.

    After a cut it is done again from the start: what is of the key in use is left as it is.
    """
    done: Counter[str] = Counter()
    for holder in HOLDERS:
        after: int | None = 0
        while after is not None:
            after, changed = write(partial(_reseal_some, keys=keys, holder=holder, after=after))
            done[holder.name] += changed
    return done


def _reseal_some(session: Session, keys: Keyring, holder: Holder, after: int) -> tuple[int | None, int]:
    """Make some rows anew; return where to go on (None: that was the end), and how many were changed."""
    rows = sealed.rows_after(session, holder.table, holder.columns, after, AT_ONCE, holder.present)
    changed = sum(_reseal_row(session, keys, holder, row) for row in rows)
    return (rows[-1]["id"] if len(rows) == AT_ONCE else None), changed


def _reseal_row(session: Session, keys: Keyring, holder: Holder, row: Row) -> bool:
    old = [each for each in holder.look(keys, row) if each.key is not keys.in_use and each.anew is not None]
    if not old:
        return False
    new = {each.column: each.anew(keys.in_use) for each in old if each.anew is not None}
    return sealed.put(session, holder.table, row["id"], {name: row[name] for name in new}, new)


# --- counting ---------------------------------------------------------------------------------------------


def hanging_on(store: Store, keys: Keyring, key: SecretKey, now: datetime) -> Counter[str]:
    """Count what cannot be read any more without a key, by kinds; those with none are left out."""
    found: Counter[str] = Counter()
    for holder in HOLDERS:
        after: int | None = 0
        while after is not None:
            after, count = store.read(partial(_count_some, keys=keys, holder=holder, key=key, after=after))
            found[holder.name] += count
    until = keys.used_until(key)
    if until is not None:
        found.update(store.read(partial(_count_by_time, until=until + _SLACK, now=now)))
    return +found


def _count_some(
    session: Session, keys: Keyring, holder: Holder, key: SecretKey, after: int
) -> tuple[int | None, int]:
    rows = sealed.rows_after(session, holder.table, holder.columns, after, AT_ONCE, holder.present)
    # What none of ours made may be of an old key, by other rules of writing: only the end of it helps.
    needed = (key,) if keys.used_until(key) is None else (key, None)
    count = sum(any(each.key in needed for each in holder.look(keys, row)) for row in rows)
    return (rows[-1]["id"] if len(rows) == AT_ONCE else None), count


def _count_by_time(session: Session, until: datetime, now: datetime) -> Mapping[str, int]:
    """Count what cannot be made anew, and was made while the key was in use."""
    return {
        "recovery codes": sealed.count_recovery_codes(session, until),
        "answers of commands": sealed.count_answers(session, until),
        "codes of devices": sealed.count_enrolments(session, until, now, ENROLMENT_LENGTH),
        "activation codes": sealed.count_activations(session, until),
        "links to questions": sealed.count_questions(session, until, now),
        "links of tickets": sealed.count_followed_tickets(session, until, now),
        "links of visits": sealed.count_visits(session, until),
        "sessions": sealed.count_sessions(session, until, now),
    }


def may_go_from(keys: Keyring, key: SecretKey) -> datetime | None:
    """Return from when a key may go as far as cookies, puzzles and kiosks' lists are concerned; None: at once."""
    until = keys.used_until(key)
    return None if until is None else until + _NO_KEY
