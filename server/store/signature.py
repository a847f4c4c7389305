"""Signs what leaves the house for others to rely on: with a key of this installation (Ed25519)."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from server.store.keyring import Keyring


def public_key(keys: Keyring) -> str:
    """Return the key by which others check our signatures, as 64 hexadecimal digits."""
    return _private(keys).public_key().public_bytes_raw().hex()


def sign(keys: Keyring, body: bytes) -> str:
    """Return the signature of some bytes, as 128 hexadecimal digits."""
    return _private(keys).sign(body).hex()


def is_genuine(key: str, body: bytes, signature: str) -> bool:
    """Say whether a signature is that of these bytes by the owner of a public key; nonsense is not."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), body)
    except (InvalidSignature, ValueError):
        return False
    return True


def _private(keys: Keyring) -> Ed25519PrivateKey:
    # Derived from the key file, so that there is no second secret to keep.
    return Ed25519PrivateKey.from_private_bytes(keys.derived("evidence signature"))
