"""A Merkle tree over a log as RFC 6962 defines it: its root, grown leaf by leaf, and proofs about it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

# Gives the root of the perfect subtree with 2**height leaves that is the index-th of its height.
Subtree = Callable[[int, int], bytes]

EMPTY_ROOT = hashlib.sha256().digest()
HASH_BYTES = 32
_LEAF, _NODE = b"\x00", b"\x01"


class ProofError(ValueError):
    """A proof does not show what it is meant to show; the message says why."""


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of a leaf."""
    return hashlib.sha256(_LEAF + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(_NODE + left + right).digest()


class Edge:
    """The right edge of a tree: its size, and the roots of the perfect subtrees that it is made of.

    It is all that has to be kept to let a tree grow: one hash for each bit that is set in the size.
    """

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        if size < 0 or len(hashes) != size.bit_count() or any(len(each) != HASH_BYTES for each in hashes):
            raise ProofError("the hashes do not fit a tree of this size")
        self.size, self._hashes = size, list(hashes)

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """Return the roots of the perfect subtrees, the largest first."""
        return tuple(self._hashes)

    def append(self, leaf: bytes) -> None:
        """Let the tree grow by the hash of one leaf."""
        self._hashes.append(leaf)
        self.size += 1
        for _ in range((self.size & -self.size).bit_length() - 1):
            right = self._hashes.pop()
            self._hashes.append(node_hash(self._hashes.pop(), right))

    def root(self) -> bytes:
        """Return the root of the tree as it is now."""
        if not self._hashes:
            return EMPTY_ROOT
        root = self._hashes[-1]
        for left in reversed(self._hashes[:-1]):
            root = node_hash(left, root)
        return root


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root over the hashes of leaves."""
    edge = Edge()
    for leaf in leaves:
        edge.append(leaf)
    return edge.root()


def root_of_perfect(hashes: Sequence[bytes]) -> bytes:
    """Return the root over hashes whose number is a power of two."""
    level = list(hashes)
    while len(level) > 1:
        level = [node_hash(left, right) for left, right in zip(level[::2], level[1::2], strict=True)]
    return level[0]


def edge_at(size: int, subtree: Subtree) -> Edge:
    """Return the right edge of a tree when it had `size` leaves."""
    return Edge(size, [subtree(height, begin >> height) for begin, height in _perfect(0, size)])


def inclusion_proof(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """Return the path from a leaf to the root of the tree with `size` leaves. Raises ProofError beyond it."""
    if not 0 <= index < size:
        raise ProofError("there is no such leaf in a tree of this size")
    path, begin, end = [], 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            path.append(_root(middle, end, subtree))
            end = middle
        else:
            path.append(_root(begin, middle, subtree))
            begin = middle
    return path[::-1]


def consistency_proof(old: int, size: int, subtree: Subtree) -> list[bytes]:
    """Return what shows that the tree with `size` leaves begins with that of `old`. Raises ProofError."""
    if not 0 <= old <= size:
        raise ProofError("the older tree is larger")
    if old in (0, size):
        return []
    path, begin, end = [], 0, size
    while old < end:
        middle = begin + _split(end - begin)
        if old <= middle:
            path.append(_root(middle, end, subtree))
            end = middle
        else:
            path.append(_root(begin, middle, subtree))
            begin = middle
    # The older tree as a whole is known to whoever asks; a part of it is not.
    if begin:
        path.append(_root(begin, end, subtree))
    return path[::-1]


def check_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """Check that a leaf's hash is the index-th of the tree with this root (RFC 9162, 2.1.3.2).

    Raises ProofError when the path does not show it.
    """
    if not 0 <= index < size:
        raise ProofError("there is no such leaf in a tree of this size")
    at, last, found = index, size - 1, leaf
    for each in path:
        if last == 0:
            raise ProofError("the path is too long")
        if at & 1 or at == last:
            found = node_hash(each, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, each)
        at, last = at >> 1, last >> 1
    if last:
        raise ProofError("the path is too short")
    if found != root:
        raise ProofError("the path leads to another root")


def check_consistency(old: int, old_root: bytes, size: int, root: bytes, path: Sequence[bytes]) -> None:
    """Check that a tree begins with all leaves of an older one (RFC 9162, 2.1.4.2).

    Raises ProofError when the path does not show it.
    """
    if not 0 <= old <= size:
        raise ProofError("the older tree is larger")
    if old in (0, size):
        same = old_root == (root if old else EMPTY_ROOT)
        if path or not same:
            raise ProofError("trees of the same size have different roots" if old else "no path is needed")
        return
    hashes = list(path) if old & (old - 1) else [old_root, *path]
    if not hashes:
        raise ProofError("the path is too short")
    at, last = old - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old_found = found = hashes[0]
    for each in hashes[1:]:
        if last == 0:
            raise ProofError("the path is too long")
        if at & 1 or at == last:
            old_found, found = node_hash(each, old_found), node_hash(each, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, each)
        at, last = at >> 1, last >> 1
    if last:
        raise ProofError("the path is too short")
    if old_found != old_root:
        raise ProofError("the path leads to another root of the older tree")
    if found != root:
        raise ProofError("the path leads to another root")


def _split(count: int) -> int:
    """Return the largest power of two below a count of at least two: where RFC 6962 divides a tree."""
    return 1 << ((count - 1).bit_length() - 1)


def _perfect(begin: int, end: int) -> Iterable[tuple[int, int]]:
    """Divide a range that starts where a tree may be divided: where each perfect part begins, and its height."""
    while begin < end:
        height = (end - begin).bit_length() - 1
        yield begin, height
        begin += 1 << height


def _root(begin: int, end: int, subtree: Subtree) -> bytes:
    parts = [subtree(height, at >> height) for at, height in _perfect(begin, end)]
    root = parts.pop()
    while parts:
        root = node_hash(parts.pop(), root)
    return root
