"""How the pages speak of the wording of messages: the parts, the fields, and what a text has wrong."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.domain.messages.wording import MOST_SMS_PARTS, Mistake, Part, WordingError

PARTS: dict[Part, object] = {
    Part.SUBJECT: _l("Subject of the letter"),
    Part.BODY: _l("Text of the letter"),
    Part.SMS: _l("Text of the SMS"),
}
FIELDS: dict[str, object] = {
    "date": _l("day of the visit"),
    "time": _l("hour of the visit"),
    "ticket_by": _l("hour by which the ticket has to be taken"),
    "code": _l("the visitor's code; alone in a paragraph it is written large"),
    "service": _l("name of the service"),
    "branch": _l("name of the branch"),
    "address": _l("address of the branch"),
    "phone": _l("telephone of the branch"),
    "hall": _l("hall where the ticket is taken"),
    "people": _l("for whom the visit is"),
    "bring": _l("what to bring, as a list"),
    "fees": _l("what it costs, as a list"),
    "link": _l("address of the page where the visitor goes on"),
    "map": _l("address of the map"),
    "until": _l("until when the visitor has to act"),
    "reason": _l("our sentence on the reason; there may be none"),
    "next_hours": _l("the next free hours, when the office is closed"),
    "number": _l("entry number in the draw"),
    "place": _l("place in the order of the draw"),
    "applications": _l("how many took part in the draw"),
    "hash": _l("hash of the secret of the draw"),
    "title": _l("title of the page"),
}


def wrong_wording(error: WordingError) -> str:
    """Say what a text has wrong, and where."""
    what, line, column = error.what, error.line, error.column
    match error.mistake:
        case Mistake.UNKNOWN_FIELD:
            said = _("{%(what)s} is not one of the fields of this text (line %(line)d, character %(column)d)")
        case Mistake.MISSING_FIELD:
            said = _("Write the field {%(what)s} into the text as well")
        case Mistake.BRACE:
            said = _(
                "%(what)s stands alone (line %(line)d, character %(column)d). "
                "For the sign itself write %(what)s%(what)s"
            )
        case Mistake.TOO_LONG:
            said = _("Shorten the text to %(what)s characters at most")
        case Mistake.TOO_MANY_PARTS:
            said = _("Shorten the text: it would be sent as %(what)s SMS, and at most %(most)d are allowed")
        case Mistake.NO_TEXT:
            said = _("Enter this")
    return said % {"what": what, "line": line, "column": column, "most": MOST_SMS_PARTS}
