"""*What if?*: a past day played again with other rules, counters, hours or arrivals; nothing of it acts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from babel import dates
from flask import Blueprint, Response, abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.api import authentication
from server.domain.access.roles import Permission
from server.domain.office.policies import LONG_WAITS
from server.domain.office.reading import WEEKDAYS
from server.domain.queue.what_if_answer import Answer
from server.services.context import RuleBroken
from server.services.office.settings import BranchView
from server.services.ports import NotWritten, Plot
from server.services.queue import what_if
from server.services.queue.what_if import Asked, Found
from server.staff import branches, languages
from server.staff.office.kinds import told
from server.staff.office.naming import setting_name
from server.staff.permissions import needs
from server.staff.queue import what_if_tables as tables
from server.staff.queue.what_if_form import WHAT, Form, read_form
from server.web.pages import page, read
from server.web.request_context import request_context
from server.web.times import short_day, weekday_and_day

pages = Blueprint("what_if", __name__)
_REFUSED = {
    "not_over": _l("This day is not over: choose a day of the past."),
    "no_tickets": _l("There are no tickets of this day: choose another one."),
    "too_many_tickets": _l("This day has too many tickets to be played again here."),
}
_NOT_PLAYED = {
    "busy": _l("Others are asking at the moment. Wait a little and press Recalculate again."),
    "too_slow": _l("This took too long and was given up. Choose a single day, or a shorter one."),
}
_BROKEN = _l("The day could not be played. Try again; if it stays so, tell whoever looks after the server.")
_PLOT_KEPT_SECONDS = 60
_OFFERED_DAYS = 15


@dataclass(frozen=True, slots=True)
class Shown:
    """What an address asks for, with what came of it or why nothing did."""

    form: Form
    found: Found | None = None
    answer: Answer | None = None
    refused: str = ""

    @property
    def letter(self) -> str:
        """Return the service that is shown: the chosen one, else the one most concerned."""
        if self.form.shown or self.answer is None:
            return self.form.shown
        letters = what_if.letters(branches.here())
        return tables.most_concerned(self.answer, letters, self.form.asked.tried)


@pages.get(branches.AT + "/what-if")
@needs(Permission.TRY_WHAT_IF)
def show() -> ResponseReturnValue:
    """Show the form, and what came of the day that it asks for."""
    found = shown()
    status = 422 if found.form.errors else 503 if found.found and not found.answer else 200
    return page(
        "queue/what_if.html",
        _("What if?"),
        status=status,
        **form_values(found),
        **(result_values(found.answer, found.letter) if found.answer else {}),
        plot_address=lambda **more: _address("what_if.plot", **more),
    )


@pages.get(branches.AT + "/what-if/plot.svg")
@needs(Permission.TRY_WHAT_IF)
def plot() -> ResponseReturnValue:
    """Draw how many waited, for a light page or a dark one."""
    found = shown()
    if found.answer is None:
        abort(404)
    return drawn(tables.plot(found.answer, what_if.letters(branches.here()), found.letter))


def drawn(made: Plot | None) -> ResponseReturnValue:
    """Answer with a plot; 404 where there is none, 503 where it cannot be drawn now."""
    outside = authentication.runtime().outside
    if made is None or outside is None or outside.plots is None:
        abort(404)
    kind = "narrow_lines" if request.args.get("size") == "narrow" else made.kind
    try:
        svg = outside.plots.svg(replace(made, kind=kind, dark=request.args.get("theme") == "dark"))
    except NotWritten:
        abort(503)
    kept = {"Cache-Control": f"private, max-age={_PLOT_KEPT_SECONDS}"}
    return Response(svg, mimetype="image/svg+xml", headers=kept)


def shown(said: Mapping[str, str] | None = None) -> Shown:
    """Read what the address of this request asks for, and play it."""
    branch = branches.here()
    form = read_form(request.args if said is None else said, branch)
    if form.errors or not form.is_asked:
        return Shown(form)
    try:
        found = read(lambda session, context: what_if.read_asked(session, context, branch, form.asked))
    except RuleBroken as broken:
        if broken.reason not in _REFUSED:
            raise
        form.errors["day"] = str(_REFUSED[broken.reason])
        return Shown(form)
    outside = authentication.runtime().outside
    if outside is None or outside.simulations is None:
        return Shown(form, found, refused=str(_BROKEN))
    try:
        return Shown(form, found, what_if.play(found, outside.simulations))
    except NotWritten as problem:
        return Shown(form, found, refused=str(_NOT_PLAYED.get(str(problem), _BROKEN)))


def form_values(found: Shown) -> dict[str, Any]:
    """Return what the page shows beside the result."""
    branch = branches.here()
    days = read(lambda session, context: what_if.last_days(session, context, branch))
    return {
        "found": found,
        "asked_form": found.form,
        "typed": found.form.typed,
        "errors": found.form.errors,
        "days": [(day.isoformat(), short_day(day)) for day in days[:_OFFERED_DAYS]],
        "last_day": days[0] if days else None,
        "today": branch.policy.business_day(request_context().now),
        "weekdays": weekdays(),
        "services": services(branch),
        "counters": [
            (number, " ".join(letters_of(branch, number)))
            for number, each in sorted(branch.counters.items())
            if not each.archived
        ],
        "what": WHAT.items(),
        "rules": [(name, setting_name(name), told(getattr(branch.policy, name))) for name in what_if.RULES],
        "own_rules": [
            (name, setting_name(name), _own_now(branch, found.form.typed.get("own", ""), name))
            for name in what_if.RULES_OF_A_SERVICE
        ],
        "long_waits": [(word, told(word)) for word in LONG_WAITS],
        "asked_name": asked_name(found.form.asked),
        "choices": choices(branch, found.form.asked),
    }


def result_values(answer: Answer, letter: str) -> dict[str, Any]:
    """Return what is shown of an answer for a service."""
    letters = what_if.letters(branches.here())
    return {
        "letter": letter,
        "groups": tables.groups(answer, letters, letter),
        "overtime": tables.overtime(answer),
        "sentence": tables.sentence(answer, letters, letter),
        "doubts": tables.doubts(answer, letters),
        "checks": tables.checks(answer, letters),
        "moments": tables.moments(answer, letters, letter),
        "runs": answer.runs,
    }


def weekdays() -> list[tuple[str, str]]:
    """Name the weekdays by their words in an address."""
    names = dates.get_day_names("wide", context="stand-alone", locale=get_locale())
    return [(word, str(names[place])) for place, word in enumerate(WEEKDAYS)]


def services(branch: BranchView) -> list[tuple[str, str, str]]:
    """List the services: letter, name, and when tickets without a reservation are given out (empty: never)."""
    found = []
    for letter, service in branch.services.items():
        offer = service.policy.walk_in_offer(branch.policy)
        hours = offer.hours or offer.opening_hours
        first = [windows[0].opens for windows in (hours.windows.values() if hours else ()) if windows]
        opens = f"{min(first):%H:%M}" if offer.offered and first else ""
        found.append((letter, service.name(languages.current()), opens if offer.offered else "-"))
    return found


def letters_of(branch: BranchView, number: int) -> Sequence[str]:
    """List the letters of a counter's services."""
    letters = {each.id: each.letter for each in branch.services.values()}
    return [letters[each] for each in branch.counters[number].service_ids if each in letters]


