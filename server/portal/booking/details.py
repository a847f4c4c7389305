"""The pages that ask for the details; each keeps what was typed in the draft and leads to the next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from server.domain.booking.people import identity_of
from server.portal import visitor_session
from server.portal.booking import steps as told
from server.portal.booking.blueprint import pages
from server.portal.booking.details_forms import (
    ChildForm,
    Contact,
    ContactForm,
    PersonForm,
    PuzzledContactForm,
    StayForm,
    can_text,
)
from server.portal.booking.draw_wishes import WishesForm, wishes_form
from server.portal.booking.own_draft import OwnDraft, find, keep
from server.portal.guard.challenge import Passed
from server.portal.pages import kept_around, note_refusal
from server.services.accounts.account_view import show as show_account
from server.services.booking.one_per_person import visits_of
from server.web.forms import keeps_typed
from server.web.pages import go, look, page, read

Details = PersonForm | StayForm | ContactForm | PuzzledContactForm | WishesForm


@pages.route("/book/draft/<token>/details", methods=["GET", "POST"])
@keeps_typed
def details(token: str) -> ResponseReturnValue:
    """Ask who comes."""
    own, title = find(token), _("Who is the visit for?")
    if away := own.elsewhere("details"):
        return away
    if request.method == "POST":
        return _step(own, "details", PersonForm(), "person", title)

    def make(there: Mapping[str, str]) -> Response:
        form = PersonForm()
        form.show(there)
        return _shown(own, "details", form, "person", title, when=there["when"], back=there["back"])

    there = {"when": own.when, "back": _back(own, "details")}
    return kept_around(there | PersonForm.typed(own.said), make, own.service.id, own.draw is not None)


@pages.route("/book/draft/<token>/stay", methods=["GET", "POST"])
@keeps_typed
def stay(token: str) -> ResponseReturnValue:
    """Ask for the last day of legal stay, or why there is none (rule 13)."""
    own = find(token)
    return own.elsewhere("stay") or _step(
        own, "stay", StayForm(), "stay", _("When does your legal stay end?")
    )


@pages.route("/book/draft/<token>/contact", methods=["GET", "POST"])
@keeps_typed
def contact(token: str) -> ResponseReturnValue:
    """Ask how to reach the applicant."""
    own = find(token)
    if away := own.elsewhere("contact"):
        return away
    form = ContactForm() if own.has_passed else PuzzledContactForm()
    form.suit(own.rules, can_text=can_text())
    if own.draw is not None:
        # There is no code to send: the account's address is confirmed.
        del form.activation
    return _step(own, "contact", form, "contact", _("How can we reach you?"))


@pages.route("/book/draft/<token>/wishes", methods=["GET", "POST"])
def wishes(token: str) -> ResponseReturnValue:
    """Ask which days and hours of a draw suit."""
    own = find(token)
    if (away := own.elsewhere("wishes")) or own.draw is None:
        return away or own.next_page()
    return _step(own, "wishes", wishes_form(own.draw), "wishes", _("Which days and hours suit you?"))


@pages.route("/book/draft/<token>/children", methods=["GET", "POST"])
def children(token: str) -> ResponseReturnValue:
    """Ask for the children who come along: added and taken out one at a time, without a script too (rule 4)."""
    own = find(token)
    if away := own.elsewhere("children"):
        return away
    there = list(own.said.get("children", ()))
    form = ChildForm()
    if request.method == "POST" and (answer := _changed_children(own, there, form)):
        return answer
    return _shown(own, "children", form, "children", _("Do children come with you?"), children=there)


def _changed_children(own: OwnDraft, there: list[Any], form: ChildForm) -> ResponseReturnValue | None:
    """Take a child out, add one, or go on; None when something is wrong with what was typed."""
    if "remove" in request.form:
        return _without(own, there)
    wants_more = request.form.get("do") == "add"
    if form.is_empty and not wants_more:
        return _kept(own, {"children": there})
    typed = form.told()
    said = {**own.said, "children": [*there, typed]}
    wrong = told.problems_of("children", said, own.rules, own.days)
    place = len(there)
    is_valid = form.validate()
    for name in ("name", "birth_year"):
        if problem := wrong.get(f"children.{place}.{name}"):
            form[name].errors = [*form[name].errors, problem]
            is_valid = False
    if "children" in wrong:
        form.name.errors, is_valid = [wrong["children"]], False
    if not is_valid:
        return None
    if wants_more:
        keep(own, {"children": said["children"]})
        return go("book.children", token=own.token)
    return _kept(own, {"children": said["children"]})


def _without(own: OwnDraft, there: list[Any]) -> ResponseReturnValue:
    """Take one child out; a form that was sent twice, or from an older page, takes out nobody else."""
    which = request.form.get("remove", "")
    is_current = request.form.get("known") == str(len(there))
    if is_current and which.isascii() and which.isdigit() and int(which) < len(there):
        keep(own, {"children": [child for place, child in enumerate(there) if place != int(which)]})
    return go("book.children", token=own.token)


def _step(own: OwnDraft, step: str, form: Details, template: str, title: str) -> ResponseReturnValue:
    """Show a page of the details, or keep what was typed and go on."""
    if form.validate_on_submit():
        asks = isinstance(form, Contact) and not (form.is_as_meant() and form.phone_fits())
        typed = form.told()
        wrong = told.problems_of(step, {**own.said, **typed}, own.rules, own.days)
        for field, problem in wrong.items():
            place = form.places.get(field, field)
            if place in form:
                form[place].errors = [problem]
        if step == "details" and not wrong and _has_visit(own, typed):
            note_refusal("already_booked", own.service)
            return go("book.refused", token=own.token, why="already_booked")
        if not wrong and not asks:
            return _kept(own, typed, form.puzzle.passed if isinstance(form, PuzzledContactForm) else None)
        if isinstance(form, PuzzledContactForm):
            # It was spent: who only mistyped an answer does not have to solve another.
            own = keep(own, {}, form.puzzle.passed)
            del form.puzzle
    elif request.method == "GET":
        form.fill(_prefilled(own))
    if mistaken := sorted(name for name in form.errors if name):
        note_refusal("details", own.service, step=step, fields=mistaken)
    return _shown(own, step, form, template, title)


def _has_visit(own: OwnDraft, typed: Mapping[str, Any]) -> bool:
    """Say whether the account has a visit of this person for the service: told before all else is asked (rule 5).

    What other accounts and guests have is told at the end alone, to those who solved the puzzle.
    """
    account = visitor_session.account()
    if account is None or own.draw is not None:
        return False
    who = identity_of(typed["name"], date.fromisoformat(typed["birth_date"]), typed["document"])
    found = look(lambda place, context: visits_of(place, context, own.service, account.id, who))
    return bool(found)


def _prefilled(own: OwnDraft) -> Mapping[str, Any]:
    """Return what was told, with the account's address where no other was typed."""
    account = visitor_session.account()
    if account is None or "email" in own.said:
        return own.said
    shown = read(lambda session, context: show_account(session, context, account))
    return {**own.said, "email": shown.email if shown else None}


def _kept(own: OwnDraft, typed: Mapping[str, Any], passed: Passed | None = None) -> ResponseReturnValue:
    return keep(own, typed, passed).next_page()


def _shown(
    own: OwnDraft, step: str, form: Details | ChildForm, template: str, title: str, **more: Any
) -> Response:
    shown = {
        **own.shown(),
        "back": _back(own, step),
        "counted": own.counted(step),
        "most": own.rules.most_children,
        **more,
    }
    return page(f"booking/{template}.html", title, form=form, **shown)


def _back(own: OwnDraft, step: str) -> str:
    """Return the page before: the check, for people who came from there to change something."""
    if own.missing is None:
        return url_for("book.check", token=own.token)
    place = own.steps.index(step)
    return url_for(f"book.{own.steps[place - 1]}", token=own.token) if place else own.calendar
