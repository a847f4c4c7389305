"""Packs pages for slow connections, each to a length that tells nothing about the secrets in it.

A page repeats words of its address beside the token of a form. Whoever could make a browser ask for many pages,
and see their packed lengths, could guess the token letter by letter (BREACH). A random length, added where gzip
keeps the name of a file, drowns the one byte by which a right guess is shorter.
"""

from __future__ import annotations

import gzip
import io
import secrets
from functools import cached_property

from flask import Response, make_response, request

_WORTH_IT = 1_000
_MOST_ADDED = 256
_LEVEL = 5


def pack(response: Response) -> Response:
    """Pack a page for a browser that takes gzip; files and short answers stay as they are."""
    if response.mimetype != "text/html" or response.is_streamed or response.direct_passthrough:
        return response
    response.vary.add("Accept-Encoding")
    body = response.get_data()
    if (
        len(body) < _WORTH_IT
        or "Content-Encoding" in response.headers
        or not request.accept_encodings["gzip"]
    ):
        return response
    response.set_data(_packed(body))
    response.headers["Content-Encoding"] = "gzip"
    return response


def _packed(body: bytes) -> bytes:
    packed = io.BytesIO()
    padding = "x" * (1 + secrets.randbelow(_MOST_ADDED))
    with gzip.GzipFile(padding, "wb", _LEVEL, packed, mtime=0) as file:
        file.write(body)
    return packed.getvalue()


class Shared:
    """A part of pages that many readers get alike: it is packed once, and nothing secret may be in it."""

    def __init__(self, html: str) -> None:
        self.html = html

    @cached_property
    def _packed(self) -> bytes:
        return gzip.compress(self.html.encode(), _LEVEL, mtime=0)

    def answer(self) -> Response:
        """Make the answer for the browser that asks: packed if it takes gzip."""
        if not request.accept_encodings["gzip"]:
            return make_response(self.html)
        answer = make_response(self._packed)
        answer.headers["Content-Encoding"] = "gzip"
        return answer
