"""`admin draw`: draws of places as they stand, and the public number that decides one."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from server.admin.failures import OperatorMistake
from server.admin.installation import Installation, branch_of, opened, service_of
from server.admin.listing import print_columns
from server.services.context import Context
from server.services.release import publication
from server.services.release.allocation import give_all
from server.services.release.draws import close_draws, open_draws, set_number
from server.services.release.publication import DrawView
from wire.settings import ServerSettings

T = TypeVar("T")
_MOST = 50


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    draw = commands.add_parser("draw", help="draws of places: list, show, number, run")
    actions = draw.add_subparsers(required=True, metavar="list | show | number | run")
    every = actions.add_parser("list", help="the last draws, newest first, and what each waits for")
    every.add_argument("--branch", metavar="CODE")
    every.add_argument("--service", metavar="LETTER")
    every.set_defaults(run=_list)
    show = actions.add_parser("show", help="a draw as it is published")
    show.add_argument("draw", metavar="ID", help="as `draw list` shows it")
    show.add_argument("--json", action="store_true", help="print draw.json, for our script or another")
    show.set_defaults(run=_show)
    number = actions.add_parser(
        "number",
        help="enter the public number that decides a draw, once",
        description="Enter the public number that was named before, after the list is closed. It is published, "
        "and cannot be entered again.",
    )
    number.add_argument("draw", metavar="ID", help="as `draw list` shows it")
    number.add_argument("number", metavar="TEXT", help="exactly as it was published, in quotes")
    number.set_defaults(run=_number)
    run = actions.add_parser("run", help="open, close and give now what the server would within seconds")
    run.set_defaults(run=_run)


def _list(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    if bool(chosen.branch) != bool(chosen.service):
        raise OperatorMistake("--branch and --service go together: both or none.")
    with opened(settings) as place:
        context = place.context()
        wanted = service_of(branch_of(context, chosen.branch), chosen.service) if chosen.branch else None
        draws = place.store.read(
            lambda session: publication.recent(session, context, wanted.id if wanted else None, _MOST)
        )
    head = (
        "draw",
        "branch",
        "service",
        "state",
        "open from",
        "until",
        "first day",
        "last day",
        "applied",
        "places",
    )
    print_columns(head, [_row(context, draw) for draw in draws])


def _row(context: Context, draw: DrawView) -> tuple[object, ...]:
    service = context.office.services[draw.service_id]
    branch = context.branch(service.branch_id)
    times = (_at(each, branch.policy.zone) for each in (draw.opens_at, draw.closes_at))
    state = draw.state.replace("_", " ")
    return (
        *(draw.public_id, branch.code, service.letter, state, *times, draw.first_day, draw.last_day),
        *(draw.applications, draw.places),
    )


def _show(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    with opened(settings) as place:
        if chosen.json:
            document = _read(
                place, lambda session, context: publication.document(session, context, chosen.draw)
            )
            json.dump(document, sys.stdout, ensure_ascii=False, indent=1)
            print()
            return
        draw = _read(place, lambda session, context: publication.find(session, context, chosen.draw))
    told = {
        "state": draw.state.replace("_", " "),
        "applications": draw.applications,
        "places": draw.places,
        "hash of the secret": draw.secret_hash,
        "hash of the list": draw.list_hash,
        "the number that decides": draw.number_words.get("en") or draw.number_words.get("pl"),
        "public number": draw.public_number,
        "secret": draw.secret,
        "seed": draw.seed,
    }
    print_columns(("what", "value"), list(told.items()))


def _number(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    with opened(settings) as place:
        context = place.context()
        place.write(lambda session: set_number(session, context, chosen.draw, chosen.number))
    print(f"numerek: draw {chosen.draw} is decided; its places are given within seconds by the server")


def _run(_chosen: argparse.Namespace, settings: ServerSettings) -> None:
    with opened(settings) as place:
        context = place.context()
        done = {
            "opened": open_draws(place.store, context),
            "closed": close_draws(place.store, context),
            "given": give_all(place.store, context),
        }
    print("numerek: draws " + ", ".join(f"{word}: {count}" for word, count in done.items()))


def _read(place: Installation, work: Callable[[Session, Context], T]) -> T:
    context = place.context()
    return place.store.read(lambda session: work(session, context))


def _at(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
