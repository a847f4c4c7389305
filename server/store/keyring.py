"""Keys that never lie in the database: keyed look-up hashes and sealed values (docs/adr/0029)."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12
KEY_BYTES = 32
_ID_DIGITS = 8


class KeyFileError(Exception):
    """The key file is missing, damaged or readable by others: the server must not start."""


class Box:
    """Seals values so that they open only with one key and beside what they are bound to (AES-256-GCM)."""

    def __init__(self, key: bytes) -> None:
        self._box = AESGCM(key)

    def seal(self, value: bytes, bound_to: bytes) -> bytes:
        """Encrypt a value so that it opens only beside `bound_to` (random nonce)."""
        nonce = os.urandom(_NONCE)
        return nonce + self._box.encrypt(nonce, value, bound_to)

    def open(self, sealed: bytes, bound_to: bytes) -> bytes:
        """Decrypt a sealed value. Raises KeyFileError when the key is another or the row was moved."""
        try:
            return self._box.decrypt(sealed[:_NONCE], sealed[_NONCE:], bound_to)
        except InvalidTag:
            raise KeyFileError("a sealed value does not open with this key") from None


class SecretKey:
    """One secret of 32 bytes, and what is derived from it (HKDF-like by labelled HMAC-SHA-256).

    `used_from` is the instant from which new things are made with it; None for a key that was always there.
    """

    def __init__(self, secret: bytes, used_from: datetime | None = None) -> None:
        if len(secret) != KEY_BYTES:
            raise KeyFileError(f"the key must be {KEY_BYTES} bytes")
        self.secret, self.used_from = secret, used_from
        self._lookup = hmac.digest(secret, b"lookup", "sha256")
        self.track = hmac.digest(secret, b"track", "sha256")
        self.visit = hmac.digest(secret, b"visit", "sha256")
        self.box = Box(hmac.digest(secret, b"seal", "sha256"))
        self._derive = hmac.digest(secret, b"derive", "sha256")
        self.check = hmac.digest(secret, b"check", "sha256").hex()

    @property
    def id(self) -> str:
        """Return the name under which people tell it from others; it gives nothing of the secret away."""
        return self.check[:_ID_DIGITS]

    def lookup(self, kind: str, text: str) -> bytes:
        """Return the keyed hash of a text of one kind."""
        return hmac.digest(self._lookup, f"{kind}:{text}".encode(), "sha256")

    def derived(self, purpose: str) -> bytes:
        """Return 32 bytes for one purpose."""
        return hmac.digest(self._derive, purpose.encode(), "sha256")

    def is_used(self, at: datetime) -> bool:
        """Say whether new things may be made with it at an instant."""
        return self.used_from is None or self.used_from <= at


class Keyring(Box):
    """The keys of the file: with the one in use all is made, with each of them what was made before is read.

    Keys whose time has not come yet are read already: another server may be a moment ahead. `file` is where they
    came from, `mark` tells that file from another. `lacking_from` is from when other servers use a key that we
    have not; None while we have all that the database knows.
    """

    def __init__(self, secret: bytes) -> None:
        self.file: Path | None = None
        self.mark = (0, 0)
        self.lacking_from: datetime | None = None
        self.take([SecretKey(secret)])

    def take(self, keys: Sequence[SecretKey], blind: bytes | None = None, in_use: str = "") -> None:
        """Hold these keys from now on, the newest first, instead of those before; `advance` says which is used.

        Until then it is that with the check `in_use`, or the oldest. `blind` seals the leaves of signed
        checkpoints for ever: without one it is the oldest key's.
        """
        used = next((key for key in keys if key.check == in_use), keys[-1])
        self.blind = blind or keys[-1].derived("audit blind")
        self._keys = tuple(keys)
        self._all = (used, *(key for key in keys if key is not used))

    def advance(self, now: datetime) -> bool:
        """Make all with the newest key whose time has come; say whether that is another than before."""
        was = self._all[0]
        becomes = self.at(now)
        # In one step: a request beside this one sees the one or the other.
        self._all = (becomes, *(key for key in self._keys if key is not becomes))
        return becomes is not was

    def lack(self, now: datetime) -> str:
        """Say what we have not: nothing, `next_missing` (others will use a key soon) or `missing` (they do)."""
        if self.lacking_from is None:
            return ""
        return "missing" if self.is_behind(now) else "next_missing"

    def is_behind(self, now: datetime) -> bool:
        """Say whether others use a key that we have not: what they made would be nothing to us."""
        return self.lacking_from is not None and self.lacking_from <= now

    def at(self, instant: datetime) -> SecretKey:
        """Return the key that was in use at an instant; the oldest that is left for what was before it."""
        return next((key for key in self._keys if key.is_used(instant)), self._keys[-1])

    def used_until(self, key: SecretKey) -> datetime | None:
        """Return when another key took its place; None for the key in use and for one to come."""
        place = self._keys.index(key)
        return self._keys[place - 1].used_from if place > self._keys.index(self._all[0]) else None

    @property
    def keys(self) -> tuple[SecretKey, ...]:
        """Return all keys, the newest first."""
        return self._keys

    @property
    def in_order(self) -> tuple[SecretKey, ...]:
        """Return all keys, the one in use first."""
        return self._all

    @property
    def in_use(self) -> SecretKey:
        """Return the key with which all is made now."""
        return self._all[0]

    @property
    def check(self) -> str:
        """Return by what a database knows the key in use."""
        return self._all[0].check

    def holds(self, check: str) -> bool:
        """Say whether the key that a database knows by this is among ours."""
        return any(key.check == check for key in self._keys)

    def is_newer(self, check: str, other: str) -> bool:
        """Say whether one of our keys is newer than another of them."""
        order = [key.check for key in self._keys]
        return order.index(check) < order.index(other)

    def seal(self, value: bytes, bound_to: bytes) -> bytes:
        """Encrypt a value with the key in use."""
        return self._all[0].box.seal(value, bound_to)

    def open(self, sealed: bytes, bound_to: bytes) -> bytes:
        """Decrypt a value that any of the keys sealed. Raises KeyFileError when none did or the row was moved."""
        first, *others = self._all
        for key in others:
            try:
                return first.box.open(sealed, bound_to)
            except KeyFileError:
                first = key
        return first.box.open(sealed, bound_to)

    def lookup(self, kind: str, text: str) -> bytes:
        """Return the keyed hash under which a short code or a person is kept (architecture.md 10)."""
        return self._all[0].lookup(kind, text)

    def lookups(self, kind: str, text: str) -> tuple[bytes, ...]:
        """Return the hashes under which it may have been kept: that of the key in use, then the others."""
        return tuple(key.lookup(kind, text) for key in self._all)

    def lookup_at(self, kind: str, text: str, instant: datetime) -> bytes:
        """Return the hash by the key of an instant: the same on every server, and before and after a change."""
        return self.at(instant).lookup(kind, text)

    def derived(self, purpose: str) -> bytes:
        """Return 32 bytes for one purpose, such as the signature of the portal's cookies, of the key in use."""
        return self._all[0].derived(purpose)

    def all_derived(self, purpose: str) -> list[bytes]:
        """Return the same of every key, that of the key in use last: as itsdangerous wants them."""
        return [key.derived(purpose) for key in reversed(self._all)]

    def derived_at(self, purpose: str, instant: datetime) -> bytes:
        """Return the same of the key of an instant: equal on every server, and before and after a change."""
        return self.at(instant).derived(purpose)

    @staticmethod
    def same(one: bytes, other: bytes) -> bool:
        """Compare two hashes in constant time."""
        return hmac.compare_digest(one, other)

    @classmethod
    def same_any(cls, kept: bytes, hashes: Iterable[bytes]) -> bool:
        """Say whether one of the hashes of some text is the kept one; each is compared in constant time."""
        return any(cls.same(kept, each) for each in hashes)

    def track_token(self, ticket_id: int) -> str:
        """Return the address part under which a visitor's phone follows a ticket: its id and 132 bits."""
        return _marked(self._all[0].track, ticket_id)

    def tracked_ticket(self, token: str) -> int | None:
        """Return the ticket's id of a genuine token, None for any other text (compared in constant time)."""
        return next((row for key in self._all if (row := _read_marked(key.track, token)) is not None), None)

    def visit_token(self, reservation_id: int) -> str:
        """Return the address part under which who has no account sees a reservation: its id and 132 bits."""
        return _marked(self._all[0].visit, reservation_id)

    def visit_of(self, token: str) -> int | None:
        """Return the reservation's id of a genuine token, None for any other text (in constant time)."""
        return next((row for key in self._all if (row := _read_marked(key.visit, token)) is not None), None)


def _marked(key: bytes, row_id: int) -> str:
    mac = hmac.digest(key, row_id.to_bytes(8, "big"), "sha256")
    return f"{row_id:x}-{urlsafe_b64encode(mac)[:22].decode()}"


def _read_marked(key: bytes, token: str) -> int | None:
    head, _, _ = token.partition("-")
    if not 1 <= len(head) <= 15 or not all(char in "0123456789abcdef" for char in head):
        return None
    row_id = int(head, 16)
    genuine = _marked(key, row_id)
    return row_id if hmac.compare_digest(genuine.encode(), token.encode("utf-8", "replace")) else None


def token_hash(token: str) -> bytes:
    """Return SHA-256 of a bearer token: it has 256 bits of its own, so that no key or salt is needed."""
    return hashlib.sha256(token.encode()).digest()


def new_token(kind: str) -> str:
    """Draw a bearer token; its prefix says whose: `nd` device, `nc` clerk, `ni` integrator, `na` account."""
    return f"{kind}_{secrets.token_urlsafe(32)}"
