"""The tiles of a tree: they grow to the same roots, few at a time, and give every perfect part."""

from __future__ import annotations

import random

import pytest

from server.domain.audit import tree
from server.domain.audit.tiles import Place, Tiles
from server.domain.audit.tree import Edge, leaf_hash


def test_a_tree_that_grows_in_steps_has_the_roots_of_one_that_grows_at_once() -> None:
    dice, kept, edge, size = random.Random(5), {}, Edge(), 0
    tiles_read: list[Place] = []

    def load(level: int, number: int) -> bytes:
        tiles_read.append((level, number))
        return kept[level, number]

    while size < 70_000:
        tiles = Tiles(size, load)
        for _ in range(dice.choice((1, 255, 256, 257, 5_000))):
            leaf = leaf_hash(str(size).encode())
            tiles.append(leaf)
            edge.append(leaf)
            size += 1
        kept.update(tiles.changed)
        tiles_read.clear()
        assert tree.edge_at(size, Tiles(size, load).subtree).hashes == edge.hashes
        assert len(tiles_read) <= 3
    assert {level for level, _ in kept} == {0, 1, 2}
    assert all(
        len(tile) == 256 * 32
        for (level, number), tile in kept.items()
        if (number + 1) << 8 <= size >> 8 * level
    )


def test_what_the_tree_does_not_hold_is_not_given() -> None:
    tiles = Tiles(0, lambda level, number: b"")
    for place in range(5):
        tiles.append(leaf_hash(bytes([place])))
    assert tiles.subtree(2, 0) == tree.root_of(leaf_hash(bytes([place])) for place in range(4))
    for height, index in ((0, 5), (1, 2), (2, 1), (3, 0), (8, 0)):
        with pytest.raises(LookupError):
            tiles.subtree(height, index)
