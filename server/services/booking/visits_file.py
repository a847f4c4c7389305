"""Reads visits booked elsewhere from a CSV file, and says of each line what is wrong with it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import get_close_matches
from enum import StrEnum
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


class Wrong(StrEnum):
    """What can be wrong with a file or with a line of it: a code, whose words are the reader's."""

    NOT_UTF8 = "not_utf8"
    NOT_CSV = "not_csv"
    HOW_MANY = "how_many"
    UNKNOWN_COLUMN = "unknown_column"
    NEAR_COLUMN = "near_column"
    MISSING_COLUMN = "missing_column"
    UNKNOWN_BRANCH = "unknown_branch"
    OTHER_BRANCH = "other_branch"
    UNKNOWN_SERVICE = "unknown_service"
    NO_HOUR = "no_hour"
    SKIPPED_HOUR = "skipped_hour"
    HOUR_TWICE = "hour_twice"
    NO_IDENTITY = "no_identity"
    FIELD = "field"
    OVER = "over"
    NO_SUCH_SLOT = "no_such_slot"
    SLOT_FULL = "slot_full"
    ALREADY_BOOKED = "already_booked"


class FileUnreadable(Exception):
    """A file cannot be read as a whole: why, with its facts, and at which line (None: all of it)."""

    def __init__(self, wrong: Wrong, line: int | None = None, **facts: object) -> None:
        super().__init__(wrong)
        self.wrong, self.line, self.facts = wrong, line, facts


class LineUnreadable(Exception):
    """A line cannot be read: why, with its facts."""

    def __init__(self, wrong: Wrong, **facts: object) -> None:
        super().__init__(wrong)
        self.wrong, self.facts = wrong, facts


@dataclass(frozen=True, slots=True)
class LineProblem:
    """What is wrong with a line of the file."""

    line: int
    wrong: Wrong
    facts: Mapping[str, object] = field(default_factory=dict)


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
            told = {"field": first["loc"][-1], "kind": first["type"], "told": str(first["msg"]).lower()}
            problems.append(LineProblem(line, Wrong.FIELD, told))
        except LineUnreadable as error:
            problems.append(LineProblem(line, error.wrong, error.facts))
    return visits, problems


def _rows(file: bytes) -> list[tuple[int, dict[str, str]]]:
    try:
        text = file.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileUnreadable(Wrong.NOT_UTF8) from None
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
        raise FileUnreadable(Wrong.NOT_CSV, reader.line_num, told=str(error)) from None
    if not 1 <= len(rows) <= MOST_LINES:
        raise FileUnreadable(Wrong.HOW_MANY, most=MOST_LINES, count=len(rows))
    return rows


def _check_columns(names: list[str]) -> None:
    known = (*NEEDED, *OPTIONAL)
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            if near:
                raise FileUnreadable(Wrong.NEAR_COLUMN, 1, name=name, near=near[0])
            raise FileUnreadable(Wrong.UNKNOWN_COLUMN, 1, name=name, known=", ".join(known))
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise FileUnreadable(Wrong.MISSING_COLUMN, 1, name=missing[0])


def _visit(line: int, row: dict[str, str], context: Context) -> VisitLine:
    """Make a visit of a line. Raises LineUnreadable, or pydantic's ValidationError."""
    branch = context.office.branch_named(row["branch"])
    if branch is None:
        raise LineUnreadable(Wrong.UNKNOWN_BRANCH, name=row["branch"])
    service = branch.services.get(row["service"])
    if service is None:
        raise LineUnreadable(Wrong.UNKNOWN_SERVICE, branch=branch.code, name=row["service"])
    at = _instant(row["appointment_at"], branch.policy.zone)
    said = {name: row[name] for name in ("name", *OPTIONAL) if row.get(name)}
    asked = ReservationRequest.model_validate(
        {"branch": branch.code, "service": service.letter, "appointment_at": at, "applicant": said}
    )
    applicant = asked.applicant
    identity = identity_of(applicant.name, applicant.birth_date, applicant.document)
    if not identity:
        raise LineUnreadable(Wrong.NO_IDENTITY)
    person = applicant.model_dump(mode="json", exclude_none=True) | {"children": []}
    visit = Visit(branch.code, service.letter, asked.appointment_at, applicant.language, person, identity)
    return VisitLine(line, visit, service.id, branch.policy.zone)


def _instant(text: str, zone: ZoneInfo) -> datetime:
    """Read an instant with its offset, or an hour of the branch's clock that this clock shows exactly once."""
    try:
        at = datetime.fromisoformat(text if len(text) > len("2026-12-01") else "")
    except ValueError:
        raise LineUnreadable(Wrong.NO_HOUR, name=text) from None
    if at.tzinfo is not None:
        return at.astimezone(UTC)
    local = at.replace(tzinfo=zone)
    instants = {local.replace(fold=fold).astimezone(UTC) for fold in (0, 1)}
    (first, *more) = sorted(instants)
    if not more:
        return first
    skipped = first.astimezone(zone).replace(tzinfo=None) != at
    raise LineUnreadable(Wrong.SKIPPED_HOUR if skipped else Wrong.HOUR_TWICE, name=text)
