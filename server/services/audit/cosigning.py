"""Witnesses: each day's checkpoint is told to them, and what they sign of it is checked and kept."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from sqlalchemy.orm import Session

from server.domain.audit import cosignatures, notes
from server.domain.audit.cosignatures import Witness, witnesses_in
from server.domain.audit.notes import Checkpoint, NoteError
from server.domain.messages.retries import pause
from server.services.context import Context, RuleBroken, not_found
from server.services.office.settings import BranchView
from server.services.ports import NotDelivered, WebhookLine
from server.store.queries import audit
from server.store.queries.audit import CheckpointRow
from server.store.signature import is_signed
from server.store.store import Store

MOST_BYTES = 8_192
"""A note is no longer than this, with what many witnesses signed of it."""
_CLOCKS = timedelta(minutes=5)
_LEASE = timedelta(minutes=2)
_SELDOM = timedelta(hours=3)
_HEADERS = {"Content-Type": "text/plain; charset=utf-8", "User-Agent": "numerek"}

log = logging.getLogger("numerek.witnesses")


@dataclass(frozen=True, slots=True)
class _Letter:
    """A checkpoint on its way to a witness."""

    branch_id: int
    witness: str
    day: date
    url: str
    note: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What a witness signed is kept; not `is_new`: it was before."""

    name: str
    is_new: bool


def read_text(raw: bytes) -> str:
    """Read what was handed in as a text. Raises RuleBroken 413 `too_long`, 422 `damaged`."""
    if len(raw) > MOST_BYTES:
        raise RuleBroken(413, "too_long", most=MOST_BYTES)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise RuleBroken(422, "damaged") from None


def hand_in(
    session: Session, context: Context, branch: BranchView, day: date | None, text: str
) -> list[Kept]:
    """Keep what witnesses co-signed of a day's checkpoint; without `day` it is the one that the note names.

    Who comes twice is kept once. Raises RuleBroken 404, and 422 `bad_note`, `other_log`, `other_checkpoint`,
    `unknown_day`, `unknown_witness`, `false_cosignature`, `from_the_future`, `before_the_checkpoint`.
    """
    if day is not None and audit.checkpoint(session, branch.id, day) is None:
        raise not_found("checkpoint")
    try:
        note = notes.read_note(text)
        said = notes.read_checkpoint(note.text)
    except NoteError as error:
        raise RuleBroken(422, "bad_note", problem=str(error)) from None
    row = _published(session, branch, note.text, said, day or said.day)
    kept = []
    for witness in witnesses_of(branch):
        try:
            found = cosignatures.cosigned_at(note, witness.verifier, is_signed)
        except NoteError as error:
            raise RuleBroken(422, "false_cosignature", problem=str(error)) from None
        if found is None:
            continue
        at, signature = found
        if at > context.now + _CLOCKS:
            raise RuleBroken(422, "from_the_future", at=at.isoformat())
        if at < row.made_at - _CLOCKS:
            raise RuleBroken(422, "before_the_checkpoint", at=at.isoformat())
        of = {"branch_id": branch.id, "day": row.day, "witness": str(witness.verifier), "signed_at": at}
        line = notes.signature_line(signature)
        is_new = audit.keep_cosignature(session, of | {"line": line, "kept_at": context.now})
        kept.append(Kept(witness.verifier.name, is_new))
    if not kept:
        signed_by = sorted({each.name for each in note.signatures} - {said.origin})
        raise RuleBroken(422, "unknown_witness", signed_by=signed_by)
    return kept


def _published(session: Session, branch: BranchView, text: str, said: Checkpoint, day: date) -> CheckpointRow:
    """Find the checkpoint of a day, which is what was handed in. Raises RuleBroken 422."""
    row, tree = audit.checkpoint(session, branch.id, day), audit.tree_of(session, branch.id)
    if row is not None and notes.read_note(row.note).text == text:
        return row
    if tree is None or tree.origin != said.origin:
        raise RuleBroken(422, "other_log", origin=said.origin)
    reason = "unknown_day" if row is None else "other_checkpoint"
    raise RuleBroken(422, reason, origin=said.origin, day=day.isoformat())


def witnesses_of(branch: BranchView) -> list[Witness]:
    """List who may co-sign the checkpoints of a branch (⚙ witnesses)."""
    return witnesses_in(branch.policy.witnesses)


def tell_witnesses(store: Store, context: Context, line: WebhookLine) -> int:
    """Post the last checkpoint of each branch to its witnesses that were not told of it; return how many took it.

    Whoever does not answer is tried again with growing pauses, until the next day takes its place.
    """
    told = 0
    known = None
    for branch in context.office.branches.values():
        for witness in witnesses_of(branch):
            if witness.url is None:
                continue
            known = store.read(audit.tellings) if known is None else known
            last = store.read(partial(audit.latest, branch_id=branch.id))
            day, due_at = known.get((branch.id, str(witness.verifier)), (None, context.now))
            if last is None or day == last.day or due_at > context.now:
                continue
            letter = store.write(partial(_take, context=context, branch=branch, witness=witness))
            if letter is not None:
                is_taken = _posted(letter, line)
                store.write(partial(_settle, context=context, letter=letter, is_taken=is_taken))
                told += is_taken
    return told


def _take(session: Session, context: Context, branch: BranchView, witness: Witness) -> _Letter | None:
    """Take what a witness is to be told; None when another worker has it."""
    last = audit.latest(session, branch.id)
    row = audit.telling(session, branch.id, str(witness.verifier), context.now)
    if last is None or witness.url is None or row.day == last.day or row.due_at > context.now:
        return None
    row.due_at = context.now + _LEASE
    session.flush()
    return _Letter(branch.id, row.witness, last.day, witness.url, last.note)


def _posted(letter: _Letter, line: WebhookLine) -> bool:
    try:
        return 200 <= line.post(letter.url, _HEADERS, letter.note.encode()) < 300
    except NotDelivered as why:
        log.warning("witness %s: %s", letter.witness.partition("+")[0], why.problem)
        return False


def _settle(session: Session, context: Context, letter: _Letter, is_taken: bool) -> None:
    row = audit.telling(session, letter.branch_id, letter.witness, context.now)
    if is_taken:
        row.day, row.tries, row.due_at = letter.day, 0, context.now
    else:
        row.tries += 1
        row.due_at = context.now + (pause(row.tries, secrets.randbelow(1001) / 1000) or _SELDOM)
    session.flush()
