"""The check of all answers, and what follows it: the hour is held, was gone meanwhile, or cannot be had."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from server.portal import languages
from server.portal.booking import draw_wishes
from server.portal.booking.blueprint import pages
from server.portal.booking.own_draft import OwnDraft, find
from server.portal.booking.refusals import words_of
from server.portal.booking.reservations.own_reservation import owner
from server.services.booking import drafts
from server.services.booking.slots import availability
from server.web import times
from server.web.forms import Form
from server.web.pages import page, read, remember, write
from server.web.stay_wording import stay_in_words, stay_warning
from server.web.times import read_hour, write_hour

_NEAREST = 6
_GONE = frozenset({"no_such_slot", "slot_full", "day_full", "not_released"})
_OTHER_DAYS = 21


@pages.get("/book/draft/<token>/check")
def check(token: str) -> ResponseReturnValue:
    """Show all answers once more, with ways to change them, and what cannot be changed later (rule 5)."""
    own = find(token)
    if away := own.elsewhere("check"):
        return away
    until = _stay_until(own)
    return page(
        "booking/check.html" if own.draw is None else "release/check.html",
        _("Check your answers"),
        form=Form(),
        **own.shown(),
        counted=own.counted("check"),
        told=own.service.policy.information,
        rows=_rows(own),
        stay_warning=stay_warning(until, own.days.today, own.last_day),
        is_stay_over=until is not None and until < own.days.today,
        back=own.calendar if own.entry else url_for(f"book.{own.steps[-1]}", token=token),
    )


@pages.route("/book/draft/<token>/hour", methods=["GET", "POST"])
def hour(token: str) -> ResponseReturnValue:
    """Let another hour be chosen; what was typed stays. `gone` in the address tells why one has to."""
    own = find(token)
    if away := own.over():
        return away
    if own.draw is not None:
        return own.next_page()
    if request.method == "POST" and (chosen := read_hour(request.form.get("hour", ""))):
        asks = owner()
        write(lambda session, context: drafts.keep(session, context, asks, token, starts_at=chosen))
        return own.next_page()
    gone = request.args.get("gone")
    if gone in _GONE:
        remember()  # the calendar does not offer it again
    return page(
        "booking/hour.html",
        _("This hour has just gone") if gone in _GONE else _("Choose another hour"),
        form=Form(),
        **own.shown(),
        **_choice(own),
        gone=gone if gone in _GONE else None,
        write_hour=write_hour,
        calendar=own.calendar,
        back=url_for("book.check", token=token),
    )


@pages.get("/book/draft/<token>/refused")
def refused(token: str) -> ResponseReturnValue:
    """Say why the visit cannot be booked, and what can be done."""
    own = find(token)
    if away := own.over():
        return away
    until = read_hour(request.args.get("until", ""))
    title, text = words_of(request.args.get("why", ""), times.hour(until, own.zone) if until else None)
    return page(
        "booking/refused.html",
        title,
        **own.shown(),
        text=text,
        is_early=request.args.get("why") == "not_released",
        back=url_for("book.check", token=token),
        calendar=own.calendar,
    )


def _choice(own: OwnDraft) -> dict[str, Any]:
    """Return the hours of the day that was asked for, else those nearest to the draft's; and days with some."""
    asked = times.read_day(request.args.get("day", ""))

    def look(session: Any, context: Any) -> dict[str, Any]:
        days = [each.day for each in availability.days(session, context, own.service) if each.free]
        if asked is not None:
            hours = availability.hours(session, context, own.service, asked)
        else:
            hours = availability.nearest(session, context, own.service, own.starts_at, _NEAREST)
        return {"hours": hours, "days": days[:_OTHER_DAYS], "asked": asked}

    return read(look)


def _rows(own: OwnDraft) -> list[dict[str, Any]]:
    """Return the answers as rows: what, the answer, and the page that changes it."""
    said = own.said
    rows = [
        (_("Day and hour"), times.day_and_hour(own.starts_at, own.zone), "hour")
        if own.draw is None
        else (_("Days and hours"), [draw_wishes.words(each) for each in said["wishes"]], "wishes"),
        (_("Name"), said.get("name"), "details"),
        (_("Date of birth"), _day(said.get("birth_date")), "details"),
        (_("Document"), said.get("document"), "details"),
    ]
    if own.rules.most_children:
        names = [f"{child['name']}, {child['birth_year']}" for child in said.get("children", ())]
        rows.append((_("Children"), names or _("None"), "children"))
    if own.rules.ask_legal_stay:
        rows.append((_("Legal stay"), stay_in_words(said.get("legal_stay"), _stay_until(own)), "stay"))
    rows += [(_("E-mail address"), said.get("email") or _("None"), "contact")]
    if said.get("phone"):
        rows.append((_("Telephone number"), said["phone"], "contact"))
    if own.rules.activation == "choice" and own.draw is None:
        by_text = said.get("activation") == "sms"
        rows.append(
            (_("The code comes"), _("by text message (SMS)") if by_text else _("by e-mail"), "contact")
        )
    spoken = languages.own_names().get(str(said.get("language")), "")
    rows.append((_("Language"), spoken, "contact"))
    return [
        {"what": what, "answer": answer, "change": url_for(f"book.{step}", token=own.token)}
        for what, answer, step in rows
    ]


def _stay_until(own: OwnDraft) -> date | None:
    text = own.said.get("legal_stay_until")
    return date.fromisoformat(text) if text else None


def _day(text: object) -> str:
    return times.day(date.fromisoformat(text)) if isinstance(text, str) and text else ""
