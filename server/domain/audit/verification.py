"""Checks what was handed out against what somebody kept: each finding is one sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from server.domain.audit import cosignatures, notes, tree
from server.domain.audit.documents import DayLog, Document, GrowthProof, RowProof
from server.domain.audit.leaves import Leaf, LeafError, read_leaf
from server.domain.audit.notes import Checkpoint, IsGenuine, NoteError, Verifier
from server.domain.audit.tree import Edge, ProofError, leaf_hash

# Where on earth a day ends first, it ends so long before it does at Greenwich.
_EARLIEST_END = timedelta(hours=14)
_CLOCKS = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found out about one file, or about two of them together."""

    is_good: bool
    text: str


@dataclass(frozen=True, slots=True)
class _Read:
    """A file whose checkpoint is signed; `roots` are those that its rows or its path lead to, by size."""

    name: str
    document: Document
    head: Checkpoint
    roots: Mapping[int, bytes]


def check(
    documents: Sequence[tuple[str, Document]],
    known: Sequence[Verifier],
    is_genuine: IsGenuine,
    now: datetime,
    ticket: str | None = None,
    witnesses: Sequence[Verifier] = (),
) -> list[Finding]:
    """Check each document by itself, then all of them together, then whether a ticket is in them.

    With witnesses, each document has to be co-signed by every one of them.
    """
    findings: list[Finding] = []
    read: list[_Read] = []
    for name, document in _put_together(documents):
        try:
            head = _head(document, known, is_genuine, now)
            roots, said = _contents(document, head, now)
        except (NoteError, ProofError, LeafError) as error:
            findings.append(Finding(False, f"{name}: {error}"))
            continue
        read.append(_Read(name, document, head, roots))
        findings.append(Finding(True, f"{name}: {said}"))
        findings += (_cosigned(name, document, each, is_genuine, now) for each in witnesses)
    findings += _together(read)
    if ticket is not None:
        findings += _about(ticket, read)
    return findings


def _put_together(documents: Sequence[tuple[str, Document]]) -> Iterator[tuple[str, Document]]:
    """Put the parts of a long day behind each other, where one begins at the row at which another ends."""
    logs = [(place, each) for place, (_, each) in enumerate(documents) if isinstance(each, DayLog)]
    logs.sort(key=lambda found: (found[1].note, found[1].before_size))
    whole: list[tuple[list[int], DayLog]] = []
    for place, log in logs:
        if whole and _goes_on(whole[-1][1], log):
            places, first = whole.pop()
            whole.append(([*places, place], replace(first, leaves=first.leaves + log.leaves)))
        else:
            whole.append(([place], log))
    by_place = {min(places): (places, log) for places, log in whole}
    for place, (name, document) in enumerate(documents):
        if place in by_place:
            places, log = by_place[place]
            yield " and ".join(documents[each][0] for each in places), log
        elif not isinstance(document, DayLog):
            yield name, document


def _goes_on(first: DayLog, then: DayLog) -> bool:
    """Say whether a part begins where another one of the same checkpoint ends."""
    return first.note == then.note and first.before_size + len(first.leaves) == then.before_size


def _head(document: Document, known: Sequence[Verifier], is_genuine: IsGenuine, now: datetime) -> Checkpoint:
    """Read the checkpoint of a document once its signature is shown to be true."""
    note = notes.read_note(document.note)
    head = notes.read_checkpoint(note.text)
    if known and head.origin not in {each.name for each in known}:
        names = ", ".join(sorted({each.name for each in known}))
        raise NoteError(f"this is the checkpoint of another branch: of {head.origin}, and the key of {names}")
    notes.check_note(note, known, is_genuine)
    if (now + _EARLIEST_END).date() <= head.day:
        raise NoteError(f"the checkpoint is from the future: {head.day} has not ended anywhere")
    return head


def _cosigned(
    name: str, document: Document, witness: Verifier, is_genuine: IsGenuine, now: datetime
) -> Finding:
    try:
        found = cosignatures.cosigned_at(notes.read_note(document.note), witness, is_genuine)
    except NoteError as error:
        return Finding(False, f"{name}: {error}")
    if found is None:
        return Finding(False, f"{name}: {witness.name} has not co-signed this")
    if found[0] > now + _CLOCKS:
        return Finding(False, f"{name}: the co-signature of {witness.name} is from the future")
    return Finding(True, f"{name}: {witness.name} co-signed this on {found[0]:%Y-%m-%d %H:%M:%S} UTC")


def _contents(document: Document, head: Checkpoint, now: datetime) -> tuple[Mapping[int, bytes], str]:
    whose = f"{head.origin}, {head.day}"
    if isinstance(document, DayLog):
        roots = _roots_of(document, head, now)
        said = f"{len(document.leaves)} rows give the root that was signed ({whose}, code {head.short})"
        return roots, said
    if isinstance(document, RowProof):
        tree.check_inclusion(
            leaf_hash(document.leaf.encode()), document.index, head.size, document.path, head.root
        )
        if read_leaf(document.leaf).place != document.index:
            raise LeafError("the row names another place than it has")
        return {}, f"row {document.index} is in the log ({whose}, code {head.short})"
    if isinstance(document, GrowthProof):
        return {}, f"is signed and grows from {document.old} to {head.size} rows ({whose}, code {head.short})"
    return {}, f"is signed: {head.size} rows ({whose}, code {head.short})"


