"""Reservations that look made by a program are listed and removed; their evidence leaves the house signed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from server.services.context import Context
from server.services.guard import evidence
from server.services.guard.evidence import Traces
from server.services.office.settings import read_office
from server.services.queue.forecasts import Forecasts
from server.store.key_file import load_key_file
from server.store.keyring import Keyring
from server.store.queries.privacy import personal_keys
from server.store.store import Store
from server.store.tables import Account, Branch, Fact, Message, Reservation, Service
from tests.server_admin.conftest import Desk

NOW = datetime.now(UTC)
VISIT = NOW + timedelta(days=3)
BOT = Traces("198.51.100.0/24", "HeadlessThing/1", 700, 5, (700,), "solved")
PERSON = Traces("203.0.113.0/24", "Firefox", 80_000, 900, (80_000,), "solved")


@pytest.fixture
def keyring(either_desk: Desk) -> Keyring:
    return load_key_file(either_desk.settings.secrets_file)


@pytest.fixture
def store(either_desk: Desk) -> Iterator[Store]:
    store = either_desk.store()
    yield store
    store.close()


def visit(store: Store, keyring: Keyring, traces: Traces) -> int:
    """Book a visit of an account with these traces."""

    def work(session: Any) -> int:
        context = Context(NOW, read_office(session), Forecasts(), keyring, "https://numerek.test")
        branch = session.execute(select(Branch)).scalars().first()
        service = session.execute(select(Service).where(Service.branch_id == branch.id)).scalars().first()
        account = Account(language="pl", terms_version="1", terms_accepted_at=NOW, made_at=NOW)
        account.confirmed_at = NOW
        account.personal_key_id, own = personal_keys.new_key(session, keyring, NOW)
        account.sealed_email = personal_keys.seal_json(own, "ala@example.org", b"email")
        session.add(account)
        session.flush()
        key_id, box = personal_keys.new_key(session, keyring, NOW)
        person = {"name": "Ala Nowak", "email": "ala@example.org", "activation": "email"}
        row = Reservation(
            branch_id=branch.id,
            service_id=service.id,
            account_id=account.id,
            personal_key_id=key_id,
            status="booked",
            appointment_at=VISIT,
            lapses_at=VISIT,
            language="pl",
            sealed_person=personal_keys.seal_json(box, person, b"person"),
            booked_at=NOW,
        )
        session.add(row)
        session.flush()
        evidence.keep(session, context, row.id, account.id, traces)
        return int(row.id)

    return store.write(work)


def row_of(store: Store, row_id: int) -> Reservation:
    return store.read(lambda session: session.get_one(Reservation, row_id))


def test_the_suspicious_are_listed_with_their_reasons(
    either_desk: Desk, store: Store, keyring: Keyring
) -> None:
    bot, person = visit(store, keyring, BOT), visit(store, keyring, PERSON)
    listed = either_desk.good("suspicious")
    assert f"{bot}" in listed
    assert "too_fast" in listed
    assert "0.7 s" in listed
    assert len(listed.splitlines()) == 2
    assert f"\n{person} " not in listed
    assert len(either_desk.good("suspicious", "--branch", "wroclaw").splitlines()) == 2
    assert "there is no branch 'nowhere'" in either_desk.refused("suspicious", "--branch", "nowhere")
    assert "--days is more than 0" in either_desk.refused("suspicious", "--days", 0)


def test_a_removed_reservation_ends_its_owner_is_told_and_its_evidence_is_held(
    either_desk: Desk, store: Store, keyring: Keyring
) -> None:
    bot = visit(store, keyring, BOT)
    either_desk.good("reservation", "remove", bot, "--reason", "automation")
    assert row_of(store, bot).status == "cancelled"
    kinds = store.read(lambda session: list(session.execute(select(Message.kind)).scalars()))
    assert kinds == ["removal"]
    facts = store.read(lambda session: list(session.execute(select(Fact.type).order_by(Fact.id)).scalars()))
    assert {"evidence.held", "reservation.removed"} <= set(facts)
    assert "only a reservation that stands" in either_desk.refused(
        "reservation", "remove", bot, "--reason", "automation"
    )
    assert "no such reservation" in either_desk.refused(
        "reservation", "remove", 999_999, "--reason", "automation"
    )
    assert "--reason is a word" in either_desk.refused("reservation", "remove", bot, "--reason", "It's Ala!")


def exported(desk: Desk, store: Store, keyring: Keyring) -> tuple[Path, str]:
    bot = visit(store, keyring, BOT)
    desk.good("reservation", "remove", bot, "--reason", "automation")
    file = desk.folder / "evidence.json"
    said = desk.good("evidence", "export", file)
    return file, said.split()[-1]


def test_evidence_leaves_the_house_signed_and_anybody_can_check_it(
    either_desk: Desk, store: Store, keyring: Keyring
) -> None:
    file, key = exported(either_desk, store, keyring)
    content = json.loads(file.read_text())["content"]
    assert content["evidence"][0]["address_block"] == "198.51.100.0/24"
    assert content["evidence"][0]["agent"] == "HeadlessThing/1"
    assert file.stat().st_mode & 0o077 == 0
    assert "is as it was signed" in either_desk.good("evidence", "verify", file)
    assert "is as it was signed" in either_desk.good("evidence", "verify", file, "--key", key)
    assert "signed by another" in either_desk.refused("evidence", "verify", file, "--key", "ab" * 32)
    assert "signed by another" in either_desk.refused("evidence", "verify", file, "--key", "nonsense")


def test_a_changed_file_of_evidence_is_found(either_desk: Desk, store: Store, keyring: Keyring) -> None:
    file, key = exported(either_desk, store, keyring)
    said = json.loads(file.read_text())
    said["content"]["evidence"][0]["address_block"] = "203.0.113.0/24"
    file.write_text(json.dumps(said))
    assert "was changed" in either_desk.refused("evidence", "verify", file, "--key", key)
    for nonsense in ("", "[]", "{}", '{"content": {"evidence": 5}, "signature": ""}'):
        file.write_text(nonsense)
        assert "is no file of evidence" in either_desk.refused("evidence", "verify", file, "--key", key)
    assert "No such file" in either_desk.refused("evidence", "verify", either_desk.folder / "none.json")


def test_where_nothing_is_held_no_file_is_written(either_desk: Desk, store: Store, keyring: Keyring) -> None:
    person = visit(store, keyring, PERSON)
    file = either_desk.folder / "evidence.json"
    assert "nothing was written" in either_desk.refused("evidence", "export", file)
    assert not file.exists()
    either_desk.good("evidence", "export", file, "--reservation", person)
    assert json.loads(file.read_text())["content"]["evidence"][0]["reservation"] == person
