"""What the console says of a file of visits that cannot be booked."""

from __future__ import annotations

from collections.abc import Mapping

from server.services.booking.visits_file import FileUnreadable, LineProblem, Wrong

_WORDS: Mapping[Wrong, str] = {
    Wrong.NOT_UTF8: "is not UTF-8 text: save it as CSV UTF-8.",
    Wrong.NOT_CSV: "this is not CSV: {told}.",
    Wrong.HOW_MANY: "1 to {most} lines are taken at once; here are {count}.",
    Wrong.UNKNOWN_COLUMN: "there is no column '{name}'; there are {known}.",
    Wrong.NEAR_COLUMN: "there is no column '{name}'; did you mean '{near}'?",
    Wrong.MISSING_COLUMN: "the column '{name}' is missing.",
    Wrong.UNKNOWN_BRANCH: "there is no branch '{name}'",
    Wrong.OTHER_BRANCH: "branch: {name} is expected",
    Wrong.UNKNOWN_SERVICE: "{branch} has no service '{name}'",
    Wrong.NO_HOUR: "appointment_at: '{name}' is no hour such as 2026-12-01 09:30",
    Wrong.SKIPPED_HOUR: "appointment_at: {name} is skipped that night",
    Wrong.HOUR_TWICE: "appointment_at: {name} comes twice that night: write it with its offset",
    Wrong.NO_IDENTITY: "birth_date or document is needed, so that one person can be told from another",
    Wrong.FIELD: "{field}: {told}",
    Wrong.OVER: "this hour is over",
    Wrong.NO_SUCH_SLOT: "there is no slot at this hour: `numerek admin slots add` opens some",
    Wrong.SLOT_FULL: "all places of this hour are taken",
    Wrong.ALREADY_BOOKED: "this person has another reservation for this service",
}


def words(problem: LineProblem | FileUnreadable) -> str:
    """Say what is wrong with a line or a file."""
    return _WORDS[problem.wrong].format(**problem.facts)
