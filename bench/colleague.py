"""Somebody of the staff at a browser without scripts: signs in, reads pages and sends their forms."""

from __future__ import annotations

import http.client
import re
from urllib.parse import urlencode

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Colleague:
    """A signed-in person with the cookie of the session."""

    def __init__(self, port: int, login: str, password: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.cookie = ""
        self.post("/staff/sign-in", {"login": login, "password": password}, form="/staff/sign-in")

    def get(self, path: str) -> str:
        """Read a page."""
        return self._ask("GET", path, None, 200)

    def post(self, path: str, said: dict[str, str], form: str) -> None:
        """Send what a form of the page at `form` says; the next page has to follow."""
        found = _TOKEN.search(self.get(form))
        if found is None:
            raise RuntimeError(f"no form at {form}")
        self._ask("POST", path, urlencode({"csrf_token": found[1]} | said), 303)

    def _ask(self, method: str, path: str, body: str | None, expected: int) -> str:
        sent = {"Cookie": self.cookie}
        if body is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, body, sent)
        answer = self._connection.getresponse()
        text = answer.read().decode()
        if cookie := answer.getheader("Set-Cookie"):
            self.cookie = cookie.partition(";")[0]
        if answer.status != expected:
            raise RuntimeError(f"{method} {path}: {answer.status}")
        return text
