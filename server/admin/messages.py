"""`admin messages`: what the outbox could not send, with the reason; tried again, or let go."""

from __future__ import annotations

import argparse

from server.admin.failures import OperatorMistake
from server.admin.installation import opened
from server.admin.listing import print_columns
from server.services.context import RuleBroken
from server.services.messages.dead_letters import ASIDE, let_go, retry
from server.store.queries import messages as rows
from wire.settings import ServerSettings
from wire.vocabulary import MessageStatus

_MOST = 200
_HEAD = ("id", "kind", "channel", "state", "tries", "problem", "since", "reservation", "account")


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    messages = commands.add_parser("messages", help="letters and SMS that were set aside: list, retry, drop")
    actions = messages.add_subparsers(required=True, metavar="list | show-counts | retry | drop")
    show = actions.add_parser("list", help="those that staff must look at, or those in one state")
    show.add_argument(
        "--state", choices=[str(state) for state in MessageStatus], help="default: failed and unknown"
    )
    show.set_defaults(run=_list)
    counts = actions.add_parser("show-counts", help="how many there are by channel and state")
    counts.set_defaults(run=_counts)
    again = actions.add_parser("retry", help="send one again, with all its tries")
    again.add_argument("id", type=int, metavar="ID", help="as `messages list` shows it")
    again.add_argument(
        "--although-unclear",
        action="store_true",
        help="also one in the state unknown: its reader may have it already, and then gets it twice",
    )
    again.set_defaults(run=_retry)
    drop = actions.add_parser("drop", help="let one go unsent, and erase what it held")
    drop.add_argument("id", type=int, metavar="ID", help="as `messages list` shows it")
    drop.set_defaults(run=_drop)


def _list(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    states = ASIDE if chosen.state is None else (chosen.state,)
    with opened(settings) as place:
        found = place.store.read(lambda session: rows.listed(session, states, _MOST))
    print_columns(_HEAD, [_shown(row) for row in found])
    if len(found) == _MOST:
        print(f"… the latest {_MOST} only")


def _shown(row: rows.Row) -> tuple[object, ...]:
    since = f"{row.made_at:%Y-%m-%d %H:%M}Z"
    return (
        *(row.id, row.kind, row.channel, row.status, row.attempts, row.problem, since),
        *(row.reservation_id, row.account_id),
    )


def _counts(_chosen: argparse.Namespace, settings: ServerSettings) -> None:
    with opened(settings) as place:
        found = place.store.read(rows.counts)
    told = [(channel, state, count, f"{oldest:%Y-%m-%d %H:%M}Z") for channel, state, count, oldest in found]
    print_columns(("channel", "state", "messages", "oldest"), told)


def _retry(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    with opened(settings) as place:
        context = place.context()
        try:
            place.write(
                lambda session: retry(session, context, chosen.id, although_unclear=chosen.although_unclear)
            )
        except RuleBroken as broken:
            raise OperatorMistake(_why_not(broken)) from None
    print(f"numerek: message {chosen.id} is sent again")


def _drop(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    with opened(settings) as place:
        context = place.context()
        try:
            place.write(lambda session: let_go(session, context, chosen.id))
        except RuleBroken as broken:
            raise OperatorMistake(_why_not(broken)) from None
    print(f"numerek: message {chosen.id} is not sent, and what it held is erased")


def _why_not(broken: RuleBroken) -> str:
    state = broken.facts.get("state")
    return {
        "not_found": "there is no such message.",
        "not_set_aside": f"only what was set aside is looked after here; this message is {state}.",
        "erased": "what it held is erased by now: there is nothing to send.",
        "unclear": "its reader may have this message already: ask, or add --although-unclear.",
        "expired": "the time in which this message was of use is over: drop it.",
    }[broken.reason]