def asked_name(asked: Asked) -> str:
    """Write which day a question is about."""
    if asked.day is not None:
        return weekday_and_day(asked.day)
    if asked.weekday is not None:
        return _("an average day: %(weekday)s", weekday=weekdays()[asked.weekday][1])
    return ""


def _own_now(branch: BranchView, letter: str, name: str) -> str:
    return told(what_if.own_rule(branch, letter, name)) if letter in branch.services else ""


def choices(branch: BranchView, asked: Asked) -> list[str]:
    """Write what is tried, a line each."""
    tried, found = asked.tried, []
    for each in tried.counters:
        said = _(
            "Counter %(number)s: %(what)s %(letters)s",
            number=each.number,
            what=WHAT[each.what],
            letters=" ".join(each.letters),
        ).strip()
        if each.begins or each.ends:
            said += f" {each.begins:%H:%M}–" if each.begins else " –"
            said += f"{each.ends:%H:%M}" if each.ends else ""
        found.append(said)
    found += [
        _("Tickets for %(service)s from %(hour)s", service=letter, hour=f"{hour:%H:%M}")
        for letter, hour in tried.opens.items()
    ]
    found += [
        f"{setting_name(name)}: {told(getattr(branch.policy, name))} → {told(value)}"
        for name, value in tried.rules.items()
    ]
    found += [
        f"{letter}, {setting_name(name)}: {told(what_if.own_rule(branch, letter, name))} → {told(value)}"
        for letter, rules in tried.own.items()
        if letter in branch.services
        for name, value in rules.items()
    ]
    found += [
        _("%(service)s: %(percent)s%% people", service=letter, percent=tables.signed(percent))
        for letter, percent in tried.arrivals.items()
    ]
    return found


def _address(endpoint: str, **more: str) -> str:
    asked = {name: value for name, value in request.args.items() if name not in ("theme", "size", "branch")}
    values: dict[str, Any] = asked | more
    return url_for(endpoint, **values)
