"""Co-signatures of witnesses (C2SP tlog-cosignature, cosignature/v1): who saw a checkpoint, and when."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from server.domain.audit.notes import (
    IsGenuine,
    KeyKind,
    Note,
    NoteError,
    Signature,
    Verifier,
    read_verifier,
    signature_line,
)
from server.domain.messages.addresses import mail_address

_TIME_BYTES, _SIGNATURE_BYTES = 8, 64
_LATEST = 2**37
_ADDRESS = re.compile(r"https?://[^\s/]+\S*")


@dataclass(frozen=True, slots=True)
class Witness:
    """Who may co-sign: the key, and where each checkpoint is told, if anywhere: posted to a URL, or by mail."""

    verifier: Verifier
    url: str | None = None
    mail: str | None = None


def read_witness_key(text: str) -> Verifier:
    """Read the key of a witness. Raises NoteError."""
    return read_verifier(text, KeyKind.COSIGNATURE)


def read_witness(text: str) -> Witness:
    """Read a line of the settings: a key, and behind a space a URL or an e-mail address. Raises NoteError."""
    key, _, to = text.strip().partition(" ")
    to, verifier = to.strip(), read_witness_key(key)
    if not to:
        return Witness(verifier)
    if _ADDRESS.fullmatch(to) is not None:
        return Witness(verifier, url=to)
    try:
        return Witness(verifier, mail=mail_address(to))
    except ValueError:
        raise NoteError("behind the key stands no address") from None


def witness_line(value: Any) -> str:
    """Read a line of the settings as it is kept. Raises ValueError."""
    if not isinstance(value, str):
        raise ValueError("a text is expected")
    found = read_witness(value)
    return " ".join(filter(None, (str(found.verifier), found.url, found.mail)))


def signed_text(text: str, seconds: int) -> bytes:
    """Return what a witness signs: the time, and the text of the checkpoint."""
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def cosignature(witness: Verifier, seconds: int, value: bytes) -> str:
    """Write the line of a co-signature."""
    return signature_line(
        Signature(witness.name, witness.key_id, seconds.to_bytes(_TIME_BYTES, "big") + value)
    )


def cosigned_at(note: Note, witness: Verifier, is_genuine: IsGenuine) -> tuple[datetime, Signature] | None:
    """Return when a witness co-signed a note, and its line; None when it did not. Raises NoteError."""
    for each in note.signatures:
        if (each.name, each.key_id) != (witness.name, witness.key_id):
            continue
        if len(each.value) != _TIME_BYTES + _SIGNATURE_BYTES:
            raise NoteError(f"the co-signature of {each.name} has another length")
        seconds, value = int.from_bytes(each.value[:_TIME_BYTES], "big"), each.value[_TIME_BYTES:]
        if seconds >= _LATEST or not is_genuine(witness.key, signed_text(note.text, seconds), value):
            raise NoteError(
                f"the co-signature of {each.name} is false: the text was changed, or is another's"
            )
        return datetime.fromtimestamp(seconds, UTC), each
    return None


def witnesses_in(lines: Iterable[str]) -> list[Witness]:
    """Read the lines of the settings."""
    return [read_witness(line) for line in lines]
