"""Trials of *What if?* that were kept: under a name, shown again, side by side, and removed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.domain.access.roles import Permission
from server.services.context import RuleBroken
from server.services.queue import what_if_kept as kept
from server.services.queue.what_if import Asked
from server.services.queue.what_if_kept import Trial
from server.staff import branches, staff_session
from server.staff.permissions import needs
from server.staff.queue import what_if_tables as tables
from server.staff.queue.what_if import asked_name, choices, drawn, shown
from server.web.pages import go, page, read, tell, write

pages = Blueprint("what_if_kept", __name__)
_NOT_KEPT = {
    "name_missing": _l("Give the trial a name."),
    "too_many": _l("A hundred trials are kept already: remove one first."),
}


@dataclass(frozen=True, slots=True)
class Kept:
    """A trial as it is listed."""

    trial: Trial
    of: str
    choices: list[str]
    again: str


@pages.post(branches.AT + "/what-if/kept")
@needs(Permission.TRY_WHAT_IF)
def keep() -> ResponseReturnValue:
    """Keep what the form's address asks for, under its name."""
    branch, me = branches.here(), staff_session.me()
    found, name = shown(request.form), request.form.get("name", "")
    answer = found.answer
    if answer is None:
        tell(_("Nothing was kept: %(why)s", why=found.refused or next(iter(found.form.errors.values()), "")))
        return go("what_if.show", **_of_address())
    try:
        write(
            lambda session, context: kept.keep(
                session, context, branch, name, found.form.asked, answer, me.id
            )
        )
    except RuleBroken as broken:
        if broken.reason not in _NOT_KEPT:
            raise
        tell(str(_NOT_KEPT[broken.reason]))
        return go("what_if.show", **_of_address())
    tell(_("The trial is kept."))
    return go("what_if_kept.show")


@pages.get(branches.AT + "/what-if/kept")
@needs(Permission.TRY_WHAT_IF)
def show() -> ResponseReturnValue:
    """List the trials that were kept."""
    branch = branches.here()
    found = read(lambda session, context: kept.trials(session, branch))
    return page(
        "queue/what_if_kept.html",
        _("Kept trials"),
        found=[_listed(each) for each in found],
        most=kept.MOST_COMPARED,
    )


@pages.get(branches.AT + "/what-if/compared")
@needs(Permission.TRY_WHAT_IF)
def compare() -> ResponseReturnValue:
    """Show up to three trials side by side, or one alone."""
    branch = branches.here()
    said = [each for each in request.args.getlist("trial") if each.isascii() and each.isdecimal()]
    ids = list(dict.fromkeys(int(each) for each in said if len(each) < 18))
    if not ids:
        tell(_("Tick the trials that you want to see side by side."))
        return go("what_if_kept.show")
    if len(ids) > kept.MOST_COMPARED:
        tell(_("At most three trials stand side by side: the first three are shown."))
    found = read(lambda session, context: kept.some(session, branch, ids[: kept.MOST_COMPARED]))
    return page(
        "queue/what_if_compared.html",
        _("Trials side by side") if len(found) > 1 else _("Kept trial"),
        found=[_shown(each) for each in found],
    )


@pages.get(branches.AT + "/what-if/kept/<int:trial_id>/plot.svg")
@needs(Permission.TRY_WHAT_IF)
def plot(trial_id: int) -> ResponseReturnValue:
    """Draw how many waited in a kept trial."""
    branch = branches.here()
    (found,) = read(lambda session, context: kept.some(session, branch, [trial_id]))
    return drawn(tables.plot(found.answer, found.letters, _letter(found)))


@pages.post(branches.AT + "/what-if/kept/<int:trial_id>/remove")
@needs(Permission.TRY_WHAT_IF)
def remove(trial_id: int) -> ResponseReturnValue:
    """Remove a kept trial."""
    branch, me = branches.here(), staff_session.me()
    write(lambda session, context: kept.remove(session, context, branch, trial_id, me.id))
    tell(_("The trial is removed."))
    return go("what_if_kept.show")


def _letter(trial: Trial) -> str:
    return tables.most_concerned(trial.answer, trial.letters, trial.asked.tried)


def _listed(trial: Trial) -> Kept:
    again = url_for("what_if.show", **address_of(trial.asked))
    return Kept(trial, asked_name(trial.asked), choices(branches.here(), trial.asked), again)


def _shown(trial: Trial) -> dict[str, Any]:
    letter = _letter(trial)
    return {
        "kept": _listed(trial),
        "letter": letter,
        "sentence": tables.sentence(trial.answer, trial.letters, letter),
        "groups": tables.groups(trial.answer, trial.letters, letter),
        "overtime": tables.overtime(trial.answer),
        "doubts": tables.doubts(trial.answer, trial.letters),
        "moments": tables.moments(trial.answer, trial.letters, letter),
        "plot_address": lambda **more: url_for("what_if_kept.plot", trial_id=trial.id, **more),
    }


def _of_address() -> dict[str, Any]:
    return {name: value for name, value in request.form.items() if name not in ("csrf_token", "name")}


def address_of(asked: Asked) -> dict[str, Any]:
    """Return a question as the arguments of the page's address."""
    tried = asked.tried
    found: dict[str, Any] = {}
    if asked.day is not None:
        found["day"] = asked.day.isoformat()
    if asked.weekday is not None:
        found["weekday"] = tables.weekday_word(asked.weekday)
    for n, each in enumerate(tried.counters, 1):
        found |= {
            f"counter{n}": each.number,
            f"what{n}": str(each.what),
            f"letters{n}": " ".join(each.letters),
        }
        found |= {f"from{n}": f"{each.begins:%H:%M}"} if each.begins else {}
        found |= {f"to{n}": f"{each.ends:%H:%M}"} if each.ends else {}
    found |= {f"opens.{letter}": f"{hour:%H:%M}" for letter, hour in tried.opens.items()}
    found |= {f"rule.{name}": value for name, value in tried.rules.items()}
    for letter, rules in tried.own.items():
        found |= {"own": letter} | {f"own.{name}": value for name, value in rules.items()}
    return found | {f"more.{letter}": percent for letter, percent in tried.arrivals.items()}
