"""The slip as a setting, with a preview that the printers' own layout draws: the same dots as on paper."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from printers.layout import PAPER_58_MM, PAPER_80_MM
from printers.ticket import SlipLayout, Ticket, languages
from server.domain.access.roles import Permission
from server.domain.office.reading import SettingError, read_policy
from server.domain.office.slip import SlipPolicy
from server.services.office import things
from server.services.office.settings import BranchView, ServiceView
from server.staff import branches
from server.staff.languages import named
from server.staff.office import groups
from server.staff.office.branch_words import BRANCH_GROUPS
from server.staff.office.editor import SEEN, edit_page, form_page, typed_in
from server.staff.permissions import needs
from server.staff.slip_picture import SlipPicture, draw
from server.web.pages import page
from server.web.request_context import request_context

pages = Blueprint("slip", __name__)
AT = branches.AT + "/settings/slip"
_GROUP = "slip"
_TEMPLATE = "office/slip.html"
_PAPERS = ((80, PAPER_80_MM), (58, PAPER_58_MM))
# As long as the secret in the address of a real ticket, so that its QR is as fine.
_SECRET = "Zk3vQ9xT2mB7cR5wY8nL4p"  # noqa: S105 - it opens nothing


@dataclass(frozen=True, slots=True)
class Preview:
    """A slip as a picture, in a language and on a paper."""

    language: str
    language_name: str
    millimetres: int
    picture: SlipPicture


@pages.route(AT, methods=["GET", "POST"])
@needs(Permission.SET_UP)
def show() -> ResponseReturnValue:
    """Show the settings of the slip with its previews, save them, or only look at what was typed."""
    branch, title, back = branches.here(), str(BRANCH_GROUPS[_GROUP].title), url_for("set_up.show")
    settings = groups.branch_group(_GROUP)
    if "preview" in request.form:
        typed, _new, errors = typed_in(settings, {})
        seen = request.form.get(SEEN, "")
        return form_page(
            settings, typed, title, back, seen=seen, errors=errors, template=_TEMPLATE, **_shown(branch)
        )
    return edit_page(things.branch(branch.code), settings, title, back, template=_TEMPLATE, **_shown(branch))


@pages.post(AT + "/preview")
@needs(Permission.SET_UP)
def preview() -> ResponseReturnValue:
    """Give the previews of what is being typed."""
    return page("office/slip_previews.html", "", **_shown(branches.here()))


def _shown(branch: BranchView) -> dict[str, Any]:
    """Return the previews of what was typed, or of what is set, with the example that they show."""
    policy = _typed() if request.method == "POST" else branch.policy.slip
    layout = SlipLayout(**policy.layout())
    letter, is_copy = request.form.get("sample", ""), "sample_copy" in request.form
    service = branch.services.get(letter) or next(iter(branch.services.values()), None)
    spoken = [each for each in branch.policy.languages if each in languages()] or ["pl"]
    return {
        "previews": [
            _preview(branch, service, layout, each, *paper, is_copy=is_copy)
            for each in spoken
            for paper in _PAPERS
        ],
        "services": list(branch.services.values()),
        "sample": service.letter if service else "",
        "is_copy": is_copy,
    }


def _typed() -> SlipPolicy:
    """Read what is being typed; what does not fit yet is left at its default."""
    settings = groups.branch_group(_GROUP)
    _typed, new, errors = typed_in(settings, {})
    said = {name.partition(".")[2]: value for name, value in new.items() if name not in errors}
    with suppress(SettingError):
        return read_policy(SlipPolicy, said)
    return SlipPolicy()


def _preview(
    branch: BranchView,
    service: ServiceView | None,
    layout: SlipLayout,
    language: str,
    millimetres: int,
    dots: int,
    *,
    is_copy: bool,
) -> Preview:
    ticket = _example(branch, service, language, is_copy)
    picture = draw(ticket, layout, language, branch.policy.zone, dots)
    return Preview(language, named(language), millimetres, picture)


def _example(branch: BranchView, service: ServiceView | None, language: str, is_copy: bool) -> Ticket:
    """Make up a ticket of the service: booked where it can be booked, else without a reservation."""
    context = request_context()
    today = context.now.astimezone(branch.policy.zone).date()
    at = datetime.combine(today, time(10, 4), branch.policy.zone)
    hall = next(iter(branch.halls.values()), None)
    is_booked = service is not None and (service.policy.booking.is_online or not service.policy.walk_in)
    return Ticket(
        number=f"{service.letter if service else 'A'}042",
        office=branch.name,
        hall=hall.name if hall else "",
        service=service.name(language) if service else "",
        prepare=(service.prepare(language) if service else None) or "",
        issued_at=at,
        appointment_at=at + timedelta(minutes=26) if is_booked else None,
        people_ahead=3,
        expected_from=at + timedelta(minutes=26),
        expected_until=at + timedelta(minutes=36),
        track_url=f"{context.public_url}/t/{_SECRET}",
        is_copy=is_copy,
    )
