"""Puts the booking pages behind the API: an application of their own, made when it is first wanted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask

Wsgi = Callable[..., Iterable[bytes]]
ASIDE = "numerek.aside"
"""Where a request of a rush finds what it calls before it waits for a commit (server.http.rush_lane)."""
# What the API answers itself; every other address belongs to the booking pages.
_OF_THE_API = ("/api/", "/t/", "/healthz", "/readyz")


class Portal:
    """The booking pages: `portal()` gives their Flask application, which loads the libraries of the web."""

    def __init__(self, api: Flask) -> None:
        self._api = api
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

    def _make(self) -> Flask:
        # Here and not above: a start of the server does not wait for these libraries.
        from server.portal.application import create_portal

        return create_portal(
            self._api.extensions["numerek"], max_body_bytes=self._api.config["MAX_CONTENT_LENGTH"]
        )


def is_of_the_api(path: str) -> bool:
    """Say whether an address belongs to the API."""
    return path.startswith(_OF_THE_API)


def is_of_a_rush(method: str, path: str) -> bool:
    """Say whether a request holds an hour: the one that thousands send at the same second."""
    return method == "POST" and path.endswith("/hold") and "/book/draft/" in path


def mount(api: Flask) -> Portal:
    """Let every address that is not the API's lead to the booking pages; they stand in `extensions`, too."""
    portal = Portal(api)
    inner: Wsgi = api.wsgi_app

    def either(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if is_of_the_api(environ["PATH_INFO"]):
            return inner(environ, start_response)
        return portal().wsgi_app(environ, start_response)

    api.wsgi_app = either  # type: ignore[method-assign]
    api.extensions["portal"] = portal
    return portal
