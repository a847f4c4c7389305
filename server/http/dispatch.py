"""Puts the visitors' and the staff's pages behind the API: applications of their own, made when first wanted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from flask import Flask

from server.workers.office_letters import ReportOf

Wsgi = Callable[..., Iterable[bytes]]
ASIDE = "numerek.aside"
"""Where a request of a rush finds what it calls before it waits for a commit (server.http.rush_lane)."""
EXTRAS = "numerek.environ"
"""Where a connection has what its request is to find in its environment (server.http.arrivals)."""
# What the API answers itself; every other address belongs to pages.
_STAFF = "/staff"
_OF_THE_API = ("/api/", "/t/", "/w/", "/healthz", "/readyz", "/metrics")
_BOARD = "/board"


class Pages:
    """A set of pages: calling it gives its Flask application, which loads the libraries of the web."""

    def __init__(self, make: Callable[[], Flask]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: Flask | None = None

    def __call__(self) -> Flask:
        """Return the application; the first caller makes it, others wait for it."""
        if self._made is None:
            with self._lock:
                if self._made is None:
                    self._made = self._make()
        return self._made

    @property
    def is_made(self) -> bool:
        """Say whether somebody wanted it already."""
        return self._made is not None


def is_of_the_api(path: str) -> bool:
    """Say whether an address belongs to the API."""
    return path.startswith((*_OF_THE_API, f"{_BOARD}/")) or path == _BOARD


def is_of_the_staff(path: str) -> bool:
    """Say whether an address belongs to the staff's pages."""
    return path == _STAFF or path.startswith(f"{_STAFF}/")


def part_of(path: str) -> str:
    """Name the application that answers an address, as Flask and the metrics call it."""
    if is_of_the_api(path):
        return "server"
    return "server.staff" if is_of_the_staff(path) else "server.portal"


def is_of_a_rush(method: str, path: str) -> bool:
    """Say whether a request holds an hour: the one that thousands send at the same second."""
    return method == "POST" and path.endswith("/hold") and "/book/draft/" in path


def mount(api: Flask, *, portal: bool, staff: bool) -> None:
    """Let every address that is not the API's lead to the pages that are switched on.

    They stand in `extensions`, too, as `portal` and `staff`. An address of pages that are off is answered by the
    API: there is no such thing.
    """
    inner: Wsgi = api.wsgi_app
    if portal:
        api.extensions["portal"] = Pages(partial(_make_portal, api))
    if staff:
        api.extensions["staff"] = Pages(partial(_make_staff, api))

    def either(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        pages = (
            None
            if is_of_the_api(path)
            else api.extensions.get("staff" if is_of_the_staff(path) else "portal")
        )
        return (inner if pages is None else pages().wsgi_app)(environ, start_response)

    api.wsgi_app = either  # type: ignore[method-assign]


def report_of(api: Flask) -> ReportOf:
    """Return what prints the report of a month of a branch: the staff's pages, even where they are off."""
    pages = api.extensions.get("staff") or Pages(partial(_make_staff, api))

    def written(branch: str, month: Any, language: str) -> bytes:
        from server.staff.statistics.paper import report_pdf

        return report_pdf(pages(), branch, month, language)

    return written


# Imported here and not above: a start of the server does not wait for these libraries.


def _make_portal(api: Flask) -> Flask:
    from server.portal.application import create_portal

    return create_portal(api.extensions["numerek"], max_body_bytes=api.config["MAX_CONTENT_LENGTH"])


def _make_staff(api: Flask) -> Flask:
    from server.staff.application import create_staff

    return create_staff(api.extensions["numerek"], max_body_bytes=api.config["MAX_CONTENT_LENGTH"])
