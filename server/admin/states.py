"""`admin states`: the page of the state machines (docs/states.md), written from the tables themselves."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from server.domain.booking import reservations
from server.domain.queue import tickets, visitor_steps
from wire.settings import ServerSettings

_INTRODUCTION = """\
# States

Written by `./numerek admin states > docs/states.md` from the tables in `server/domain`; a test holds that
this page is fresh. A status changes by these steps only; what is not here is refused with `not_allowed`.
"""
_TICKETS = """
A clerk may give a visitor up (`no-show`) only after `no_show_after_calls` calls, the first one included.
Beside this table a clerk takes back the step just made (`undo`), and a supervisor opens a finished ticket again
(`reopen`): it waits, and is called next.
"""
_VISITORS = """
A visitor takes these steps on the phone page. `pause` is given once a ticket, for ⚙ phone_pause_minutes; when it
is over, the ticket is `back` by itself. Only what its visitor paused comes `back`, nothing that a clerk parked.
`here` changes no state: the counter marks it, after a call or when somebody came back after a missed one.
"""
_RESERVATIONS = """
On the web a reservation is `held` until the code of the activation is typed; what another program books is
`booked` at once, or `pending` where the service asks for verification. `check_in` makes the ticket, in the same
transaction.

A reservation lapses at its instant without a kiosk. One that stood keeps its place, and only a manager reinstates
it (`./numerek admin reservation reinstate`). These lapsed before they stood, and the log has the reason:

| reason | was | its place |
|---|---|---|
| not_activated | held: no code in time, or five wrong ones | comes back later; lapsed for good |
| unanswered | pending: questions not answered in time | comes back later; lapsed for good |
| undecided | pending: the office said neither yes nor no before the hour | stays taken |
"""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command of this module."""
    states = commands.add_parser("states", help="print the page of the state machines (docs/states.md)")
    states.set_defaults(run=_print)


def page() -> str:
    """Write the page."""
    return (
        _INTRODUCTION
        + _section("Ticket", tickets.TRANSITIONS)
        + _TICKETS
        + _section("Ticket, by its visitor", visitor_steps.TRANSITIONS)
        + _VISITORS
        + _section("Reservation", reservations.TRANSITIONS)
        + _RESERVATIONS
    )


def _section(title: str, table: Mapping[Any, StrEnum]) -> str:
    steps = [(str(of), str(action), str(to)) for (of, action), to in table.items()]
    entered, left = {to for _, _, to in steps}, {of for of, _, _ in steps}
    drawn = [
        f"    [*] --> {state}" for state in dict.fromkeys(of for of, _, _ in steps) if state not in entered
    ]
    if not drawn:
        drawn = [f"    [*] --> {steps[0][0]}"]
    drawn += [f"    {of} --> {to}: {action}" for of, action, to in steps]
    drawn += [
        f"    {state} --> [*]" for state in dict.fromkeys(to for _, _, to in steps) if state not in left
    ]
    rows = [f"| {of} | {action} | {to} |" for of, action, to in steps]
    return "\n".join(
        [
            f"\n## {title}\n",
            *("```mermaid", "stateDiagram-v2", *drawn, "```\n"),
            *("| status | action | becomes |", "|---|---|---|", *rows, ""),
        ]
    )


def _print(_chosen: argparse.Namespace, _settings: ServerSettings) -> None:
    print(page(), end="")
