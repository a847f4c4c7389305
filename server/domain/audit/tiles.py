"""The hashes of a tree in tiles: 256 to a row, so that growth touches few rows and a proof reads few."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from server.domain.audit.tree import HASH_BYTES, root_of_perfect

HEIGHT = 8
_WIDTH = 1 << HEIGHT
Place = tuple[int, int]
"""A tile's level (0 holds the hashes of leaves, each next the roots of the tiles below) and its number."""


class Tiles:
    """The tiles of one tree, read as they are needed; `changed` holds those that grew."""

    def __init__(self, size: int, load: Callable[[int, int], bytes]) -> None:
        self.size = size
        self._load = load
        self._read: dict[Place, bytes] = {}
        self._changed: set[Place] = set()

    @property
    def changed(self) -> Mapping[Place, bytes]:
        """Return the tiles that have to be kept."""
        return {place: self._read[place] for place in sorted(self._changed)}

    def append(self, leaf: bytes) -> None:
        """Let the tree grow by the hash of one leaf."""
        index, level, value = self.size, 0, leaf
        self.size += 1
        while True:
            number, within = divmod(index, _WIDTH)
            tile = (self._tile(level, number) if within else b"") + value
            self._read[level, number] = tile
            self._changed.add((level, number))
            if within < _WIDTH - 1:
                return
            index, level, value = number, level + 1, root_of_perfect(_parted(tile))

    def subtree(self, height: int, index: int) -> bytes:
        """Return the root of a perfect subtree (tree.Subtree); LookupError beyond what the tree holds."""
        level, rest = divmod(height, HEIGHT)
        number, within = divmod(index << rest, _WIDTH)
        hashes = _parted(self._tile(level, number))[within : within + (1 << rest)]
        if len(hashes) < 1 << rest:
            raise LookupError(f"the tree has no subtree {index} of height {height}")
        return root_of_perfect(hashes)

    def _tile(self, level: int, number: int) -> bytes:
        if (level, number) not in self._read:
            self._read[level, number] = self._load(level, number)
        return self._read[level, number]


def _parted(tile: bytes) -> list[bytes]:
    return [tile[begin : begin + HASH_BYTES] for begin in range(0, len(tile), HASH_BYTES)]
