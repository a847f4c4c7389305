"""Signs what leaves the house for others to rely on: with keys of this installation (Ed25519)."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from server.store.keyring import Keyring

_SEED_BYTES = 32
_PURPOSE = "evidence signature"


def public_key(keys: Keyring) -> str:
    """Return the key by which others check our signatures, as 64 hexadecimal digits."""
    return _private(keys).public_key().public_bytes_raw().hex()


def public_keys(keys: Keyring) -> list[str]:
    """List the same of every key, the one in use first: what was signed before a change stays good."""
    return [public_of(each).hex() for each in reversed(keys.all_derived(_PURPOSE))]


def sign(keys: Keyring, body: bytes) -> str:
    """Return the signature of some bytes, as 128 hexadecimal digits."""
    return _private(keys).sign(body).hex()


def is_genuine(key: str, body: bytes, signature: str) -> bool:
    """Say whether a signature is that of these bytes by the owner of a public key; nonsense is not."""
    try:
        return is_signed(bytes.fromhex(key), body, bytes.fromhex(signature))
    except ValueError:
        return False


def is_signed(key: bytes, body: bytes, signature: bytes) -> bool:
    """Say the same of a key and a signature that are bytes."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, body)
    except (InvalidSignature, ValueError):
        return False
    return True


def new_seed() -> bytes:
    """Draw a private key of its own: for what must be able to change while the key file stays."""
    return os.urandom(_SEED_BYTES)


def public_of(seed: bytes) -> bytes:
    """Return the public key of a private one."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def sign_with(seed: bytes, body: bytes) -> bytes:
    """Return the signature of some bytes by a private key."""
    return Ed25519PrivateKey.from_private_bytes(seed).sign(body)


def _private(keys: Keyring) -> Ed25519PrivateKey:
    # Derived from the key file, so that there is no second secret to keep.
    return Ed25519PrivateKey.from_private_bytes(keys.derived(_PURPOSE))
