"""What everybody may know of the order of a waiting room: hashes, list, how to compute it again (rule 10)."""

from __future__ import annotations

import json

from flask import Response, request
from flask_babel import gettext as _

from server.domain.release.draw import read_line, shown_line
from server.portal import languages
from server.portal.guard import limits
from server.portal.release.blueprint import office_of, pages
from server.services.release import shuffles
from server.web.pages import page, read

_LINES = 100
_LONGEST_TYPED = 40


@pages.get("/orders/<shuffle>/draw.json")
def shuffle_data(shuffle: str) -> Response:
    """Give all that the script of draws computes the order from, as far as it is told."""
    limits.stop_too_often("draw.json", session="30 per minute", block="300 per minute")
    said = read(lambda session, context: shuffles.document(session, context, shuffle))
    response = Response(json.dumps(said, ensure_ascii=False), content_type="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="draw-{said["draw"]}.json"'
    return response


@pages.get("/orders/<shuffle>")
def shuffle(shuffle: str) -> Response:
    """Show an order; `line` in the address finds an entry number, `from` pages through them."""
    shown = read(lambda session, context: shuffles.find(session, context, shuffle))
    order = read(lambda session, _context: shuffles.order_of(session, shuffle))
    branch, service = office_of(shown.service_id)
    typed = request.args.get("line", "")[:_LONGEST_TYPED]
    wanted = read_line(typed)
    place = order.index(wanted) + 1 if wanted in order else None
    asked = request.args.get("from", "0")
    first = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 0
    first = min(place - 1 if place else first, max(0, len(order) - 1)) // _LINES * _LINES
    return page(
        "release/order.html",
        _("Order of a waiting room"),
        order=shown,
        branch=branch,
        service=service,
        name=service.name(languages.current()),
        zone=branch.policy.zone,
        typed=typed,
        place=place,
        found=wanted if place else None,
        lines=list(enumerate(order[first : first + _LINES], first + 1)),
        before=first - _LINES if first else None,
        after=first + _LINES if first + _LINES < len(order) else None,
        shown_line=shown_line,
    )
