"""Keys that never lie in the database: keyed look-up hashes and sealed values."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from base64 import urlsafe_b64encode
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wire.systemd import others_read

_NONCE = 12
_KEY_BYTES = 32


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


class Keyring(Box):
    """Derives what the store needs from one secret of 32 bytes (HKDF-like by labelled HMAC-SHA-256)."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != _KEY_BYTES:
            raise KeyFileError(f"the key must be {_KEY_BYTES} bytes")
        self._lookup = hmac.digest(secret, b"lookup", "sha256")
        self._track = hmac.digest(secret, b"track", "sha256")
        self._visit = hmac.digest(secret, b"visit", "sha256")
        super().__init__(hmac.digest(secret, b"seal", "sha256"))
        self._derive = hmac.digest(secret, b"derive", "sha256")
        self.check = hmac.digest(secret, b"check", "sha256").hex()

    def lookup(self, kind: str, text: str) -> bytes:
        """Return the keyed hash under which a short code or a person can be found (architecture.md 10)."""
        return hmac.digest(self._lookup, f"{kind}:{text}".encode(), "sha256")

    def derived(self, purpose: str) -> bytes:
        """Return 32 bytes for one purpose, such as the signature of the portal's cookies."""
        return hmac.digest(self._derive, purpose.encode(), "sha256")

    @staticmethod
    def same(one: bytes, other: bytes) -> bool:
        """Compare two hashes in constant time."""
        return hmac.compare_digest(one, other)

    def track_token(self, ticket_id: int) -> str:
        """Return the address part under which a visitor's phone follows a ticket: its id and 132 bits."""
        return _marked(self._track, ticket_id)

    def tracked_ticket(self, token: str) -> int | None:
        """Return the ticket's id of a genuine token, None for any other text (compared in constant time)."""
        return _read_marked(self._track, token)

    def visit_token(self, reservation_id: int) -> str:
        """Return the address part under which who has no account sees a reservation: its id and 132 bits."""
        return _marked(self._visit, reservation_id)

    def visit_of(self, token: str) -> int | None:
        """Return the reservation's id of a genuine token, None for any other text (in constant time)."""
        return _read_marked(self._visit, token)


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


def create_key_file(path: Path) -> Keyring:
    """Write a new random key for the owner's eyes only. Raises FileExistsError rather than overwrite one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    secret = secrets.token_bytes(_KEY_BYTES)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secret.hex() + "\n")
    return Keyring(secret)


def load_key_file(path: Path) -> Keyring:
    """Read the key file. Raises KeyFileError when it is missing, open to others, or no key."""
    try:
        is_open = others_read(path)
        text = path.read_text().strip()
    except OSError as error:
        raise KeyFileError(f"{path}: {error.strerror or error}") from None
    if is_open:
        raise KeyFileError(f"{path}: others can read it; chmod 600 it")
    try:
        secret = bytes.fromhex(text)
    except ValueError:
        raise KeyFileError(f"{path}: not a key of 64 hexadecimal digits") from None
    if len(set(secret)) < 8:
        raise KeyFileError(f"{path}: this key is no secret")
    return Keyring(secret)
