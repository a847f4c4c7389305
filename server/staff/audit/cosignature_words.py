"""Why a co-signature was not taken, and what its bearer can do."""

from __future__ import annotations

from datetime import date, datetime

from flask_babel import gettext as _

from server.services.context import RuleBroken
from server.staff.pages import zone
from server.web.times import day, day_and_hour


def why(broken: RuleBroken) -> tuple[str, str]:
    """Say what is wrong, and the detail that helps whoever wrote the program of the witness."""
    facts = broken.facts
    match broken.reason:
        case "nothing":
            return _("Paste the text with the co-signature, or choose its file."), ""
        case "too_long":
            most = str(facts["most"])
            return _("This is too long for a checkpoint: at most %(most)s bytes are taken.", most=most), ""
        case "damaged":
            return _(
                "The text is damaged: it breaks off in the middle of a character, or is no UTF-8. Ask the "
                "witness for the file itself."
            ), ""
        case "bad_note":
            return _(
                "This is no whole checkpoint with signatures. Hand in all of it, from its first line to the line "
                "of the witness."
            ), str(facts["problem"])
        case "other_log":
            return _("This is a checkpoint of another branch or office."), str(facts["origin"])
        case "unknown_day":
            return _("Of %(day)s no checkpoint was published here.", day=_day(facts["day"])), ""
        case "other_checkpoint":
            return _(
                "This is not the checkpoint that was published for %(day)s: its text was edited.",
                day=_day(facts["day"]),
            ), ""
        case "unknown_witness":
            return _unknown(facts["signed_by"]), ""
        case "false_cosignature":
            return _(
                "The co-signature does not fit the text: it was made of another text or with another key."
            ), str(facts["problem"])
        case "from_the_future":
            at = _at(facts["at"])
            return _("It says that it was signed on %(at)s, which is still to come.", at=at), ""
        case "before_the_checkpoint":
            at = _at(facts["at"])
            return _("It says that it was signed on %(at)s, before there was this checkpoint.", at=at), ""
        case _:
            raise broken


def _unknown(signed_by: object) -> str:
    names = ", ".join(map(str, signed_by)) if isinstance(signed_by, list) else ""
    if not names:
        return _("Nobody but the office has signed this. The line of the witness is missing at the end.")
    return _(
        "None of the branch's witnesses has signed this, but: %(names)s. Their key is another one, or is not in "
        "the settings.",
        names=names,
    )


def _day(said: object) -> str:
    return day(date.fromisoformat(str(said)))


def _at(said: object) -> str:
    return day_and_hour(datetime.fromisoformat(str(said)), zone())
