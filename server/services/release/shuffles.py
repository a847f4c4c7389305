"""The order of a waiting room, bound before the hour by a secret's hash and published after it (rule 10)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from server.domain.release import draw as rules
from server.domain.release.arrivals import Drawn
from server.domain.release.draw import Entry, Terms
from server.services.context import Context, not_found
from server.services.office.settings import ServiceView
from server.store.queries.release import shuffles as rows
from server.store.queries.release.waiting_rooms import lock_service
from server.store.tables import Shuffle

_SECRET_BYTES = 32
_ID_BYTES = 3
_LINE_BOUND = timedelta(minutes=1)
"""So long after the hour the secret waits for the line's last number; it comes within a second."""


@dataclass(frozen=True, slots=True)
class ShuffleView:
    """The order of a waiting room as everybody sees it; hashes are hexadecimal, None until they are told.

    `is_early` says that the secret was bound before the hour; `people` are those who were in the room then.
    `line` are the first and the last number of the line in front of the pages that the secret put in order.
    """

    public_id: str
    service_id: int
    opens_at: datetime
    committed_at: datetime
    shuffled_at: datetime | None
    secret_hash: str
    list_hash: str | None
    secret: str | None
    people: int
    line: tuple[int, int] | None = None

    @property
    def is_early(self) -> bool:
        """Say whether the secret could not be exchanged any more when the hour came."""
        return self.committed_at < self.opens_at


def new_line() -> str:
    """Make an entry number: letters and digits that nobody mistakes for another one."""
    return "".join(secrets.choice(rules.LINE_SIGNS) for _ in range(rules.LINE_LENGTH))


def commit(session: Session, context: Context, service: ServiceView, opens_at: datetime) -> bool:
    """Draw and seal the secret of a release; False when it is there already."""
    lock_service(session, service.id)
    is_new = rows.shuffle_at(session, service.id, opens_at) is None
    committed(session, context, service, opens_at)
    return is_new


def committed(session: Session, context: Context, service: ServiceView, opens_at: datetime) -> Shuffle:
    """Return the order of a release, with its secret drawn and sealed; the service is locked by the caller."""
    row = rows.shuffle_at(session, service.id, opens_at)
    if row is not None:
        return row
    zone = context.branch(service.branch_id).policy.zone
    hour = opens_at.astimezone(zone)
    # The hour stands in the id, and the id in the list: no list can be passed off as that of another hour.
    public_id = f"{service.letter}-{hour:%Y-%m-%d-%H%M}-{secrets.token_hex(_ID_BYTES)}"
    secret = secrets.token_bytes(_SECRET_BYTES)
    row = Shuffle(
        service_id=service.id,
        opens_at=opens_at,
        public_id=public_id,
        sealed_secret=context.keys.seal(secret, bound_to(public_id)),
        secret_hash=rules.hash_of(secret),
        committed_at=context.now,
    )
    session.add(row)
    session.flush()
    return row


def hold_line(
    session: Session, context: Context, service: ServiceView, opens_at: datetime, first: int
) -> None:
    """Have the order of a release draw that of the line as well, of the numbers after `first`."""
    lock_service(session, service.id)
    if rows.shuffle_of_line(session, opens_at) is None:
        committed(session, context, service, opens_at).line_first = first


def bind_line(session: Session, opens_at: datetime, last: int) -> None:
    """Bind with which number the line ends whose order an hour draws; from then on the secret may be told."""
    row = rows.shuffle_of_line(session, opens_at)
    if row is not None and row.line_last is None:
        row.line_last = last


def line_at(session: Session, context: Context, opens_at: datetime) -> Drawn | None:
    """Return the order of the line that an hour drew; None where it drew none."""
    row = rows.shuffle_of_line(session, opens_at)
    if row is None or row.line_first is None or row.line_last is None:
        return None
    bounds = rules.hash_of(rules.line_text(row.public_id, row.line_first, row.line_last))
    return Drawn(row.line_first, row.line_last, rules.seed_of(_secret(context, row), bounds, ""))


