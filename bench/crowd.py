"""A crowd at the check of all answers: accounts with their sessions, drafts filled in, and the POST to come."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import generate_csrf
from sqlalchemy import insert
from sqlalchemy.orm import Session

from server.api.authentication import Runtime
from server.portal import visitor_session
from server.services.accounts.address import address_of
from server.services.context import Context
from server.services.office.settings import ServiceView
from server.store.keyring import Box, new_token, token_hash
from server.store.queries.privacy import personal_keys
from server.store.tables import Account, AccountSession, Draft, PersonalKey

_AT_ONCE = 1_000
_AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"
_FILLED_IN = timedelta(minutes=2)
_LASTS = timedelta(hours=12)
_LONG_AGO = datetime(1990, 5, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is logged in: the account, and what the browser sends along."""

    account_id: int
    email: str
    cookie: str
    form_token: str


def log_in(runtime: Runtime, portal: Flask, count: int) -> list[Person]:
    """Give so many people an account and a session, with the cookie and the form token that the pages sign."""
    context, people = runtime.context(), []
    for first in range(0, count, _AT_ONCE):
        places = range(first, min(first + _AT_ONCE, count))
        people += runtime.store.write(lambda session, some=places: _log_in(session, context, portal, some))  # type: ignore[misc]
    return people


def fill_in(
    runtime: Runtime, people: Sequence[Person], service: ServiceView, hours: Sequence[datetime]
) -> list[str]:
    """Give each person a draft for the hour in the same place: all is told, and the puzzle is solved.

    Return the secrets of the drafts' addresses, in the order of the people.
    """
    context, tokens = runtime.context(), []
    for first in range(0, len(people), _AT_ONCE):
        some = list(zip(people, hours, strict=True))[first : first + _AT_ONCE]
        tokens += runtime.store.write(lambda session, some=some: _fill_in(session, context, service, some))  # type: ignore[misc]
    return tokens


def hold(person: Person, draft: str, cookie_name: str) -> bytes:
    """Write the POST by which a browser asks to hold the hour of a draft."""
    body = f"csrf_token={person.form_token}"
    return (
        f"POST /pl/book/draft/{draft}/hold HTTP/1.1\r\nHost: bench\r\nUser-Agent: {_AGENT}\r\n"
        "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
        "Accept-Language: pl,en-US;q=0.7,en;q=0.3\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n"
        f"Cookie: {cookie_name}={person.cookie}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def came_of(head: bytes) -> str:
    """Say from the head of an answer what came of a hold: `held`, the reason why not, or what else was told."""
    place = head.lower().find(b"\r\nlocation:")
    if place < 0:
        return f"status {head[9:12].decode()}"
    path = head[place + len(b"\r\nlocation:") :].split(b"\r\n", 1)[0].strip().decode()
    if path.startswith("/pl/reservations/"):
        return "held"
    return path.partition("gone=")[2] or path.rpartition("/")[2]


def _log_in(session: Session, context: Context, portal: Flask, places: range) -> list[Person]:
    emails = [f"person{place}@crowd.example.org" for place in places]
    keys = _new_keys(session, context, len(emails))
    rows = [_account(context, email, *key) for email, key in zip(emails, keys, strict=True)]
    returned = session.execute(insert(Account).returning(Account.id, sort_by_parameter_order=True), rows)
    ids = list(returned.scalars())
    tokens = [new_token("na") for _ in ids]
    session.execute(
        insert(AccountSession),
        [_session(context, *each) for each in zip(ids, tokens, strict=True)],
    )
    signed = [_signed(portal, token) for token in tokens]
    return [Person(*each[:2], *each[2]) for each in zip(ids, emails, signed, strict=True)]


def _account(context: Context, email: str, key_id: int, box: Box) -> dict[str, Any]:
    address = address_of(email)
    assert address is not None
    return {
        "personal_key_id": key_id,
        "email_hash": address.hash(context.keys),
        "sealed_email": personal_keys.seal_json(box, email, b"email"),
        "password_hash": "none fits this",
        "language": "pl",
        "terms_version": "2026-12",
        "terms_accepted_at": context.now,
        "version": 1,
        "made_at": context.now,
        "confirmed_at": context.now,
    }


def _session(context: Context, account_id: int, token: str) -> dict[str, Any]:
    return {
        "token_hash": token_hash(token),
        "account_id": account_id,
        "started_at": context.now,
        "seen_at": context.now,
        "expires_at": context.now + _LASTS,
    }


def _signed(portal: Flask, token: str) -> tuple[str, str]:
    """Sign a cookie with a session in it as the portal does, and a token of forms that belongs to it."""
    interface = portal.session_interface
    assert isinstance(interface, SecureCookieSessionInterface)
    signer = interface.get_signing_serializer(portal)
    assert signer is not None
    with portal.test_request_context():
        from flask import session as cookie

        visitor_session.make_mark()  # as the first page did that the browser opened
        cookie["session"] = token
        form_token = generate_csrf()
        held = signer.dumps(dict(cookie))
    return held if isinstance(held, str) else held.decode(), form_token


def _fill_in(
    session: Session, context: Context, service: ServiceView, some: Sequence[tuple[Person, datetime]]
) -> list[str]:
    keys = _new_keys(session, context, len(some))
    tokens = [secrets.token_urlsafe(24) for _ in some]
    session.execute(
        insert(Draft),
        [
            {
                "token_hash": hashlib.sha256(token.encode()).digest(),
                "account_id": person.account_id,
                "personal_key_id": key_id,
                "service_id": service.id,
                "starts_at": hour,
                "sealed_details": personal_keys.seal_json(box, _told(person), b"details"),
                "sealed_traces": personal_keys.seal_json(box, _TRACES, b"traces"),
                "made_at": context.now - _FILLED_IN,
            }
            for token, (person, hour), (key_id, box) in zip(tokens, some, keys, strict=True)
        ],
    )
    return tokens


_TRACES = {"pages_ms": [31_000, 22_000, 40_000], "challenge": "solved", "challenge_ms": 850}


def _told(person: Person) -> dict[str, Any]:
    """Return what a person typed: a name and a document that nobody else has."""
    letters = "".join("abcdefghij"[int(digit)] for digit in str(person.account_id))
    born = _LONG_AGO + timedelta(days=person.account_id % 5_000)
    return {
        "given_names": "Jan",
        "surname": f"Nowak-{letters.capitalize()}",
        "name": f"Jan Nowak-{letters.capitalize()}",
        "birth_date": born.date().isoformat(),
        "document": f"AB{person.account_id:07}",
        "email": person.email,
        "language": "pl",
        "activation": "email",
        "children": [],
    }


def _new_keys(session: Session, context: Context, count: int) -> list[tuple[int, Box]]:
    """Draw so many personal keys at once, as personal.new_key draws one."""
    drawn = [(1 + secrets.randbits(62), secrets.token_bytes(32)) for _ in range(count)]
    session.execute(
        insert(PersonalKey),
        [
            {"id": key_id, "sealed_key": context.keys.seal(key, b"personal"), "made_at": context.now}
            for key_id, key in drawn
        ],
    )
    return [(key_id, Box(key)) for key_id, key in drawn]
