"""The rules of calling: what they are, and what others would make of the line before they are switched on."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.domain.access.roles import Permission
from server.domain.office.reading import SettingError
from server.domain.queue.order import Lane
from server.services.office import editing
from server.services.office.editing import ChangedMeanwhile
from server.services.office.settings import BranchView
from server.services.queue.rules_preview import preview_rules
from server.staff import branches, languages
from server.staff.office.codec import draw
from server.staff.office.editor import SEEN, saved, typed_in
from server.staff.permissions import needs, permitted
from server.staff.queue.rules_fields import Part, parts, shown, stated, tried
from server.web.pages import go, page, read, tell

pages = Blueprint("rules", __name__)
LANES = {
    Lane.URGENT: _l("urgent"),
    Lane.PRIORITY: _l("priority"),
    Lane.BOOKED: _l("with a reservation"),
    Lane.WALK_IN: _l("without a reservation"),
}


@pages.route(branches.AT + "/rules", methods=["GET", "POST"])
@needs(Permission.SEE_RULES)
def show() -> ResponseReturnValue:
    """Show the rules, and beside them what the typed ones would do to the line of now; nothing is changed."""
    branch = branches.here()
    found, held = _held(branch)
    typed, new, errors = (held, held, {}) if request.method == "GET" else _typed(found, held)
    rules = branch if errors else tried(branch, found, new)
    is_other = new != held and not errors
    views = (branch, rules) if is_other else (branch,)
    halls = [(hall, read(partial(preview_rules, hall=hall, views=views))) for hall in branch.halls.values()]
    return page(
        "queue/rules.html",
        _("Calling rules"),
        status=422 if errors else 200,
        fields=[(each, [draw(one, typed.get(one.name), errors) for one in each.settings]) for each in found],
        has_counters=any(each.prefix.startswith("counter.") for each in found),
        opened=_opened(held, new, errors),
        names={each.letter: each.name(languages.current()) for each in branch.services.values()},
        errors=errors,
        halls=halls,
        is_other=is_other,
        lanes=LANES,
        seen=editing.seen_of(held),
        may_change=permitted(Permission.CHANGE_RULES),
        typed=[
            (name, value)
            for each in found
            for one in each.settings
            for name, value in request.form.items(multi=True)
            if name == one.name
        ],
        zone=branch.policy.zone,
    )


@pages.post(branches.AT + "/rules/switch-on")
@needs(Permission.CHANGE_RULES)
def switch_on() -> ResponseReturnValue:
    """Let the branch call by the rules that were looked at."""
    found, held = _held(branches.here())
    _sent, new, errors = _typed(found, held)
    seen = request.form.get(SEEN, "")
    if errors:
        tell(_("These rules do not fit. Nothing was changed."))
        return go("rules.show")

    def work(session: Any, who: editing.Author) -> None:
        if editing.seen_of(shown(stated(session, found))) != seen:
            raise ChangedMeanwhile({})
        editing.change_together(session, who, {each.thing: _of(each, new) for each in found})

    try:
        saved(work)
    except ChangedMeanwhile:
        tell(_("Somebody else changed the rules meanwhile. Look at them again."))
    except SettingError:
        tell(_("These rules do not fit. Nothing was changed."))
    else:
        tell(_("The branch calls by these rules now."))
    return go("rules.show")


def _held(branch: BranchView) -> tuple[list[Part], dict[str, Any]]:
    """Read what is ruled now, by the names of the fields."""
    found = parts(branch)
    return found, read(lambda session, context: shown(stated(session, found)))


def _typed(found: list[Part], held: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any], dict[str, str]]:
    return typed_in([one for each in found for one in each.settings], held)


def _opened(held: dict[str, Any], new: dict[str, Any], errors: dict[str, str]) -> set[str]:
    """Name the parts of the form that are shown open: where something is typed over, or wrong."""
    changed = {name for name in {**held, **new} if held.get(name) != new.get(name)} | set(errors)
    return {name.partition(".")[0] for name in changed if "." in name}


def _of(each: Part, new: dict[str, Any]) -> dict[str, Any]:
    """Return the new settings of a part as the office's file would say them; None for the default."""
    values = each.own(new)
    return {
        name: list(one.read(values[name])) if name == "services" and name in values else values.get(name)
        for one in each.settings
        for name in [one.name.removeprefix(each.prefix)]
    }
