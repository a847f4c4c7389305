"""`admin reservation`: visits booked elsewhere come in by a file; a manager decides what waits or lapsed."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.orm import Session

from server.admin.booking import verification
from server.admin.booking.import_words import words
from server.admin.failures import OperatorMistake
from server.admin.installation import opened
from server.admin.listing import private_file, write_csv
from server.services.booking import ending, integrators
from server.services.booking.importing import LinesRefused, book_all
from server.services.booking.visits_file import FileUnreadable, LineProblem, VisitLine, read_visits
from server.services.context import Context, RuleBroken
from server.services.queue.check_in import lookups
from server.store.queries.booking.reservations import by_code
from wire.codes import BookingCode, MalformedCode, parse_scan
from wire.settings import ServerSettings

_HEAD = ("line", "branch", "service", "appointment_at", "name", "code", "qr", "check_in_until", "status")
_SHOWN_PROBLEMS = 20


class ImportRefused(OperatorMistake):
    """Lines of a file cannot be booked; nothing was."""

    def __init__(self, file: Path, problems: Sequence[LineProblem]) -> None:
        lines = [f"  line {each.line}: {words(each)}" for each in problems[:_SHOWN_PROBLEMS]]
        if len(problems) > _SHOWN_PROBLEMS:
            lines.append(f"  … and {len(problems) - _SHOWN_PROBLEMS} more")
        super().__init__("\n".join([f"{file}: nothing was imported, because of:", *lines]))


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    reservation = commands.add_parser(
        "reservation", help="reservations: import, reinstate, remove, pending, accept, reject"
    )
    actions = reservation.add_subparsers(
        required=True, metavar="import | reinstate | remove | pending | accept | reject"
    )
    verification.add_to(actions)
    bring = actions.add_parser(
        "import",
        help="book the visits of a CSV file",
        description="Book the visits of a CSV file, all or none, and write their codes into another. Columns: "
        "branch, service, appointment_at, name, and birth_date or document; also language, email, phone. "
        "The same file again changes nothing.",
    )
    bring.add_argument("file", type=Path, metavar="FILE.csv")
    bring.add_argument(
        "--out", type=Path, metavar="FILE", help="where the codes go (default: FILE.codes.csv)"
    )
    bring.set_defaults(run=_import)
    again = actions.add_parser("reinstate", help="let a lapsed reservation stand until its day is over")
    again.add_argument("reservation", metavar="CODE|ID", help="the booking code, the QR's text or the id")
    again.add_argument("--reason", required=True, metavar="WORD", help="kept on record, such as office_fault")
    again.set_defaults(run=_reinstate)
    away = actions.add_parser(
        "remove",
        help="end a reservation that a program made or somebody traded",
        description="End a reservation that a program made or somebody traded. Its owner is told, and its "
        "evidence is held.",
    )
    away.add_argument("reservation", metavar="CODE|ID", help="the booking code, the QR's text or the id")
    away.add_argument("--reason", required=True, metavar="WORD", help="kept on record, such as automation")
    away.set_defaults(run=_remove)


def _import(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    out = chosen.out or chosen.file.with_suffix(".codes.csv")
    with opened(settings) as place:
        context = place.context()
        visits = _read(chosen.file, context)
        try:
            booked, new = place.write(lambda session: book_all(session, context, visits))
        except LinesRefused as refused:
            raise ImportRefused(chosen.file, refused.problems) from None
    with private_file(out) as file:
        write_csv(file, _HEAD, [_told(visit, each) for visit, each in zip(visits, booked, strict=True)])
    print(f"numerek: {new} booked, {len(visits) - new} were there already; their codes are in {out}")


def _read(file: Path, context: Context) -> list[VisitLine]:
    """Read a file all of whose lines can be booked. Raises OperatorMistake."""
    try:
        visits, problems = read_visits(file.read_bytes(), context)
    except FileUnreadable as unreadable:
        at = "" if unreadable.line is None else f", line {unreadable.line}"
        said = words(unreadable)
        colon = " " if said.startswith("is ") else ": "
        raise OperatorMistake(f"{file}{at}{colon}{said}") from None
    if problems:
        raise ImportRefused(file, problems)
    return visits


def _told(line: VisitLine, booked: integrators.Booked) -> tuple[object, ...]:
    """Write a line of the answer; hours are those of the branch's clock."""
    return (
        line.line,
        line.visit.branch,
        booked.service,
        booked.appointment_at.astimezone(line.zone).isoformat(timespec="minutes"),
        line.visit.person["name"],
        booked.code.shown if booked.code else None,
        booked.token.qr if booked.token else None,
        booked.check_in_until.astimezone(line.zone).isoformat(timespec="minutes"),
        booked.status,
    )


def _reinstate(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    reason = verification.read_reason(chosen.reason)
    with opened(settings) as place:
        context = place.context()

        def work(session: Session) -> integrators.Booked:
            row_id = _row_id(session, context, chosen.reservation)
            try:
                return integrators.reinstate(session, context, row_id, reason)
            except RuleBroken as broken:
                raise OperatorMistake(_why_not(broken)) from None

        booked = place.write(work)
    print(f"numerek: reservation {booked.id} stands again until its day is over")


def _remove(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    reason = verification.read_reason(chosen.reason)
    with opened(settings) as place:
        context = place.context()

        def work(session: Session) -> int:
            row_id = _row_id(session, context, chosen.reservation)
            try:
                ending.remove(session, context, row_id, reason)
            except RuleBroken as broken:
                raise OperatorMistake(_why_not_removed(broken)) from None
            return row_id

        row_id = place.write(work)
    print(f"numerek: reservation {row_id} is removed; its owner is told, its evidence is held")


def _row_id(session: Session, context: Context, text: str) -> int:
    """Read a booking code, a QR's text or an id. Raises OperatorMistake."""
    try:
        code = parse_scan(text)
    except MalformedCode:
        if not text.isascii() or not text.isdigit() or len(text) > 18:
            raise OperatorMistake(f"'{text}' is neither a booking code nor an id.") from None
        return int(text)
    row = by_code(session, lookups(context, code), scanned=not isinstance(code, BookingCode))
    if row is None:
        raise OperatorMistake("there is no reservation with this code.")
    return row.id


def _why_not(broken: RuleBroken) -> str:
    return {
        "not_found": "there is no such reservation.",
        "not_allowed": f"only a lapsed reservation can be reinstated; this one is {broken.facts.get('state')}.",
        "day_over": "the day of this reservation is over.",
        "already_booked": "this person has another reservation for this service by now.",
    }[broken.reason]


def _why_not_removed(broken: RuleBroken) -> str:
    if broken.reason == "not_allowed":
        return f"only a reservation that stands can be removed; this one is {broken.facts.get('state')}."
    return "there is no such reservation."
