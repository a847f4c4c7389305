"""The guide of the first steps: from a branch to a hall in which a kiosk gives its first ticket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, abort, g, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.domain.access.roles import Permission
from server.domain.office.first_steps import Gap, Lack, Step, first_undone, gaps
from server.services.access import colleagues, devices
from server.services.office import first_steps, things
from server.services.office.settings import BranchView
from server.services.office.things import Subject
from server.staff import branches
from server.staff.access.devices import ROLES
from server.staff.device_names import device_name
from server.staff.office import groups, parts_of_branch
from server.staff.office.editor import add_page, edit_page
from server.staff.permissions import needs
from server.web.pages import go, page, read

pages = Blueprint("guide", __name__)
AT = branches.AT + "/first-steps"
_KINDS = {Step.HALLS: "halls", Step.SERVICES: "services", Step.COUNTERS: "counters"}
_BRANCH = ("name", "address", "zone", "languages")
_HOURS = ("opening_hours", "public_holidays")
TITLES: Mapping[Step, object] = {
    Step.BRANCH: _l("Branch"),
    Step.HALLS: _l("Halls"),
    Step.SERVICES: _l("Services"),
    Step.COUNTERS: _l("Counters"),
    Step.HOURS: _l("Opening hours"),
    Step.DEVICES: _l("Devices"),
    Step.PEOPLE: _l("People"),
}
_ABOUT: Mapping[Step, object] = {
    Step.BRANCH: _l("A branch is a place with a clock, halls and counters of its own."),
    Step.HALLS: _l("A hall is a room where people wait, with kiosks and boards. One is enough to begin."),
    Step.SERVICES: _l("What people come for. Ticket numbers begin with the letter of the service."),
    Step.COUNTERS: _l("Where people are called to, and which services each counter serves."),
    Step.HOURS: _l("In these hours people can book and take tickets. A day without hours is closed."),
    Step.DEVICES: _l("Each kiosk, board and counter program comes in with a code or QR that you make here."),
    Step.PEOPLE: _l(
        "Colleagues who call and serve. Each gets a one-time address and chooses a password there."
    ),
}
_LACKS: Mapping[Lack, object] = {
    Lack.NO_HALL: _l("There is no hall yet."),
    Lack.NO_SERVICE: _l("There is no service yet."),
    Lack.NOT_OFFERED: _l("Neither tickets nor hours to book are offered for: %(letters)s."),
    Lack.NO_COUNTER: _l("There is no counter yet."),
    Lack.NOT_SERVED: _l("No counter serves: %(letters)s."),
    Lack.NO_HOURS: _l("No opening hours are set: the branch counts as open day and night."),
    Lack.NO_KIOSK: _l("No kiosk has come in yet."),
    Lack.NOBODY_SERVES: _l("Nobody may call visitors here yet."),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """A step as the head of the guide draws it."""

    title: object
    href: str | None
    is_done: bool
    is_here: bool


@dataclass(frozen=True, slots=True)
class Stepper:
    """The head of the guide: all steps, where its reader is, what is missing there, and where it goes on."""

    name: str
    marks: list[Mark]
    number: int
    lacks: list[str]
    here: str
    onward: str


def join(app: Flask) -> None:
    """Let every page draw the head of the guide where it is a part of it."""
    app.add_template_global(stepper)


def stepper() -> Stepper | None:
    """Return the head of the guide for this page; None for a page that is opened outside the guide."""
    step = _step_here()
    if step is None:
        return None
    if "guide_head" not in g:
        g.guide_head = _head(step)
    head: Stepper = g.guide_head
    return head


def _head(step: Step) -> Stepper:
    branch = branches.named()
    missing = read(lambda session, context: gaps(first_steps.standing(session, branch))) if branch else ()
    undone = {each.step for each in missing} if branch else set(Step)
    marks = [
        Mark(title, _address(each) if branch else None, each not in undone, each is step)
        for each, title in TITLES.items()
    ]
    number = [*Step].index(step) + 1
    lacks = [told(each) for each in missing if each.step is step]
    here = _address(step) if branch else ""
    return Stepper(str(step), marks, number, lacks, here, _onward(step) if branch else "")


def told(gap: Gap) -> str:
    """Say what is missing."""
    return str(_LACKS[gap.lack]) % {"letters": ", ".join(gap.names)}


def progress(branch: BranchView) -> tuple[int, int]:
    """Return how many steps of a branch are done, and of how many."""
    missing = read(lambda session, context: gaps(first_steps.standing(session, branch)))
    return len(Step) - len({each.step for each in missing}), len(Step)


@pages.get(AT)
@needs(Permission.SET_UP)
def show() -> ResponseReturnValue:
    """Go on where something is missing first."""
    branch = branches.here()
    step = read(lambda session, context: first_undone(first_steps.standing(session, branch)))
    return go("guide.step", step=str(step)) if step else go("guide.ready")


@pages.route(AT + "/<step>", methods=["GET", "POST"])
@needs(Permission.SET_UP)
def step(step: str) -> ResponseReturnValue:
    """Show a step: what is there, and the form that mends what is missing."""
    if step not in tuple(Step):
        abort(404)
    here, branch = Step(step), branches.here()
    about, title = _ABOUT[here], str(TITLES[here])
    if here in _KINDS:
        return _list_step(here, branch)
    if here is Step.DEVICES:
        found = read(lambda session, context: devices.listed(session, branch.id))
        return page(
            "office/guide_devices.html", title, about=about, found=found, roles=ROLES, device_name=device_name
        )
    if here is Step.PEOPLE:
        people = read(lambda session, context: colleagues.in_sight(session, branch.id))
        return page("office/guide_people.html", title, about=about, people=people)
    group, names = ("branch", _BRANCH) if here is Step.BRANCH else ("hours", _HOURS)
    settings = [each for each in groups.branch_group(group) if each.name in names]
    thing = things.branch(branch.code)
    return edit_page(thing, settings, title, _onward(here), template="office/guide_step.html", about=about)


@pages.get(AT + "/ready")
@needs(Permission.SET_UP)
def ready() -> ResponseReturnValue:
    """Show what is still missing, and how the first kiosk comes in."""
    return page("office/guide_ready.html", _("Ready to open"), **_checked())


@pages.get(AT + "/ready/live")
@needs(Permission.SET_UP)
def live() -> ResponseReturnValue:
    """Give the part of the last page that follows what comes in."""
    return page("office/guide_checks.html", "", **_checked())


def _checked() -> dict[str, Any]:
    branch = branches.here()
    missing = read(lambda session, context: gaps(first_steps.standing(session, branch)))
    checks = [
        (title, _address(each), [told(gap) for gap in missing if gap.step is each])
        for each, title in TITLES.items()
    ]
    kiosk_wanted = any(each.lack is Lack.NO_KIOSK for each in missing)
    return {"checks": checks, "missing": missing, "kiosk_wanted": kiosk_wanted}


def _list_step(here: Step, branch: BranchView) -> ResponseReturnValue:
    """Show what there is of one kind, and the form for one more."""
    kind = _KINDS[here]
    subject = parts_of_branch.SUBJECTS[kind]
    settings = [parts_of_branch.name_of(subject), *parts_of_branch.settings_of(subject)]
    if subject is Subject.SERVICE:
        names = ("walk_in", "expected_service_minutes")
        settings += [each for each in groups.service_group("service") if each.name in names]
    if subject is Subject.COUNTER and not (branch.halls and branch.services):
        return page("office/guide_wait.html", str(TITLES[here]), about=_ABOUT[here])
    return add_page(
        lambda new: parts_of_branch.named(subject, branch.code, new),
        settings,
        str(TITLES[here]),
        _address(here),
        suggested=_suggested(subject, branch),
        template="office/guide_list.html",
        about=_ABOUT[here],
        kind=kind,
        there=_there(here, branch),
        new=parts_of_branch.NEW[kind],
    )


def _there(here: Step, branch: BranchView) -> list[tuple[int, str, str]]:
    """List what there is: its row, a short name, and more of it."""
    if here is Step.HALLS:
        return [(each.id, each.code, each.name) for each in branch.halls.values()]
    if here is Step.SERVICES:
        return [
            (each.id, each.letter, parts_of_branch.spoken(each.names)) for each in branch.services.values()
        ]
    letters = {each.id: each.letter for each in branch.services.values()}
    return [
        (each.id, str(number), ", ".join(letters[service] for service in each.service_ids))
        for number, each in sorted(branch.counters.items())
    ]


def _suggested(subject: Subject, branch: BranchView) -> dict[str, Any]:
    """Return what the form of one more begins with."""
    if subject is Subject.HALL:
        return {"code": next(each for each in "ABCDEFGHIJKLMNOPQRSTUVWXYZ1" if each not in branch.halls)}
    if subject is Subject.SERVICE:
        return {"walk_in": True}
    return {
        "number": max(branch.counters, default=0) + 1,
        "hall": next(iter(branch.halls)),
        "services": [*branch.services],
    }


def _step_here() -> Step | None:
    """Return the step that this page belongs to: its own address or its `guide` says so."""
    if request.endpoint == "guide.step":
        said = (request.view_args or {}).get("step")
    elif request.endpoint == "set_up.add_branch":
        said = Step.BRANCH
    else:
        said = request.args.get("guide")
    return Step(said) if said in tuple(Step) and (branches.is_named() or said == Step.BRANCH) else None


def _address(step: Step) -> str:
    return url_for("guide.step", step=str(step))


def _onward(step: Step) -> str:
    steps = [*Step]
    place = steps.index(step) + 1
    return _address(steps[place]) if place < len(steps) else url_for("guide.ready")
