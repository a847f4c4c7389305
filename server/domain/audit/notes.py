"""Signed notes and checkpoints as C2SP writes them (signed-note, tlog-checkpoint)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from server.domain.audit.tree import HASH_BYTES

# Says whether a signature is that of these bytes by the owner of an Ed25519 public key (32 bytes).
IsGenuine = Callable[[bytes, bytes, bytes], bool]

MOST_SIGNATURES = 64
_ID_BYTES, _KEY_BYTES = 4, 32
_DASH = "\u2014 "
_DAY = "day "
_NAME = re.compile(r"[^\s+]+")
_SIZE = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)


class KeyKind(Enum):
    """What a key signs, as the byte before it says: notes, or co-signatures of checkpoints."""

    NOTE = b"\x01"
    COSIGNATURE = b"\x04"


class NoteError(ValueError):
    """A text is no such note, or nobody who is known has signed it; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key with the name under which it signs."""

    name: str
    key: bytes
    kind: KeyKind = KeyKind.NOTE

    @property
    def key_id(self) -> bytes:
        """Return the four bytes by which a signature names its key."""
        kept = self.name.encode() + b"\n" + self.kind.value + self.key
        return hashlib.sha256(kept).digest()[:_ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{encoded(self.kind.value + self.key)}"


@dataclass(frozen=True, slots=True)
class Signature:
    """A line under a note: whose key, and what it signed."""

    name: str
    key_id: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A text with the signatures under it; `text` ends with a newline."""

    text: str
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a branch's log at the end of a day: whose, how many leaves, and the root over them."""

    origin: str
    size: int
    root: bytes
    day: date

    @property
    def text(self) -> str:
        """Return the text that is signed."""
        return f"{self.origin}\n{self.size}\n{encoded(self.root)}\n{_DAY}{self.day.isoformat()}\n"

    @property
    def short(self) -> str:
        """Return a short code of the root for people to compare: 50 bits, in letters that are not mistaken."""
        code = base64.b32encode(hashlib.sha256(self.text.encode()).digest()).decode()
        return f"{code[:5]}-{code[5:10]}"


def read_verifier(text: str, kind: KeyKind = KeyKind.NOTE) -> Verifier:
    """Read a public key of a kind as `name+id+key` has it. Raises NoteError."""
    name, _, rest = text.strip().partition("+")
    key_id, _, kept = rest.partition("+")
    raw = _decoded(kept, "the public key")
    if raw[:1] != kind.value or len(raw) != 1 + _KEY_BYTES:
        raise NoteError("the public key is not one of Ed25519 for this purpose")
    if _NAME.fullmatch(name) is None:
        raise NoteError("the public key has no name")
    verifier = Verifier(name, raw[1:], kind)
    if key_id != verifier.key_id.hex():
        raise NoteError("the public key is damaged: its id does not fit")
    return verifier


def signed(text: str, signatures: Iterable[tuple[Verifier, bytes]]) -> str:
    """Write a note: the text, an empty line, and a line for each signature."""
    lines = [signature_line(Signature(each.name, each.key_id, value)) for each, value in signatures]
    return f"{text}\n{''.join(lines)}"


def signature_line(signature: Signature) -> str:
    """Write the line of a signature."""
    return f"{_DASH}{signature.name} {encoded(signature.key_id + signature.value)}\n"


def read_note(note: str) -> Note:
    """Take a note apart, without believing it. Raises NoteError."""
    if any(char < " " and char != "\n" for char in note):
        raise NoteError("the note has control characters")
    text, gap, below = note.rpartition("\n\n")
    if not gap or not text or not below.endswith("\n"):
        raise NoteError("the note has no signatures: it is cut, or it is no note")
    lines = below[:-1].split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise NoteError("the note has too many signatures")
    return Note(text + "\n", tuple(_signature(line) for line in lines))


def check_note(note: Note, known: Sequence[Verifier], is_genuine: IsGenuine) -> list[Verifier]:
    """Return who of the known signed a note. Raises NoteError when nobody did, or a signature is false.

    Signatures of others are left alone, as witnesses and new keys want it.
    """
    by_key = {(each.name, each.key_id): each for each in known}
    found = []
    for each in note.signatures:
        verifier = by_key.get((each.name, each.key_id))
        if verifier is None:
            continue
        if not is_genuine(verifier.key, note.text.encode(), each.value):
            raise NoteError(f"the signature of {each.name} is false: the text was changed, or is another's")
        found.append(verifier)
    if not found:
        raise NoteError("nobody whose key is known has signed this")
    return found


def read_checkpoint(text: str) -> Checkpoint:
    """Read the text of a checkpoint. Raises NoteError."""
    lines = text.split("\n")
    if lines.pop() != "" or len(lines) < 3 or "" in lines:
        raise NoteError("this is no checkpoint: it begins with origin, size and root, a line each")
    origin, size, root, *more = lines
    if _SIZE.fullmatch(size) is None:
        raise NoteError("the size of the checkpoint is no number")
    days = [line.removeprefix(_DAY) for line in more if line.startswith(_DAY)]
    try:
        (day,) = (date.fromisoformat(each) for each in days)
    except ValueError:
        raise NoteError("the checkpoint does not name one day") from None
    return Checkpoint(origin, int(size), read_hash(root), day)


def read_hash(text: str) -> bytes:
    """Read a hash as a line has it. Raises NoteError."""
    raw = _decoded(text, "a hash")
    if len(raw) != HASH_BYTES:
        raise NoteError("a hash has another length")
    return raw


def encoded(raw: bytes) -> str:
    """Write bytes as text, in base64."""
    return base64.b64encode(raw).decode()


def _signature(line: str) -> Signature:
    name, _, value = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or _NAME.fullmatch(name) is None:
        raise NoteError("a line of signature does not begin with a dash and a name")
    raw = _decoded(value, "a signature")
    if len(raw) <= _ID_BYTES:
        raise NoteError("a signature is too short")
    return Signature(name, raw[:_ID_BYTES], raw[_ID_BYTES:])


def _decoded(text: str, what: str) -> bytes:
    try:
        raw = base64.b64decode(text)
    except (binascii.Error, ValueError):
        raise NoteError(f"{what} is not written in base64") from None
    # There is one way to write some bytes: no signs between, no bits left over.
    if encoded(raw) != text:
        raise NoteError(f"{what} is not written in base64")
    return raw
