"""Reads visits booked elsewhere from a CSV file, and says of each line what is wrong with it."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from server.domain.booking.people import identity_of
from server.services.booking.integrators import Visit
from server.services.context import Context
from wire.messages import ReservationRequest

NEEDED = ("branch", "service", "appointment_at", "name")
OPTIONAL = ("birth_date", "document", "language", "email", "phone")
# One transaction holds the database for all of them, beside a server whose visitors wait.
MOST_LINES = 500


class FileUnreadable(Exception):
    """A file cannot be read as a whole: why, and at which line (None: all of it)."""

    def __init__(self, problem: str, line: int | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.line = line


@dataclass(frozen=True, slots=True)
class LineProblem:
    """What is wrong with a line of the file."""

    line: int
    problem: str


@dataclass(frozen=True, slots=True)
class VisitLine:
    """A line of the file that can be booked."""

    line: int
    visit: Visit
    service_id: int
    zone: ZoneInfo


def read_visits(file: bytes, context: Context) -> tuple[list[VisitLine], list[LineProblem]]:
    """Read all lines: those that can be booked, and the problems of the others.

    Raises FileUnreadable when the file as a whole cannot be read.
    """
    rows = _rows(file)
    visits: list[VisitLine] = []
    problems: list[LineProblem] = []
    for line, row in rows:
        try:
            visits.append(_visit(line, row, context))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            problems.append(LineProblem(line, f"{first['loc'][-1]}: {str(first['msg']).lower()}"))
        except ValueError as error:
            problems.append(LineProblem(line, str(error)))
    return visits, problems


def _rows(file: bytes) -> list[tuple[int, dict[str, str]]]:
    try:
        text = file.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileUnreadable("is not UTF-8 text: save it as CSV UTF-8.") from None
    head = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in head else ",", strict=True)
    try:
        _check_columns([name.strip() for name in reader.fieldnames or ()])
        rows = [
            (reader.line_num, {str(name).strip(): (cell or "").strip() for name, cell in row.items() if name})
            for row in reader
            if any(row.values())
        ]
    except csv.Error as error:
        raise FileUnreadable(f"this is not CSV: {error}.", reader.line_num) from None
    if not 1 <= len(rows) <= MOST_LINES:
        raise FileUnreadable(f"1 to {MOST_LINES} lines are taken at once; here are {len(rows)}.")
    return rows


def _check_columns(names: list[str]) -> None:
    known = (*NEEDED, *OPTIONAL)
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            meant = f"; did you mean '{near[0]}'?" if near else f"; there are {', '.join(known)}."
            raise FileUnreadable(f"there is no column '{name}'{meant}", 1)
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise FileUnreadable(f"the column '{missing[0]}' is missing.", 1)


def _visit(line: int, row: dict[str, str], context: Context) -> VisitLine:
    """Make a visit of a line. Raises ValueError, or pydantic's ValidationError."""
    branch = context.office.branch_named(row["branch"])
    if branch is None:
        raise ValueError(f"there is no branch '{row['branch']}'")
    service = branch.services.get(row["service"])
    if service is None:
        raise ValueError(f"{branch.code} has no service '{row['service']}'")
    at = _instant(row["appointment_at"], branch.policy.zone)
    said = {name: row[name] for name in ("name", *OPTIONAL) if row.get(name)}
    asked = ReservationRequest.model_validate(
        {"branch": branch.code, "service": service.letter, "appointment_at": at, "applicant": said}
    )
    applicant = asked.applicant
    identity = identity_of(applicant.name, applicant.birth_date, applicant.document)
    if not identity:
        raise ValueError("birth_date or document is needed, so that one person can be told from another")
    person = applicant.model_dump(mode="json", exclude_none=True) | {"children": []}
    visit = Visit(branch.code, service.letter, asked.appointment_at, applicant.language, person, identity)
    return VisitLine(line, visit, service.id, branch.policy.zone)


def _instant(text: str, zone: ZoneInfo) -> datetime:
    """Read an instant with its offset, or an hour of the branch's clock that this clock shows exactly once."""
    try:
        at = datetime.fromisoformat(text if len(text) > len("2026-12-01") else "")
    except ValueError:
        raise ValueError(f"appointment_at: '{text}' is no hour such as 2026-12-01 09:30") from None
    if at.tzinfo is not None:
        return at.astimezone(UTC)
    local = at.replace(tzinfo=zone)
    instants = {local.replace(fold=fold).astimezone(UTC) for fold in (0, 1)}
    (first, *more) = sorted(instants)
    if not more:
        return first
    skipped = first.astimezone(zone).replace(tzinfo=None) != at
    why = "is skipped that night" if skipped else "comes twice that night: write it with its offset"
    raise ValueError(f"appointment_at: {text} {why}")