def _roots_of(log: DayLog, head: Checkpoint, now: datetime) -> Mapping[int, bytes]:
    """Compute the root after each row. Raises LeafError with what is wrong when the last is not that signed."""
    count, meant = len(log.leaves), head.size - log.before_size
    if count < meant:
        raise LeafError(f"the log is cut: it has {count} of {meant} rows")
    if count > meant:
        raise LeafError(f"the log has {count - meant} rows that were not in it when it was signed")
    edge = Edge(log.before_size, log.before)
    roots = {edge.size: edge.root()}
    leaves = [_leaf(log.before_size + place, text) for place, text in enumerate(log.leaves)]
    for place, leaf in enumerate(leaves, log.before_size):
        if leaf.place != place:
            raise LeafError(_displaced(place, log.before_size, leaves))
        if leaf.at is not None and leaf.at > now + _CLOCKS:
            raise LeafError(f"row {place} is from the future: {leaf.at:%Y-%m-%d %H:%M} UTC")
        edge.append(leaf_hash(log.leaves[place - log.before_size].encode()))
        roots[edge.size] = edge.root()
    if edge.root() != head.root:
        raise LeafError("the log was edited: its rows do not give the root that was signed")
    return roots


def _leaf(place: int, text: str) -> Leaf:
    try:
        return read_leaf(text)
    except LeafError as error:
        raise LeafError(f"row {place} {error}") from None


def _displaced(place: int, first: int, leaves: Sequence[Leaf]) -> str:
    there = leaves[place - first].place
    if sorted(each.place for each in leaves) == list(range(first, first + len(leaves))):
        return f"the log was re-ordered: row {there} stands where {place} belongs"
    return f"the log was edited: row {there} stands where {place} belongs, and not all rows are there"


def _together(read: Sequence[_Read]) -> Iterator[Finding]:
    """Compare the checkpoints of all documents, from the earliest to the latest."""
    if not read:
        return
    first = min(read, key=lambda each: (each.head.day, each.head.size))
    ours = [each for each in read if each.head.origin == first.head.origin]
    for stranger in read:
        if stranger not in ours:
            yield Finding(
                False,
                f"{stranger.name} is of another branch ({stranger.head.origin}) than {first.name}",
            )
    heads = {each.head.text: each for each in ours}
    for older, newer in pairwise(sorted(heads.values(), key=lambda each: (each.head.day, each.head.size))):
        yield _compared(older, newer, ours)
    yield from _unlinked(ours)


def _compared(older: _Read, newer: _Read, read: Sequence[_Read]) -> Finding:
    old, new = older.head, newer.head
    names = f"{newer.name} and {older.name}"
    if old.day == new.day:
        return Finding(False, f"{names}: two different checkpoints of {old.day} were signed")
    if new.size < old.size:
        lost = old.size - new.size
        return Finding(False, f"{names}: the log was cut: {new.day} has {lost} rows less than {old.day} had")
    if new.size == old.size:
        if new.root != old.root:
            return Finding(False, f"{names}: as many rows, but other ones: the log was edited or re-ordered")
        return Finding(True, f"nothing happened between {old.day} and {new.day}")
    return _grown(older, newer, read)


def _grown(older: _Read, newer: _Read, read: Sequence[_Read]) -> Finding:
    """Find what shows that the newer log begins with the older one."""
    old, new = older.head, newer.head
    for each in read:
        if each.head.text != new.text:
            continue
        if old.size in each.roots:
            if each.roots[old.size] == old.root:
                return _extends(old, new)
            return _differs(each.name, old)
        if isinstance(each.document, GrowthProof) and each.document.old == old.size:
            try:
                tree.check_consistency(old.size, old.root, new.size, new.root, each.document.path)
            except ProofError:
                return _differs(each.name, old)
            return _extends(old, new)
    return Finding(
        False,
        f"{newer.name}: nothing here shows that it extends {older.name}: get the proof since {old.day} too",
    )


def _extends(old: Checkpoint, new: Checkpoint) -> Finding:
    return Finding(
        True, f"the checkpoint of {new.day} extends that of {old.day}: all its rows are still there"
    )


def _differs(name: str, old: Checkpoint) -> Finding:
    return Finding(
        False,
        f"{name}: the log does not begin with the rows of {old.day}: they were cut, edited or re-ordered",
    )


def _unlinked(read: Sequence[_Read]) -> Iterator[Finding]:
    """Tell of proofs of growth for whose older checkpoint there is no file."""
    sizes = {each.head.size for each in read}
    for each in read:
        if isinstance(each.document, GrowthProof) and each.document.old not in sizes:
            yield Finding(
                False, f"{each.name}: there is no checkpoint of {each.document.old} rows to compare"
            )


def _about(ticket: str, read: Sequence[_Read]) -> Iterator[Finding]:
    found = False
    for each in read:
        for leaf in _leaves(each.document):
            if leaf.number == ticket and leaf.at is not None:
                found = True
                more = {name: said for name, said in leaf.shown.items() if name != "number"}
                told = ", ".join(f"{name} {said}" for name, said in sorted(more.items()))
                text = f"{ticket}: row {leaf.place}, {leaf.at:%Y-%m-%d %H:%M:%S} UTC, {leaf.type}"
                yield Finding(True, f"{text} ({told})" if told else text)
    if not found:
        yield Finding(False, f"{ticket}: no row of these files is about this ticket")


def _leaves(document: Document) -> Iterator[Leaf]:
    if isinstance(document, DayLog):
        yield from map(read_leaf, document.leaves)
    elif isinstance(document, RowProof):
        yield read_leaf(document.leaf)
