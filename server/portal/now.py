"""The circumstances of a request, taken once."""

from __future__ import annotations

from flask import g

from server.api import door
from server.services.moment import Moment


def this_moment() -> Moment:
    """Return the circumstances of this request, the same from its begin to its end."""
    if "moment" not in g:
        g.moment = door.house().moment()
    moment: Moment = g.moment
    return moment
