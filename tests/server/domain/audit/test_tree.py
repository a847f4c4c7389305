"""The Merkle tree: known vectors, every small size against the definition of RFC 6962, and forged proofs."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from typing import Any

import pytest

from server.domain.audit import tree
from server.domain.audit.tree import Edge, ProofError

# The leaves and roots by which Certificate Transparency's programs are tested.
LEAVES = [
    bytes.fromhex(each)
    for each in (
        *("", "00", "10", "2021", "3031", "40414243", "5051525354555657"),
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
ONE_TO_EIGHT = [
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
]
FIFTH_OF_EIGHT = [
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
]
SIX_TO_EIGHT = ["0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a", *FIFTH_OF_EIGHT[1:]]
MOST = 70


def by_definition(leaves: list[bytes]) -> bytes:
    """Return MTH as RFC 6962, 2.1 defines it."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\1" + by_definition(leaves[:half]) + by_definition(leaves[half:])).digest()


def subtree_of(leaves: list[bytes]) -> Callable[[int, int], bytes]:
    def subtree(height: int, index: int) -> bytes:
        begin = index << height
        assert begin + (1 << height) <= len(leaves), "a part beyond the tree was asked for"
        return by_definition(leaves[begin : begin + (1 << height)])

    return subtree


def some_leaves(count: int) -> list[bytes]:
    return [f"leaf {number}".encode() for number in range(count)]


def hexed(hashes: list[bytes]) -> list[str]:
    return [each.hex() for each in hashes]


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_those_of_certificate_transparency(size: int) -> None:
    assert tree.root_of(tree.leaf_hash(each) for each in LEAVES[:size]).hex() == ROOTS[size]


def test_the_proofs_are_those_of_certificate_transparency() -> None:
    subtree = subtree_of(LEAVES)
    assert hexed(tree.inclusion_proof(0, 8, subtree)) == ONE_TO_EIGHT
    assert hexed(tree.inclusion_proof(5, 8, subtree)) == FIFTH_OF_EIGHT
    assert hexed(tree.inclusion_proof(2, 3, subtree)) == [ROOTS[2]]
    assert hexed(tree.inclusion_proof(1, 5, subtree)) == [ROOTS[1], ONE_TO_EIGHT[1], FIFTH_OF_EIGHT[0]]
    assert hexed(tree.consistency_proof(1, 8, subtree)) == ONE_TO_EIGHT
    assert hexed(tree.consistency_proof(6, 8, subtree)) == SIX_TO_EIGHT
    assert hexed(tree.consistency_proof(2, 5, subtree)) == [ONE_TO_EIGHT[1], FIFTH_OF_EIGHT[0]]


def test_every_size_grows_to_the_root_of_the_definition_and_its_edge_goes_on() -> None:
    edge, leaves = Edge(), some_leaves(MOST)
    for size in range(MOST + 1):
        assert edge.root() == by_definition(leaves[:size])
        kept = tree.edge_at(size, subtree_of(leaves[:size]))
        assert kept.hashes == edge.hashes
        edge = Edge(edge.size, edge.hashes)
        if size < MOST:
            edge.append(tree.leaf_hash(leaves[size]))


def test_every_leaf_of_every_size_is_shown_and_no_other_is() -> None:
    leaves = some_leaves(MOST)
    for size in range(1, MOST + 1):
        subtree, root = subtree_of(leaves[:size]), by_definition(leaves[:size])
        for index in range(size):
            path = tree.inclusion_proof(index, size, subtree)
            tree.check_inclusion(tree.leaf_hash(leaves[index]), index, size, path, root)
            with pytest.raises(ProofError):
                tree.check_inclusion(tree.leaf_hash(b"forged"), index, size, path, root)
            with pytest.raises(ProofError):
                tree.check_inclusion(
                    tree.leaf_hash(leaves[index]), (index + 1) % (size + 1), size, path, root
                )


def test_every_older_tree_is_shown_to_be_the_beginning_and_no_other_is() -> None:
    leaves = some_leaves(MOST)
    roots = [by_definition(leaves[:size]) for size in range(MOST + 1)]
    for size in range(1, MOST + 1):
        subtree = subtree_of(leaves[:size])
        for old in range(size + 1):
            path = tree.consistency_proof(old, size, subtree)
            tree.check_consistency(old, roots[old], size, roots[size], path)
            for wrong_old, wrong in ((bytes(32), roots[size]), (roots[old], bytes(32))):
                if old or wrong_old == bytes(32):  # whatever comes, it begins with nothing
                    with pytest.raises(ProofError):
                        tree.check_consistency(old, wrong_old, size, wrong, path)


