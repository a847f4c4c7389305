"""The file of the keys: a line for each, the newest first, replaced whole: a power cut leaves one or the other.

A line is the key in 64 hexadecimal digits and the instant from which it is used; the first key of an installation
has none. `audit-blind` marks what seals the leaves of signed checkpoints, once the key it came from is gone.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from server.store.keyring import KEY_BYTES, KeyFileError, Keyring, SecretKey
from wire.systemd import others_read

_BLIND = "audit-blind"
_FEWEST_BYTES = 8


def create_key_file(path: Path) -> Keyring:
    """Write a new random key for the owner's eyes only. Raises FileExistsError rather than overwrite one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    secret = secrets.token_bytes(KEY_BYTES)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secret.hex() + "\n")
    return Keyring(secret)


def load_key_file(path: Path) -> Keyring:
    """Read the key file. Raises KeyFileError when it is missing, open to others, or no key."""
    mark = _mark(path)
    keys, blind = _read(path)
    keyring = Keyring(keys[-1].secret)
    keyring.take(keys, blind)
    keyring.file, keyring.mark = path, mark
    return keyring


def read_again(keyring: Keyring) -> None:
    """Let a keyring hold what its file has, if it is another. Raises KeyFileError: nothing is changed then."""
    if keyring.file is None:
        return
    mark = _mark(keyring.file)
    if mark != keyring.mark:
        keyring.take(*_read(keyring.file), keyring.check)
        keyring.mark = mark


def add_key(path: Path, used_from: datetime) -> SecretKey:
    """Put a new key before those of the file, to be used from an instant. Raises KeyFileError, OSError."""
    keys, blind = _read(path)
    key = SecretKey(secrets.token_bytes(KEY_BYTES), used_from)
    _write(path, [key, *keys], blind)
    return key


def drop_key(path: Path, key_id: str) -> None:
    """Take a key out of the file; of the oldest stays what seals signed checkpoints.

    Raises KeyFileError, OSError.
    """
    keys, blind = _read(path)
    left = [key for key in keys if key.id != key_id]
    _write(path, left, blind or keys[-1].derived("audit blind"))


def _mark(path: Path) -> tuple[int, int]:
    try:
        told = path.stat()
    except OSError as error:
        raise KeyFileError(f"{path}: {error.strerror or error}") from None
    return told.st_ino, told.st_mtime_ns


def _read(path: Path) -> tuple[list[SecretKey], bytes | None]:
    try:
        is_open = others_read(path)
        lines = path.read_text().splitlines()
    except OSError as error:
        raise KeyFileError(f"{path}: {error.strerror or error}") from None
    if is_open:
        raise KeyFileError(f"{path}: others can read it; chmod 600 it")
    keys: list[SecretKey] = []
    blind = None
    for line in filter(str.strip, lines or [""]):
        secret, word = _parts(path, line)
        if word == _BLIND:
            blind = secret
        else:
            keys.append(SecretKey(secret, _instant(path, word)))
    if not keys:
        raise KeyFileError(f"{path}: there is no key in it: this is no secret")
    if len({key.check for key in keys}) < len(keys):
        raise KeyFileError(f"{path}: the same key stands in it twice")
    return keys, blind


def _parts(path: Path, line: str) -> tuple[bytes, str]:
    digits, _, word = line.strip().partition(" ")
    try:
        secret = bytes.fromhex(digits)
    except ValueError:
        raise KeyFileError(f"{path}: not a key of 64 hexadecimal digits") from None
    if len(set(secret)) < _FEWEST_BYTES:
        raise KeyFileError(f"{path}: this key is no secret")
    return secret, word.strip()


def _instant(path: Path, word: str) -> datetime | None:
    try:
        read = datetime.fromisoformat(word) if word else None
    except ValueError:
        read = None
    if word and (read is None or read.tzinfo is None):
        raise KeyFileError(f"{path}: not an instant after a key of 64 hexadecimal digits")
    return read


def _write(path: Path, keys: Sequence[SecretKey], blind: bytes | None) -> None:
    lines = [
        f"{key.secret.hex()} {key.used_from.isoformat() if key.used_from else ''}".strip() for key in keys
    ]
    if blind is not None:
        lines.append(f"{blind.hex()} {_BLIND}")
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write("\n".join(lines) + "\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
