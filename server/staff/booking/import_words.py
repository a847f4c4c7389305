"""What the page says of a file of visits that cannot be booked."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.services.booking.visits_file import FileUnreadable, LineProblem, Wrong

_WORDS: Mapping[Wrong, object] = {
    Wrong.NOT_UTF8: _l("The file is not UTF-8 text. Save it as CSV UTF-8."),
    Wrong.NOT_CSV: _l("This line is not CSV."),
    Wrong.HOW_MANY: _l("A file may have 1 to %(most)s lines; this one has %(count)s."),
    Wrong.UNKNOWN_COLUMN: _l("There is no column “%(name)s”. There are: %(known)s."),
    Wrong.NEAR_COLUMN: _l("There is no column “%(name)s”. Did you mean “%(near)s”?"),
    Wrong.MISSING_COLUMN: _l("The column “%(name)s” is missing."),
    Wrong.UNKNOWN_BRANCH: _l("There is no branch “%(name)s”."),
    Wrong.OTHER_BRANCH: _l("The branch must be %(name)s here."),
    Wrong.UNKNOWN_SERVICE: _l("The branch %(branch)s has no service “%(name)s”."),
    Wrong.NO_HOUR: _l("“%(name)s” is no hour such as 2026-12-01 09:30."),
    Wrong.SKIPPED_HOUR: _l("%(name)s is skipped by the clock that night."),
    Wrong.HOUR_TWICE: _l("%(name)s comes twice that night. Write it with its offset, such as +01:00."),
    Wrong.NO_IDENTITY: _l("A date of birth or a document number is needed to tell people apart."),
    Wrong.OVER: _l("This hour is over."),
    Wrong.NO_SUCH_SLOT: _l("There are no visits at this hour."),
    Wrong.SLOT_FULL: _l("All places of this hour are taken."),
    Wrong.ALREADY_BOOKED: _l("This person has another reservation for this service."),
}


def words(problem: LineProblem | FileUnreadable) -> str:
    """Say what is wrong with a line or a file, in the page's language."""
    if problem.wrong is Wrong.FIELD:
        is_missing = problem.facts.get("kind") == "missing"
        said = _("“%(field)s” is empty.") if is_missing else _("“%(field)s” cannot be read.")
    else:
        said = str(_WORDS[problem.wrong])
    return said % problem.facts