def decide(context: Context, row: Shuffle, lines: Iterable[str]) -> list[str]:
    """Bind the list of those in the room, and put it in order.

    Who comes to a list that is bound already (clocks of servers differ) is ordered by the same seed, behind it.
    """
    lines = sorted(lines)
    if row.seed is None:
        row.lines, row.list_hash = lines, rules.hash_of(_text(row, lines))
        row.seed, row.shuffled_at = rules.seed_of(_secret(context, row), row.list_hash, ""), context.now
    return rules.order_of(row.seed, lines)


def find(session: Session, context: Context, public_id: str) -> ShuffleView:
    """Show an order. Raises RuleBroken 404."""
    return _view(context, _row(session, public_id))


def of_release(
    session: Session, context: Context, service: ServiceView, opens_at: datetime
) -> ShuffleView | None:
    """Show the order of a release; None while its secret is not drawn."""
    row = rows.shuffle_at(session, service.id, opens_at)
    return _view(context, row) if row else None


def recent(session: Session, context: Context, most: int) -> list[ShuffleView]:
    """List the last orders of all services, the latest hour first."""
    return [_view(context, row) for row in rows.latest(session, most)]


def order_of(session: Session, public_id: str) -> list[str]:
    """List the entry numbers in their order; none before the hour. Raises RuleBroken 404."""
    row = _row(session, public_id)
    return rules.order_of(row.seed, row.lines or ()) if row.seed is not None else []


def document(session: Session, context: Context, public_id: str) -> dict[str, Any]:
    """Write what `draw.py` computes the order from, as that of a draw without places. Raises RuleBroken 404."""
    row = _row(session, public_id)
    said: dict[str, Any] = {
        "draw": row.public_id,
        "opens_at": row.opens_at.isoformat(),
        "committed_at": row.committed_at.isoformat(),
        "secret_hash": row.secret_hash.hex(),
    }
    if (secret := _told_secret(context, row)) is None:
        return said
    said["secret"] = secret
    if row.line_last is not None:
        said["line"] = {"first": row.line_first, "last": row.line_last}
    if row.seed is None or row.list_hash is None:
        return said
    lines = row.lines or []
    return said | {
        "list_hash": row.list_hash.hex(),
        "terms": Terms().as_json(),
        "applications": [[line, []] for line in lines],
        "public_number": "",
        "seed": row.seed.hex(),
        "order": rules.order_of(row.seed, lines),
        "given": {},
    }


def _view(context: Context, row: Shuffle) -> ShuffleView:
    return ShuffleView(
        row.public_id,
        row.service_id,
        row.opens_at,
        row.committed_at,
        row.shuffled_at,
        row.secret_hash.hex(),
        row.list_hash.hex() if row.list_hash else None,
        _told_secret(context, row),
        len(row.lines or ()),
        None if row.line_first is None or row.line_last is None else (row.line_first, row.line_last),
    )


def _told_secret(context: Context, row: Shuffle) -> str | None:
    """Return the secret once all is bound whose order it draws: while the line's end is open, it is kept."""
    is_open = row.line_first is not None and row.line_last is None
    if is_open and context.now < row.opens_at + _LINE_BOUND:
        return None
    return _secret(context, row).hex() if row.seed or row.line_last is not None else None


def _text(row: Shuffle, lines: Iterable[str]) -> bytes:
    return rules.list_text(row.public_id, row.secret_hash, Terms(), (Entry(line, ()) for line in lines))


def _row(session: Session, public_id: str) -> Shuffle:
    row = rows.shuffle_of(session, public_id)
    if row is None:
        raise not_found("shuffle")
    return row


def _secret(context: Context, row: Shuffle) -> bytes:
    return context.keys.open(row.sealed_secret, bound_to(row.public_id))


def bound_to(public_id: str) -> bytes:
    """Return what the secret of a shuffled room is sealed beside."""
    return b"shuffle " + public_id.encode()
