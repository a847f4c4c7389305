"""The circumstances of a request, taken once."""

from __future__ import annotations

from flask import g

from server.api import authentication
from server.services.context import Context


def request_context() -> Context:
    """Return the circumstances of this request, the same from its begin to its end."""
    if "context" not in g:
        g.context = authentication.runtime().context()
    context: Context = g.context
    return context
