"""Visits booked elsewhere come in by a file: all of them or none, and the same file again changes nothing."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from server.services.booking import integrators, one_per_person
from server.services.booking.visits_file import LineProblem, VisitLine, Wrong
from server.services.context import Context
from server.store.queries.booking import reservations as rows


class LinesRefused(Exception):
    """Lines of a file cannot be booked; nothing was."""

    def __init__(self, problems: Sequence[LineProblem]) -> None:
        super().__init__(f"{len(problems)} lines")
        self.problems = tuple(problems)


def book_all(
    session: Session, context: Context, visits: Sequence[VisitLine]
) -> tuple[list[integrators.Booked], int]:
    """Book every line or none; return what stands, and how much of it is new.

    Raises LinesRefused, so that the transaction takes back what was done for the other lines.
    """
    done, new = [], 0
    problems = []
    for visit in visits:
        there = _there_already(session, context, visit)
        if there is not None:
            done.append(there)
            continue
        answer = integrators.book(session, context, visit.visit)
        if isinstance(answer, integrators.Booked):
            done.append(answer)
            new += 1
        else:
            is_over = visit.visit.appointment_at <= context.now
            problems.append(LineProblem(visit.line, Wrong.OVER if is_over else Wrong(answer.reason)))
    if problems:
        raise LinesRefused(problems)
    return done, new


def _there_already(session: Session, context: Context, line: VisitLine) -> integrators.Booked | None:
    """Find what an earlier import made of this line, whatever has become of it since."""
    identity, rules = line.visit.identity, context.office.services[line.service_id].policy.booking
    marks = one_per_person.marks_of(context.keys, rules, identity, None, None)
    row_id = rows.made_for(session, line.service_id, line.visit.appointment_at, marks)
    return None if row_id is None else integrators.booked(session, context, row_id)
