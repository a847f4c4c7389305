"""What search engines may keep: what the office offers, and nobody's own pages."""

from __future__ import annotations

from flask import Flask, Response, request

_PERSONAL = ("account", "log-in", "log-out", "reservations", "book/draft", "questions", "t", "v")


def join(app: Flask) -> None:
    """Serve robots.txt, and mark people's own pages as not to be kept."""
    app.add_url_rule("/robots.txt", "robots", _robots)
    app.after_request(_mark)


def _robots() -> Response:
    lines = ["User-agent: *", *(f"Disallow: /*/{path}" for path in _PERSONAL), ""]
    return Response("\n".join(lines), content_type="text/plain; charset=utf-8")


def _mark(response: Response) -> Response:
    _, _, inside = request.path.strip("/").partition("/")
    if any(f"{inside}/".startswith(f"{path}/") for path in _PERSONAL):
        response.headers["X-Robots-Tag"] = "noindex"
    return response
