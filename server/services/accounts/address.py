"""E-mail addresses: read strictly, written in one way, and found by a keyed hash alone."""

from __future__ import annotations

from dataclasses import dataclass

from server.store.keyring import Keyring

_LONGEST = 254


@dataclass(frozen=True, slots=True)
class Address:
    """An address as letters go to it, and as it is compared."""

    text: str
    folded: str

    def hash(self, keys: Keyring) -> bytes:
        """Return the keyed hash under which an account with this address is kept."""
        return keys.lookup("email", self.folded)

    def hashes(self, keys: Keyring) -> tuple[bytes, ...]:
        """Return the keyed hashes under which it may have been kept, `hash` first."""
        return keys.lookups("email", self.folded)

    @property
    def local_part(self) -> str:
        """Return what stands before the @."""
        return self.folded.rpartition("@")[0]


def email_texts(email: str | None) -> dict[str, tuple[str, str]]:
    """Return of what the hash of an account is made whose address was sealed: by its column, kind and text."""
    address = address_of(email) if email else None
    return {} if address is None else {"email_hash": ("email", address.folded)}


def address_of(typed: str) -> Address | None:
    """Read what somebody typed as an address; None when it is none. Nobody is asked whether it exists.

    A domain in another script is one address, whether it is written in letters or in ASCII (IDN).
    """
    # Here and not above: a server's start does not wait for it.
    from email_validator import EmailNotValidError, validate_email

    text = typed.strip()
    if not text or len(text) > _LONGEST:
        return None
    try:
        read = validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return None
    return Address(read.normalized, read.normalized.casefold())
