"""A request to the API: what it brought, and what is kept of it for its answer and for the log."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from server.api import headers_and_log
from server.services.context import RuleBroken


@dataclass(slots=True)
class Asked:
    """A request on its way through a route; `environ` is as PEP 3333 wants it.

    The route leaves here who asked, why it refused, and the tag of what it answered, if it has one.
    """

    environ: Mapping[str, Any]
    method: str
    path: str
    most_bytes: int
    began: float = field(default_factory=time.perf_counter)
    request_id: str = field(default_factory=headers_and_log.new_id)
    principal: str | None = None
    reason: str | None = None
    etag: str | None = None

    def header(self, name: str) -> str | None:
        """Return a header, by its name as the environment has it, such as `HTTP_AUTHORIZATION`."""
        return self.environ.get(name)

    @property
    def mimetype(self) -> str:
        """Return the kind of the body, without its parameters."""
        return str(self.environ.get("CONTENT_TYPE", "")).partition(";")[0].strip().lower()

    @property
    def source(self) -> str:
        """Return the address of whoever sent the request; empty where it is not known."""
        return self.environ.get("REMOTE_ADDR") or ""

    def asks_for(self, name: str) -> bool:
        """Say whether the address has an argument of this name."""
        query = self.environ.get("QUERY_STRING", "")
        return bool(query) and name in parse_qs(query, keep_blank_values=True)

    def body(self) -> bytes:
        """Read the body, once. Raises RuleBroken 413."""
        length = self.environ.get("CONTENT_LENGTH") or "0"
        size = int(length) if length.isdecimal() else 0
        if size > self.most_bytes:
            raise RuleBroken(413, "too_large")
        sent: bytes = self.environ["wsgi.input"].read(size)
        return sent
