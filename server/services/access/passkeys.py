"""Passkeys of the staff (WebAuthn): a key in a phone, a computer or a token that proves itself to this site."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import webauthn
from sqlalchemy.orm import Session
from webauthn.helpers import base64url_to_bytes, options_to_json, parse_authentication_credential_json
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from server.services.access.staff_sessions import note_refused
from server.services.access.users import end_unproved, note_change
from server.services.context import Context, RuleBroken
from server.store.queries.access import second_factors as rows
from server.store.store import Store
from server.store.tables import Passkey, User

PASSKEY = "passkey"
MOST = 20
_LONGEST_ANSWER = 20_000


@dataclass(frozen=True, slots=True)
class Site:
    """To which site a passkey belongs: a name (rp id), and the address at which its pages are."""

    name: str
    origin: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a browser is asked (options as JSON), and the challenge that its answer must hold."""

    options: str
    challenge: str


@dataclass(frozen=True, slots=True)
class NewKey:
    """A passkey that a browser has made."""

    credential: bytes
    public_key: bytes
    sign_count: int


@dataclass(frozen=True, slots=True)
class Proved:
    """A passkey that has proved itself, and how often it says it was used."""

    passkey_id: int
    user_id: int
    sign_count: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A passkey as its owner sees it."""

    id: int
    name: str
    made_at: datetime
    used_at: datetime | None


def site_of(public_url: str) -> Site | None:
    """Return the site of an address; None where browsers have no passkeys: without https, or by a number."""
    parts = urlsplit(public_url)
    name = parts.hostname or ""
    if not (parts.scheme == "https" or name == "localhost") or _is_number(name):
        return None
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    port = "" if parts.port in (None, usual) else f":{parts.port}"
    return Site(name, f"{parts.scheme}://{name}{port}")


def shown(session: Session, user_id: int) -> tuple[Shown, ...]:
    """List the passkeys of somebody."""
    return tuple(
        Shown(each.id, each.name, each.made_at, each.used_at) for each in rows.passkeys(session, user_id)
    )


def ask_for_new(session: Session, site: Site, user_id: int, login: str, name: str) -> Asked:
    """Ask a browser for a new passkey, in none of the devices that have one already."""
    options = webauthn.generate_registration_options(
        rp_id=site.name,
        rp_name="Numerek",
        user_id=str(user_id).encode(),
        user_name=login,
        user_display_name=name,
        exclude_credentials=_described(rows.passkeys(session, user_id)),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
    )
    return _asked(options_to_json(options))


def read_new(site: Site, challenge: str, answer: str) -> NewKey:
    """Read the passkey that a browser has made. Raises RuleBroken 422 `passkey_wrong`.

    Outside any transaction: who makes up answers holds up nobody.
    """
    try:
        made = webauthn.verify_registration_response(
            credential=_short(answer),
            expected_challenge=_bytes(challenge),
            expected_rp_id=site.name,
            expected_origin=site.origin,
        )
    except Exception:
        # What somebody makes up may break the library's readers anywhere.
        raise RuleBroken(422, "passkey_wrong") from None
    return NewKey(made.credential_id, made.credential_public_key, made.sign_count)


def add(session: Session, context: Context, user_id: int, key: NewKey, name: str) -> None:
    """Keep a passkey under a name. Raises RuleBroken 409 `passkey_known`, `too_many_passkeys`."""
    session.get_one(User, user_id, with_for_update=True)
    if rows.passkey(session, key.credential) is not None:
        raise RuleBroken(409, "passkey_known")
    if len(rows.passkeys(session, user_id)) >= MOST:
        raise RuleBroken(409, "too_many_passkeys")
    session.add(
        Passkey(
            user_id=user_id,
            credential=key.credential,
            public_key=key.public_key,
            sign_count=key.sign_count,
            name=name.strip()[:100],
            made_at=context.now,
        )
    )
    end_unproved(session, context, user_id)
    note_change(session, context, user_id, "passkey_added", user_id)


def remove(session: Session, context: Context, user_id: int, passkey_id: int) -> bool:
    """Forget one of one's own passkeys; False for any other."""
    if not rows.forget_passkeys(session, user_id, passkey_id):
        return False
    note_change(session, context, user_id, "passkey_removed", user_id)
    return True


def ask_for_proof(session: Session, site: Site, user_id: int | None) -> Asked:
    """Ask a browser for one of the passkeys of whose password was right; with None, for anybody's.

    Without a password the device must have verified its owner (a PIN, a finger, a face).
    """
    options = webauthn.generate_authentication_options(
        rp_id=site.name,
        allow_credentials=None if user_id is None else _described(rows.passkeys(session, user_id)),
        user_verification=UserVerificationRequirement.REQUIRED
        if user_id is None
        else UserVerificationRequirement.PREFERRED,
    )
    return _asked(options_to_json(options))


def prove(store: Store, site: Site, challenge: str, answer: str, user_id: int | None) -> Proved | None:
    """Return whose passkey has answered the challenge; None for any answer that proves nothing.

    Outside any transaction: who makes up answers holds up nobody.
    """
    credential = _read(answer)
    if credential is None:
        return None
    key = store.read(lambda session: _key(session, credential.raw_id))
    if key is None or user_id not in (None, key.user_id):
        return None
    try:
        verified = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=_bytes(challenge),
            expected_rp_id=site.name,
            expected_origin=site.origin,
            credential_public_key=key.public_key,
            credential_current_sign_count=0,  # `use` compares it with what is kept, in its transaction
            require_user_verification=user_id is None,
        )
    except Exception:  # as in read_new
        return None
    return Proved(key.id, key.user_id, verified.new_sign_count)


def use(session: Session, context: Context, proved: Proved) -> bool:
    """Take a proof; False when the passkey was copied (its count has not grown), or its owner may not sign in."""
    row = session.get(Passkey, proved.passkey_id, with_for_update=True, populate_existing=True)
    if row is None or session.get_one(User, row.user_id).disabled_at is not None:
        return False
    if (row.sign_count or proved.sign_count) and proved.sign_count <= row.sign_count:
        note_refused(session, context, "passkey_copied", row.user_id)
        return False
    row.sign_count, row.used_at = proved.sign_count, context.now
    return True


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Key:
    id: int
    user_id: int
    public_key: bytes


def _key(session: Session, credential: bytes) -> _Key | None:
    row = rows.passkey(session, credential)
    return None if row is None else _Key(row.id, row.user_id, row.public_key)


def _read(answer: str) -> AuthenticationCredential | None:
    try:
        return parse_authentication_credential_json(_short(answer))
    except Exception:  # as in read_new
        return None


def _described(keys: Iterable[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=each.credential) for each in keys]


def _asked(options: str) -> Asked:
    return Asked(options, str(json.loads(options)["challenge"]))


def _bytes(challenge: str) -> bytes:
    if not challenge:
        raise ValueError("nothing was asked")
    return base64url_to_bytes(challenge)


def _short(answer: str) -> str:
    if len(answer) > _LONGEST_ANSWER:
        raise ValueError("no passkey says so much")
    return answer
