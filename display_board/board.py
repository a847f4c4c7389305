"""What a board shows and announces, from snapshots, facts and the passing of time; pure.

Each call is announced once, in the order of the feed. A call is announced when this board did not announce
it before (told from the ids it remembers, also over a restart) and when it is fresh: a call older than
FRESH_FOR was made while nobody could be told, and would only send people to a counter that has gone on.
It is still listed. A call that was taken back before its turn is neither announced nor listed.

Facts change what is shown; a snapshot is taken at the start, after a gap, where a fact does not tell enough
(display_board.lines), and on a slow beat, since the order of a line changes with time too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from display_board.lines import OVER, after_fact
from wire.messages import BoardCall, BoardLine, BoardSnapshot, FactData
from wire.vocabulary import FactType

FRESH_FOR = timedelta(minutes=2)
SAME_INSTANT = timedelta(seconds=2)
SHOW_SECONDS = 5.0
SHOW_SECONDS_IN_A_RUSH = 3.5
RUSH = 3
# All boards look in the same seconds, so that they share what the server then works out. It is no setting: a
# board with a beat of its own would look alone, and what matters comes by the facts at once.
BEAT_SECONDS = 15
LINGER = timedelta(minutes=3)
SIGN_AFTER_SECONDS = 5.0
RECENT_KEPT = 30
REMEMBERED = 400

CALLS = frozenset({FactType.TICKET_CALLED, FactType.TICKET_RECALLED})
TAKEN_BACK = frozenset({FactType.TICKET_PUT_BACK, FactType.TICKET_WITHDRAWN, FactType.TICKET_TRANSFERRED})


@dataclass(frozen=True)
class Moment:
    """When an event comes: `at` in monotonic seconds for lengths, `now` by the server for ages."""

    at: float
    now: datetime


@dataclass(frozen=True)
class SnapshotTaken:
    """A snapshot came; `anew` when the stream starts from it, so that even an older one counts."""

    snapshot: BoardSnapshot
    anew: bool = False


@dataclass(frozen=True)
class FactHeard:
    """A fact of the feed came under its feed number."""

    number: int
    type: str
    data: FactData


@dataclass(frozen=True)
class LineUp:
    """The stream is open."""


@dataclass(frozen=True)
class LineDown:
    """The stream broke, or the server cannot be reached; nothing was heard for some seconds before."""

    silent_seconds: float = 0.0


@dataclass(frozen=True)
class HallCodeChanged:
    """Phones open another address to take a ticket without paper; there is none while it is empty."""

    address: str


@dataclass(frozen=True)
class Tick:
    """Time passed."""


Event = SnapshotTaken | FactHeard | LineUp | LineDown | HallCodeChanged | Tick


@dataclass(frozen=True)
class Announce:
    """Chime for this call, and speak it; remember its id first."""

    call: BoardCall


@dataclass(frozen=True)
class LookAgain:
    """Take a snapshot soon: a fact did not tell enough, or the beat is there."""


Effect = Announce | LookAgain


@dataclass(frozen=True)
class Announced:
    """What is remembered of a call that was announced."""

    id: int
    called_at: datetime


@dataclass(frozen=True)
class Board:
    """All that a board knows; `shown_at` is None when the shown call was announced by an earlier run.

    `beat` counts the beats of the server's clock; in each of them one snapshot is taken.
    """

    announced: tuple[Announced, ...] = ()
    snapshot: BoardSnapshot | None = None
    as_of: int = -1
    beat: int = -1
    recent: tuple[BoardCall, ...] = ()
    waiting: tuple[BoardLine, ...] = ()
    queue: tuple[BoardCall, ...] = ()
    shown: BoardCall | None = None
    shown_at: float | None = None
    down_at: float | None = None
    has_sign: bool = False
    hall_code: str = ""


def advance(board: Board, event: Event, moment: Moment) -> tuple[Board, list[Effect]]:
    """Take one event; give the board after it and what is to be done, in order."""
    effects: list[Effect] = []
    if isinstance(event, SnapshotTaken):
        board = _take_snapshot(board, event, moment, effects)
    elif isinstance(event, FactHeard):
        board = _take_fact(board, event, moment, effects)
    elif isinstance(event, LineUp):
        board = replace(board, down_at=None, has_sign=False)
    elif isinstance(event, LineDown) and board.down_at is None:
        board = replace(board, down_at=moment.at - event.silent_seconds)
    elif isinstance(event, HallCodeChanged):
        board = replace(board, hall_code=event.address)
    return _pass_time(board, moment, effects), effects


def _take_snapshot(board: Board, event: SnapshotTaken, moment: Moment, effects: list[Effect]) -> Board:
    snapshot = event.snapshot
    if snapshot.as_of < board.as_of and not event.anew:
        effects.append(LookAgain())
        return board
    calls = tuple(snapshot.called)
    over = {call.id for call in calls if not call.active}
    queue = tuple(call for call in board.queue if call.id not in over)
    fresh = [call for call in reversed(calls) if call.active and _is_due(board, queue, call, moment)]
    queue += tuple(fresh)
    # A ticket that was put back into a line waits there again, and is not listed before its turn.
    hidden = {number for line in snapshot.waiting for number in line.numbers} | {
        call.number for call in queue
    }
    board = replace(
        board,
        snapshot=snapshot,
        as_of=snapshot.as_of,
        beat=_beat(moment),
        waiting=tuple(snapshot.waiting),
        queue=queue,
        recent=tuple(call for call in calls if call.number not in hidden)[:RECENT_KEPT],
    )
    return _choose_shown(board, event, moment)


def _choose_shown(board: Board, event: SnapshotTaken, moment: Moment) -> Board:
    """Keep the shown call, unless a new beginning does not know it: then the newest stands there, in silence."""
    shown = board.shown
    if shown and (not event.anew or shown.number in {call.number for call in event.snapshot.called}):
        return board
    newest = next((call for call in board.recent if call.active and not _is_stale(call, moment)), None)
    return replace(board, shown=newest, shown_at=None)


def _is_stale(call: BoardCall, moment: Moment) -> bool:
    return moment.now - call.called_at >= LINGER


def _is_due(board: Board, queue: Iterable[BoardCall], call: BoardCall, moment: Moment) -> bool:
    if moment.now - call.called_at > FRESH_FOR or any(call.id == other.id for other in queue):
        return False
    return not any(_is_same(call, announced) for announced in board.announced)


def _is_same(call: BoardCall, announced: Announced) -> bool:
    # Ids begin again at 1 in a new database (a demo started afresh): the instant tells them apart.
    return call.id == announced.id and abs(call.called_at - announced.called_at) < SAME_INSTANT


def _take_fact(board: Board, event: FactHeard, moment: Moment, effects: list[Effect]) -> Board:
    if event.number <= board.as_of:
        return board
    waiting = after_fact(board.waiting, event.type, event.data)
    is_incomplete = event.type in CALLS and None in (event.data.call, event.data.counter, event.data.number)
    if waiting is None or is_incomplete or _uncovers_another(board, event):
        effects.append(LookAgain())
    board = replace(board, as_of=event.number, waiting=board.waiting if waiting is None else waiting)
    if event.data.number is None:
        return board
    if event.type in CALLS:
        return _take_call(board, event.data, moment)
    if event.type in TAKEN_BACK:
        return _forget(board, event.data.number)
    return _end(board, event.data.number) if event.type in OVER else board


def _uncovers_another(board: Board, event: FactHeard) -> bool:
    """Say whether a listed call goes, so that an older one may come into sight that this board never had."""
    return event.type in TAKEN_BACK and any(call.number == event.data.number for call in board.recent)


def _take_call(board: Board, data: FactData, moment: Moment) -> Board:
    if data.call is None or data.counter is None or data.number is None:
        return board
    call = BoardCall(
        id=data.call,
        number=data.number,
        counter=data.counter,
        called_at=data.at,
        language=data.language or "pl",
        active=True,
    )
    if _is_due(board, board.queue, call, moment):
        return replace(board, queue=(*board.queue, call))
    if any(call.id == other.id for other in (*board.queue, *board.recent)):
        return board
    return replace(board, recent=_listed(board.recent, call))


def _listed(recent: tuple[BoardCall, ...], *calls: BoardCall) -> tuple[BoardCall, ...]:
    """List calls without announcing them: the newest first, each number once."""
    newest: dict[str, BoardCall] = {}
    for call in sorted((*recent, *calls), key=lambda call: call.id, reverse=True):
        newest.setdefault(call.number, call)
    return tuple(newest.values())[:RECENT_KEPT]


def _end(board: Board, number: str) -> Board:
    """Let a call be over: it loses its turn if it still waits for one, and is listed only."""
    over = {"active": False}
    ended = [call.model_copy(update=over) for call in board.queue if call.number == number]
    recent = tuple(call.model_copy(update=over) if call.number == number else call for call in board.recent)
    return replace(
        board,
        queue=tuple(call for call in board.queue if call.number != number),
        recent=_listed(recent, *ended) if ended else recent,
    )


def _forget(board: Board, number: str) -> Board:
    shown = None if board.shown and board.shown.number == number else board.shown
    return replace(
        board,
        queue=tuple(call for call in board.queue if call.number != number),
        recent=tuple(call for call in board.recent if call.number != number),
        shown=shown,
    )


def _pass_time(board: Board, moment: Moment, effects: list[Effect]) -> Board:
    since = None if board.shown_at is None else moment.at - board.shown_at
    enough = SHOW_SECONDS_IN_A_RUSH if len(board.queue) >= RUSH else SHOW_SECONDS
    if board.queue and (since is None or since >= enough or board.shown is None):
        board = _announce(board, moment, effects)
    elif board.shown and _is_stale(board.shown, moment) and (since is None or since >= enough):
        board = replace(board, shown=None, shown_at=None)
    if board.down_at is not None and moment.at - board.down_at >= SIGN_AFTER_SECONDS:
        board = replace(board, has_sign=True)
    if board.snapshot and board.down_at is None and board.beat != _beat(moment):
        effects.append(LookAgain())
        board = replace(board, beat=_beat(moment))
    return board


def _beat(moment: Moment) -> int:
    return int(moment.now.timestamp() // BEAT_SECONDS)


def _announce(board: Board, moment: Moment, effects: list[Effect]) -> Board:
    call, *rest = board.queue
    effects.append(Announce(call))
    remembered = (*board.announced, Announced(call.id, call.called_at))[-REMEMBERED:]
    others = tuple(other for other in board.recent if other.number != call.number)
    return replace(
        board,
        queue=tuple(rest),
        announced=remembered,
        recent=(call, *others)[:RECENT_KEPT],
        shown=call,
        shown_at=moment.at,
    )