def forged(path: list[bytes], dice: random.Random) -> list[bytes]:
    """Change a path in one place."""
    place = dice.randrange(len(path))
    kind = dice.choice(("bit", "without", "twice", "longer", "swapped"))
    changed = list(path)
    if kind == "bit":
        flipped = bytearray(changed[place])
        flipped[dice.randrange(32)] ^= 1 << dice.randrange(8)
        changed[place] = bytes(flipped)
    elif kind == "without":
        del changed[place]
    elif kind == "twice":
        changed.insert(place, changed[place])
    elif kind == "longer":
        changed.append(dice.randbytes(32))
    else:
        changed[place], changed[0] = changed[0], changed[place]
    return changed


def test_a_forged_path_shows_nothing() -> None:
    dice, leaves, tried = random.Random(6962), some_leaves(200), 0
    for _ in range(1_500):
        size = dice.randrange(2, 200)
        subtree, root = subtree_of(leaves[:size]), by_definition(leaves[:size])
        index, old = dice.randrange(size), dice.randrange(1, size)
        cases: tuple[tuple[Any, list[bytes]], ...] = (
            (
                lambda path, i=index, s=size, r=root: tree.check_inclusion(
                    tree.leaf_hash(leaves[i]), i, s, path, r
                ),
                tree.inclusion_proof(index, size, subtree),
            ),
            (
                lambda path, o=old, s=size, r=root: tree.check_consistency(
                    o, by_definition(leaves[:o]), s, r, path
                ),
                tree.consistency_proof(old, size, subtree),
            ),
        )
        for check, path in cases:
            check(path)
            if (bad := forged(path, dice)) != path:
                with pytest.raises(ProofError):
                    check(bad)
                tried += 1
    assert tried > 2_000


def test_a_leaf_cannot_be_taken_for_a_node() -> None:
    one, other = (tree.leaf_hash(each) for each in LEAVES[:2])
    assert tree.leaf_hash(one + other) != tree.node_hash(one, other)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (lambda: tree.check_inclusion(bytes(32), 0, 1, [bytes(32)], bytes(32)), "the path is too long"),
        (lambda: tree.check_inclusion(bytes(32), 0, 2, [bytes(32)] * 2, bytes(32)), "the path is too long"),
        (lambda: tree.check_inclusion(bytes(32), 0, 2, [], bytes(32)), "the path is too short"),
        (lambda: tree.check_inclusion(bytes(32), -1, 1, [], bytes(32)), "no such leaf"),
        (lambda: tree.check_consistency(-1, bytes(32), 3, bytes(32), []), "the older tree is larger"),
        (lambda: tree.check_consistency(3, bytes(32), 3, bytes(31), []), "same size have different roots"),
        (lambda: tree.check_consistency(0, bytes(32), 3, bytes(32), []), "no path is needed"),
        (lambda: tree.check_consistency(3, bytes(32), 5, bytes(32), []), "the path is too short"),
        (lambda: tree.check_consistency(1, bytes(32), 2, bytes(32), [bytes(32)] * 2), "the path is too long"),
        (lambda: tree.consistency_proof(-1, 3, subtree_of(LEAVES)), "the older tree is larger"),
        (lambda: Edge(-1, [bytes(32)]), "do not fit"),
    ],
)
def test_each_refusal_says_what_is_wrong(asked: Callable[[], object], why: str) -> None:
    with pytest.raises(ProofError, match=why):
        asked()


def test_nothing_shows_that_a_tree_begins_with_nothing_or_with_itself() -> None:
    assert tree.consistency_proof(0, 3, subtree_of(LEAVES)) == []
    assert tree.consistency_proof(3, 3, subtree_of(LEAVES)) == []


def test_a_perfect_root_is_over_a_power_of_two() -> None:
    hashes = [tree.leaf_hash(each) for each in LEAVES]
    assert tree.root_of_perfect(hashes).hex() == ROOTS[8]
    with pytest.raises(ValueError, match="zip"):
        tree.root_of_perfect(hashes[:3])


@pytest.mark.parametrize(
    "asked",
    [
        lambda: tree.inclusion_proof(3, 3, subtree_of(LEAVES)),
        lambda: tree.inclusion_proof(-1, 3, subtree_of(LEAVES)),
        lambda: tree.consistency_proof(4, 3, subtree_of(LEAVES)),
        lambda: Edge(3, [bytes(32)]),
        lambda: Edge(1, [bytes(31)]),
        lambda: tree.check_consistency(4, bytes(32), 3, bytes(32), []),
        lambda: tree.check_consistency(3, bytes(32), 3, bytes(31), []),
        lambda: tree.check_consistency(2, bytes(32), 3, bytes(32), []),
        lambda: tree.check_consistency(0, bytes(32), 3, bytes(32), []),
        lambda: tree.check_inclusion(bytes(32), 0, 0, [], tree.EMPTY_ROOT),
    ],
)
def test_what_cannot_be_is_refused(asked: Callable[[], object]) -> None:
    with pytest.raises(ProofError):
        asked()
