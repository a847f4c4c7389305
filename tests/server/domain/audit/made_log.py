"""A log of a branch with its checkpoints and proofs, made in memory, to be checked whole and tampered with."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from server.domain.audit import notes, tree
from server.domain.audit.documents import DayLog, Document, GrowthProof, RowProof
from server.domain.audit.leaves import leaf_of
from server.domain.audit.notes import Checkpoint, Verifier
from server.domain.audit.tiles import Tiles
from server.domain.audit.tree import leaf_hash
from server.domain.audit.verification import Finding, check

MONDAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


def is_genuine(key: bytes, body: bytes, signature: bytes) -> bool:
    """Check a signature as the command does."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, body)
    except InvalidSignature:
        return False
    return True


def row(place: int) -> str:
    """Write a row: two of three are about tickets."""
    at = datetime(2026, 11, 23, 8, tzinfo=UTC) + timedelta(minutes=place)
    kind = ("ticket.issued", "ticket.called", "reservation.held")[place % 3]
    data = {"number": f"P{place // 3:03}", "service": "P", "hall": "A", "ahead": 2, "clerk": 17}
    return leaf_of(place, kind, at, data, f"row {place}".encode(), bytes([place % 250]) * 32)


class MadeLog:
    """A branch's log with a checkpoint after each of the sizes, a day each from Monday on."""

    def __init__(
        self, *sizes: int, origin: str = "q.example/wroclaw", secret: bytes = bytes(range(32))
    ) -> None:
        self.secret = Ed25519PrivateKey.from_private_bytes(secret)
        self.verifier = Verifier(origin, self.secret.public_key().public_bytes_raw())
        self.leaves = [row(place) for place in range(sizes[-1])]
        self.sizes = sizes

    def _tiles(self) -> Tiles:
        tiles = Tiles(0, lambda level, number: b"")
        for leaf in self.leaves:
            tiles.append(leaf_hash(leaf.encode()))
        return tiles

    def signed(self, head: Checkpoint) -> str:
        """Sign any checkpoint."""
        return notes.signed(head.text, [(self.verifier, self.secret.sign(head.text.encode()))])

    def head(self, day: int) -> Checkpoint:
        """Return a day's checkpoint."""
        root = tree.root_of(leaf_hash(leaf.encode()) for leaf in self.leaves[: self.sizes[day]])
        return Checkpoint(self.verifier.name, self.sizes[day], root, MONDAY + timedelta(days=day))

    def note(self, day: int) -> str:
        """Return a day's checkpoint, signed."""
        return self.signed(self.head(day))

    def log(self, day: int) -> DayLog:
        """Return a day's rows."""
        first = self.sizes[day - 1] if day else 0
        before = tree.edge_at(first, self._tiles().subtree).hashes
        leaves = tuple(self.leaves[first : self.sizes[day]])
        return DayLog(first, before, leaves, self.note(day), (str(self.verifier),))

    def proof(self, day: int, place: int) -> RowProof:
        """Prove one row."""
        path = tree.inclusion_proof(place, self.sizes[day], self._tiles().subtree)
        return RowProof(self.leaves[place], place, tuple(path), self.note(day))

    def growth(self, old: int, day: int) -> GrowthProof:
        """Prove that a day's tree begins with that of an earlier one."""
        path = tree.consistency_proof(self.sizes[old], self.sizes[day], self._tiles().subtree)
        return GrowthProof(self.sizes[old], tuple(path), self.note(day))

    def found(self, *documents: Document, now: datetime = NOON, ticket: str | None = None) -> list[Finding]:
        """Check documents with the key of this log."""
        named = [(f"file {number}", document) for number, document in enumerate(documents, 1)]
        return check(named, [self.verifier], is_genuine, now, ticket)


def faults(findings: list[Finding]) -> list[str]:
    """Return what is wrong."""
    return [each.text for each in findings if not each.is_good]


def edited(leaf: str, **change: object) -> str:
    """Change what a row shows."""
    return json.dumps(json.loads(leaf) | change, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def with_leaves(log: DayLog, *leaves: str) -> DayLog:
    """Put other rows into a day."""
    return replace(log, leaves=leaves)
