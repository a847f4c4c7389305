"""Which reservations look as if a program had made them, and why (rule 9): a hint for staff, never a verdict."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Trace:
    """How a reservation was made; block and agent are hashes that can only be compared."""

    reservation_id: int
    account_id: int | None
    block: bytes
    agent: bytes
    made_at: datetime
    fill_ms: int
    challenge_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Suspect:
    """A reservation with the reasons why it is looked at, and the sum of their weights."""

    reservation_id: int
    score: int
    reasons: tuple[str, ...]


WEIGHTS: Mapping[str, int] = MappingProxyType(
    {"too_fast": 3, "same_timing": 2, "many_accounts": 2, "same_block": 2, "same_agent": 1}
)
"""What each reason weighs. What many people share, or share by chance, says little: a score of 3 needs more."""

LEAST_FILL_MS = 3_000
"""Nobody reads and fills in a form in less (quality.md, Safe 2)."""
_BURST = timedelta(minutes=10)
_HOUR = timedelta(hours=1)
_OF_ONE_BLOCK = 6
_OF_ONE_AGENT = 20
_ACCOUNTS_OF_ONE_BLOCK = 4
_ALIKE_MS, _ALIKE = 25, 4


def suspects(traces: Iterable[Trace], least_score: int = 3) -> tuple[Suspect, ...]:
    """Return the suspicious ones of some reservations, the worst first.

    `too_fast`: filled in within 3 seconds; `same_timing`: with three others of the hour to within 25 ms;
    `many_accounts`: one of 4 accounts of one address block within an hour; `same_block`: one of 6 of an address
    block within 10 minutes; `same_agent`: one of 20 of the same browser within 10 minutes.
    """
    all_traces = sorted(traces, key=lambda trace: (trace.made_at, trace.reservation_id))
    reasons: dict[int, set[str]] = defaultdict(set)
    for trace in all_traces:
        if trace.fill_ms < LEAST_FILL_MS:
            reasons[trace.reservation_id].add("too_fast")
    for reason, found in (
        ("same_timing", _alike(all_traces)),
        ("many_accounts", _crowds(all_traces, _block, _HOUR, _ACCOUNTS_OF_ONE_BLOCK, by=_account)),
        ("same_block", _crowds(all_traces, _block, _BURST, _OF_ONE_BLOCK)),
        ("same_agent", _crowds(all_traces, _agent, _BURST, _OF_ONE_AGENT)),
    ):
        for reservation_id in found:
            reasons[reservation_id].add(reason)
    judged = [_suspect(each, why) for each, why in reasons.items()]
    worst_first = sorted(judged, key=lambda suspect: (-suspect.score, suspect.reservation_id))
    return tuple(suspect for suspect in worst_first if suspect.score >= least_score)


def _suspect(reservation_id: int, why: set[str]) -> Suspect:
    ordered = tuple(reason for reason in WEIGHTS if reason in why)
    return Suspect(reservation_id, sum(WEIGHTS[reason] for reason in ordered), ordered)


def _block(trace: Trace) -> bytes:
    return trace.block


def _agent(trace: Trace) -> bytes:
    return trace.agent


def _reservation(trace: Trace) -> int:
    return trace.reservation_id


def _account(trace: Trace) -> int | None:
    return trace.account_id


def _crowds(
    traces: Sequence[Trace],
    of: Callable[[Trace], Hashable],
    within: timedelta,
    most: int,
    *,
    by: Callable[[Trace], Hashable | None] = _reservation,
) -> set[int]:
    """Find traces of one origin among which, within a time, as many different ones are as `most`, or more."""
    windows: dict[Hashable, deque[Trace]] = defaultdict(deque)
    counts: dict[Hashable, Counter[Hashable]] = defaultdict(Counter)
    found: set[int] = set()
    for trace in traces:
        if by(trace) is None:
            continue
        origin = of(trace)
        window, count = windows[origin], counts[origin]
        window.append(trace)
        count[by(trace)] += 1
        while trace.made_at - window[0].made_at > within:
            gone = by(window.popleft())
            count[gone] -= 1
            if not count[gone]:
                del count[gone]
        if len(count) >= most:
            found |= _untold(window, found)
    return found


def _untold(window: deque[Trace], told: set[int]) -> set[int]:
    """Return the newest of a window until one that was told: before it all are."""
    fresh = set()
    for trace in reversed(window):
        if trace.reservation_id in told:
            break
        fresh.add(trace.reservation_id)
    return fresh


def _alike(traces: Sequence[Trace]) -> set[int]:
    """Find traces whose filling took the same time as that of others in the hour: people are never so even."""
    found: set[int] = set()
    by_hour: dict[datetime, list[Trace]] = defaultdict(list)
    for trace in traces:
        by_hour[trace.made_at.replace(minute=0, second=0, microsecond=0)].append(trace)
    for some in by_hour.values():
        ordered = sorted(some, key=lambda trace: trace.fill_ms)
        for place in range(len(ordered) - _ALIKE + 1):
            group = ordered[place : place + _ALIKE]
            if group[-1].fill_ms - group[0].fill_ms <= _ALIKE_MS:
                found |= {trace.reservation_id for trace in group}
    return found
