"""The trees of the branches grow by the facts that were sealed; the writer only keeps the hashes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from sqlalchemy.orm import Session

from server.domain.audit.tiles import Tiles
from server.domain.audit.tree import leaf_hash
from server.services.audit.leaves import Leaves
from server.services.context import Context
from server.store import facts
from server.store.queries import audit
from server.store.queries.audit import Tree
from server.store.queries.office import branch_code
from server.store.store import Store

_FACTS_AT_ONCE = 1_000
_PAGES_AT_ONCE = 40


@dataclass(frozen=True, slots=True)
class _Grown:
    """What a page of facts adds: from one feed number to another, and the trees as they are then."""

    before: int
    now: int
    trees: Mapping[int, tuple[str, Tiles]]


def grow(store: Store, context: Context) -> bool:
    """Let the trees grow by what was sealed; False when more is left than is done at once."""
    for _ in range(_PAGES_AT_ONCE):
        grown = store.read(partial(_read_page, context=context))
        if grown is None:
            return True
        if not store.write(partial(_keep, grown=grown)):
            return False
    return False


def tiles_of(session: Session, branch_id: int, size: int) -> Tiles:
    """Return the tiles of a branch's tree, read as they are needed while the session is open."""
    return Tiles(size, partial(audit.tile, session, branch_id))


def _read_page(session: Session, context: Context) -> _Grown | None:
    before = audit.grown_to(session)
    page = facts.facts_after(session, before, _FACTS_AT_ONCE)
    if not page:
        return None
    leaves, trees = Leaves(context.keys), {}
    for fact in page:
        if fact.branch_id is None:
            continue
        if fact.branch_id not in trees:
            tree = audit.tree_of(session, fact.branch_id) or _planted(session, context, fact.branch_id)
            trees[fact.branch_id] = tree.origin, tiles_of(session, fact.branch_id, tree.size)
        tiles = trees[fact.branch_id][1]
        tiles.append(leaf_hash(leaves.write(tiles.size, fact).encode()))
    return _Grown(before, page[-1].feed_number, trees)


def _planted(session: Session, context: Context, branch_id: int) -> Tree:
    """Name a new tree: by our public address and the branch's code, as a URL without its scheme."""
    where = context.public_url.partition("://")[2].rstrip("/")
    return Tree(f"{where}/{branch_code(session, branch_id)}", 0)


def _keep(session: Session, grown: _Grown) -> bool:
    if not audit.move_on(session, grown.before, grown.now):
        return False
    for branch_id, (origin, tiles) in grown.trees.items():
        audit.keep_tree(session, branch_id, Tree(origin, tiles.size), tiles.changed)
    return True
