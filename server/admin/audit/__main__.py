"""`numerek audit verify`: checks what an office published, on any machine, without its database."""

from __future__ import annotations

import argparse
import sys
import urllib.error
import urllib.request
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from server.domain.audit.cosignatures import read_witness_key
from server.domain.audit.documents import DayLog, Document, DocumentError, read_document
from server.domain.audit.notes import NoteError, Verifier, read_verifier
from server.domain.audit.verification import Finding, check
from server.store.signature import is_signed

_MOST_BYTES = 200_000_000
_PATIENCE_SECONDS = 60


class _Unreadable(Exception):
    """A file or an address could not be read; the message says why."""


def main(arguments: list[str], now: datetime | None = None) -> int:
    """Check what is named; return 0 when all of it fits, 1 when not, 2 for a wrong command."""
    chosen = _parser().parse_args(arguments)
    findings, documents = _read_all(chosen.what)
    try:
        known = [verifier for each in chosen.key for verifier in _keys(each)]
    except (_Unreadable, NoteError) as error:
        return _tell([Finding(False, f"--key: {error}")])
    try:
        witnesses = [read_witness_key(each) for each in chosen.witness]
    except NoteError as error:
        return _tell([Finding(False, f"--witness: {error}")])
    if not known:
        known = _keys_in(document for _, document in documents)
        if documents and not known:
            return _tell([*findings, Finding(False, "name the office's public key with --key")])
        if known:
            print("NOTE   the key is the one in the file: compare it with one that you have from elsewhere:")
            print("\n".join(f"       {_plain(str(key))}" for key in known))
    at = now or datetime.now(UTC)
    return _tell([*findings, *check(documents, known, is_signed, at, chosen.ticket, witnesses)])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="numerek audit", description="Checks what an office published of its queue."
    )
    verify = parser.add_subparsers(required=True, metavar="verify").add_parser(
        "verify",
        help="check days, checkpoints and proofs against each other",
        description="Checks days (log.json), checkpoints and proofs: each by itself, and all of them together. "
        "Add the checkpoint that you kept, so that what was changed since is found.",
    )
    verify.add_argument("what", nargs="+", metavar="FILE|URL")
    verify.add_argument(
        "--key",
        action="append",
        default=[],
        metavar="KEY|FILE|URL",
        help="the office's public key; may be repeated",
    )
    verify.add_argument(
        "--witness",
        action="append",
        default=[],
        metavar="KEY",
        help="the key of a witness who has to have co-signed; may be repeated",
    )
    verify.add_argument("--ticket", metavar="NUMBER", help="show the rows about a ticket, such as P042")
    return parser


def _read_all(names: Iterable[str]) -> tuple[list[Finding], list[tuple[str, Document]]]:
    findings, documents = [], []
    for name in names:
        try:
            documents.append((name, read_document(_text(name))))
        except (_Unreadable, DocumentError) as error:
            findings.append(Finding(False, f"{name}: {error}"))
    return findings, documents


def _keys(said: str) -> list[Verifier]:
    """Read a public key, or all those of a file or an address, a line each."""
    if said.count("+") >= 2 and "://" not in said:
        return [read_verifier(said)]
    return [read_verifier(line) for line in _text(said).splitlines() if line.strip()]


def _keys_in(documents: Iterable[Document]) -> list[Verifier]:
    found: dict[str, Verifier] = {}
    for document in documents:
        for said in document.keys if isinstance(document, DayLog) else ():
            try:
                found[said] = read_verifier(said)
            except NoteError:
                continue
    return list(found.values())


def _text(name: str) -> str:
    try:
        raw = _fetched(name) if name.startswith(("http://", "https://")) else Path(name).read_bytes()
        return raw.decode()
    except UnicodeDecodeError:
        raise _Unreadable("this is no text") from None
    except urllib.error.HTTPError as error:
        raise _Unreadable(f"the server answers {error.code}") from None
    except (OSError, ValueError) as error:
        raise _Unreadable(getattr(error, "strerror", None) or str(error)) from None


def _fetched(address: str) -> bytes:
    # Only addresses of the web come here; whoever runs the command chose them.
    with urllib.request.urlopen(address, timeout=_PATIENCE_SECONDS) as answer:  # noqa: S310
        raw: bytes = answer.read(_MOST_BYTES + 1)
    if len(raw) > _MOST_BYTES:
        raise _Unreadable("the answer is too long")
    return raw


def _tell(findings: Iterable[Finding]) -> int:
    faults = 0
    for each in findings:
        print(f"{'OK    ' if each.is_good else 'FAULT '} {_plain(each.text)}")
        faults += not each.is_good
    print(f"numerek: {f'faults: {faults}' if faults else 'everything fits'}")
    return 1 if faults else 0


def _plain(text: str) -> str:
    """Take out what would steer the terminal: the files are others'."""
    return "".join(char if char.isprintable() else "?" for char in text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
