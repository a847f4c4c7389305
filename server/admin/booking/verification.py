"""`admin reservation pending | accept | reject`: visits that are verified before they stand (rule 12)."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from server.admin.failures import OperatorMistake
from server.admin.installation import opened
from server.admin.listing import print_columns
from server.services.booking import verification_decisions
from server.services.context import Context, RuleBroken
from wire.settings import ServerSettings

T = TypeVar("T")
_HEAD = ("id", "branch", "service", "appointment", "asked", "answered")
_WHY_NOT = {
    "not_found": "there is no such reservation.",
    "not_allowed": "only a pending reservation can be decided; this one is {state}.",
    "too_late": "nobody could check in for its hour in time any more.",
}


def add_to(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of this module to those of `admin reservation`."""
    pending = actions.add_parser(
        "pending",
        help="list what waits for a decision, or show one with its answers",
        description="List the reservations that wait for a decision, the nearest visit first. With an id: show "
        "who comes, how to reach them and what they answered.",
    )
    pending.add_argument("reservation", type=int, nargs="?", metavar="ID")
    pending.set_defaults(run=_pending)
    accept = actions.add_parser(
        "accept", help="let a pending reservation stand; its owner gets the confirmation"
    )
    accept.add_argument("reservation", type=int, metavar="ID")
    accept.set_defaults(run=_accept)
    reject = actions.add_parser("reject", help="reject a pending reservation; its owner is told")
    reject.add_argument("reservation", type=int, metavar="ID")
    reject.add_argument(
        "--reason", required=True, metavar="WORD", help="kept on record, such as wrong_service"
    )
    reject.set_defaults(run=_reject)


def read_reason(text: str) -> str:
    """Read a reason that is kept on record. Raises OperatorMistake."""
    if re.fullmatch(r"[a-z][a-z0-9_]{0,39}", text) is None:
        raise OperatorMistake("--reason is a word of small letters, digits and _, such as office_fault.")
    return text


def _pending(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    with opened(settings) as place:
        context = place.context()
        if chosen.reservation is None:
            found = place.store.read(lambda session: verification_decisions.pending(session, context))
            print_columns(_HEAD, [_line(each) for each in found])
            return
        shown = place.store.read(
            lambda session: _known(
                lambda: verification_decisions.answers_of(session, context, chosen.reservation)
            )
        )
    answers = [
        (question.label.get("pl") or question.key, verification_decisions.in_words(question, answer))
        for question, answer in shown.answers
    ]
    person = [(name, _in_words(value)) for name, value in shown.person.items() if value]
    print_columns(("what", "told"), [*person, *answers])


def _accept(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    _decide(
        settings, lambda session, context: verification_decisions.accept(session, context, chosen.reservation)
    )
    print(f"numerek: reservation {chosen.reservation} is booked; its owner gets the confirmation")


def _reject(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    reason = read_reason(chosen.reason)
    _decide(
        settings,
        lambda session, context: verification_decisions.reject(session, context, chosen.reservation, reason),
    )
    print(f"numerek: reservation {chosen.reservation} is rejected; its owner is told")


def _decide(settings: ServerSettings, decision: Callable[[Session, Context], None]) -> None:
    with opened(settings) as place:
        context = place.context()
        place.write(lambda session: _known(lambda: decision(session, context)))


def _known(work: Callable[[], T]) -> T:
    """Run a use case; what the rules forbid is told in a sentence. Raises OperatorMistake."""
    try:
        return work()
    except RuleBroken as broken:
        raise OperatorMistake(_WHY_NOT[broken.reason].format(**broken.facts)) from None


def _line(each: verification_decisions.Pending) -> tuple[object, ...]:
    zone = each.branch.policy.zone
    answered = _wall(each.answered_at, zone) or ("no" if each.asked_at else None)
    at = _wall(each.appointment_at, zone)
    asked = _wall(each.asked_at, zone)
    return each.reservation_id, each.branch.code, each.service.letter, at, asked, answered


def _wall(at: datetime | None, zone: ZoneInfo) -> str | None:
    return None if at is None else at.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _in_words(value: object) -> object:
    """Return children as names and years of birth, everything else as it is."""
    if isinstance(value, list):
        return ", ".join(f"{child['name']} ({child['birth_year']})" for child in value)
    return value
