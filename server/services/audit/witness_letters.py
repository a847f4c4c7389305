"""Witnesses that are told by mail: each day's checkpoint is put into the outbox for them, once."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

from sqlalchemy.orm import Session

from server.domain.audit.cosignatures import Witness
from server.domain.office.hours import start_of_day
from server.services import messages
from server.services.audit.cosigning import witnesses_of
from server.services.context import Context, not_found
from server.services.messages import NewMessage
from server.services.office.settings import BranchView
from server.services.ports import Outside
from server.store.queries import audit
from server.store.store import Store
from wire.vocabulary import Channel, MessageKind

_USEFUL = timedelta(days=14)


def mail_checkpoints(store: Store, context: Context, _outside: Outside | None = None) -> int:
    """Put out a letter with the last checkpoint to each witness that wants it by mail and has none: a job."""
    wanted = [
        (branch, witness)
        for branch in context.office.branches.values()
        for witness in witnesses_of(branch)
        if witness.mail is not None
    ]
    if not wanted:
        return 0
    known = store.read(audit.tellings)
    put = 0
    for branch, witness in wanted:
        last = store.read(partial(audit.latest, branch_id=branch.id))
        day, _due_at = known.get((branch.id, str(witness.verifier)), (None, context.now))
        if last is not None and (day is None or day < last.day):
            put += store.write(partial(_put, context=context, branch=branch, witness=witness))
    return put


def note_for(session: Session, branch: BranchView, day: date, to: str) -> str:
    """Return the checkpoint of a day for a witness with an address of mail. Raises RuleBroken 404 without one."""
    row = audit.checkpoint(session, branch.id, day)
    if row is None:
        raise not_found("checkpoint")
    if all(witness.mail != to for witness in witnesses_of(branch)):
        raise not_found("witness")
    return row.note


def _put(session: Session, context: Context, branch: BranchView, witness: Witness) -> bool:
    last = audit.latest(session, branch.id)
    row = audit.telling(session, branch.id, str(witness.verifier), context.now)
    if last is None or witness.mail is None or (row.day is not None and row.day >= last.day):
        return False
    row.day, row.tries, row.due_at = last.day, 0, context.now
    session.flush()
    told = f"{witness.verifier} {witness.mail}"
    reader = context.keys.lookup_at("witness", told, start_of_day(last.day, branch.policy.zone)).hex()[:32]
    return messages.post(
        session,
        context,
        NewMessage(
            kind=MessageKind.CHECKPOINT,
            channel=Channel.EMAIL,
            language=branch.policy.office_language,
            to=witness.mail,
            key=f"checkpoint {branch.id} {last.day} {reader}",
            facts={"branch": branch.code, "day": last.day.isoformat()},
            expires_at=context.now + _USEFUL,
        ),
    )
