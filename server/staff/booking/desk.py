"""The reservations desk: a day's list, the search for somebody, and one reservation with all about it."""

from __future__ import annotations

from datetime import date, timedelta

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.fields import HiddenField
from wtforms.fields.choices import SelectChoice

from server.domain.access.roles import Permission
from server.services.booking.desk import card, finding, verifying
from server.services.booking.desk.changing import steps_of
from server.services.booking.desk.finding import Line, Wanted
from server.services.guard.suspicion import suspicious as find_suspicious
from server.staff import branches, languages, staff_session
from server.staff.booking import wording
from server.staff.booking.desk_blueprint import AT, ONE, pages, read_day, service_named, services_of, today
from server.staff.booking.verification import CallForm
from server.staff.permissions import needs
from server.web.forms import Form, SelectField, needed
from server.web.pages import go, page, read, tell, write
from server.web.stay_wording import stay_in_words

_SUSPICIOUS_FOR = timedelta(days=14)
_DAY = timedelta(days=1)


class SearchForm(Form):
    """The token of the search; what is sought is read from the request."""


class StepForm(Form):
    """What is to be done with a reservation, and why."""

    reason = SelectField(_l("Reason"), [needed(_l("Choose a reason"))])
    step = HiddenField()

    def offer(self) -> None:
        """Offer the reasons that are kept on record."""
        self.reason.choices = [
            SelectChoice("", _l("Choose a reason")),
            *(SelectChoice(word, said) for word, said in wording.REASONS.items()),
        ]


@pages.get(AT)
@needs(Permission.SEE_RESERVATIONS)
def show() -> ResponseReturnValue:
    """List the reservations of a day."""
    return _listed(read_day(request.args.get("day"), today()), request.args.get("service"), "")


@pages.get(ONE + "/looks")
@needs(Permission.SEE_RECORDS)
def looks(number: int) -> ResponseReturnValue:
    """List who looked at a reservation: for those who see the records, without its data."""
    branch_id = branches.here().id
    found = read(lambda session, context: card.looks(session, branch_id, number))
    title = _("Who looked at reservation %(number)d", number=number)
    return page("booking/looks.html", title, found=found, number=number, words=wording)


@pages.get(AT + "/looks")
@needs(Permission.SEE_RECORDS)
def find_looks() -> ResponseReturnValue:
    """Go to who looked at a reservation by its number."""
    number = request.args.get("number", "")
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        tell(_("Enter the number of a reservation."))
        return go("records.show")
    return go("desk.looks", number=int(number))


@pages.post(AT)
@needs(Permission.SEE_RESERVATIONS)
def search() -> ResponseReturnValue:
    """Look for somebody: sent by POST, so that what was typed stands in no address and no log."""
    day, letter = read_day(request.form.get("day"), today()), request.form.get("service")
    typed = request.form.get("typed", "").strip()
    if not typed:
        return go("desk.show", day=day.isoformat(), service=letter or None)
    return _listed(day, letter, typed)


@pages.get(ONE)
@needs(Permission.SEE_RESERVATIONS)
def one(number: int) -> ResponseReturnValue:
    """Show a reservation with all about it."""
    form = StepForm()
    form.offer()
    return card_page(number, form)


@pages.get(AT + "/suspicious")
@needs(Permission.SEE_RESERVATIONS)
def suspicious() -> ResponseReturnValue:
    """List the reservations that look as if a program had made them, with what speaks against them."""
    branch_id = branches.here().id
    found = read(lambda session, context: find_suspicious(session, context, branch_id, _SUSPICIOUS_FOR))
    return page("booking/suspicious.html", _("Suspicious reservations"), found=found, words=wording)


@pages.get(AT + "/print")
@needs(Permission.SEE_RESERVATIONS)
def paper() -> ResponseReturnValue:
    """Show a day's list as it is printed: a line a visit, each service on a page of its own."""
    day = read_day(request.args.get("day"), today())
    lines = _lines(day, None, "")
    stands = [line for line in lines if line.status in ("booked", "pending", "checked_in")]
    letters = sorted({line.service.letter for line in stands})
    by_service = [[line for line in stands if line.service.letter == letter] for letter in letters]
    return page("booking/print.html", _("The day's list"), day=day, by_service=by_service, words=wording)


def card_page(number: int, form: StepForm, status: int = 200) -> ResponseReturnValue:
    """Show a reservation, with what is wrong in its form; 404 for another branch's."""
    branch_id, me = branches.here().id, staff_session.me().id
    shown, calls = write(
        lambda session, context: (
            card.show(session, context, branch_id, number, me),
            verifying.calls_of(session, number),
        )
    )
    call_form = CallForm()
    call_form.offer()
    until, born = shown.person.get("legal_stay_until"), shown.person.get("birth_date")
    return page(
        "booking/card.html",
        _("Reservation %(number)d", number=number),
        form=form,
        status=status,
        card=shown,
        born=date.fromisoformat(born) if born else None,
        speaks=languages.named(shown.language),
        words=wording,
        steps=steps_of(shown.status),
        calls=calls,
        call_form=call_form,
        stay=stay_in_words(shown.person.get("legal_stay"), date.fromisoformat(until) if until else None),
    )


def _listed(day: date, letter: str | None, typed: str) -> ResponseReturnValue:
    branch = branches.here()
    service = service_named(branch, letter)
    lines = _lines(day, service.id if service else None, typed)
    return page(
        "booking/desk.html",
        _("Reservations"),
        search=SearchForm(),
        day=day,
        before=day - _DAY,
        after=day + _DAY,
        service=service,
        services=services_of(branch),
        typed=typed,
        lines=lines,
        most=finding.MOST,
        words=wording,
        spoken=languages.current(),
    )


def _lines(day: date, service_id: int | None, typed: str) -> list[Line]:
    branch, me = branches.here(), staff_session.me().id
    wanted = Wanted(day, service_id, typed)
    return write(lambda session, context: finding.search(session, context, branch, wanted, me))
