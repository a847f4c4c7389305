"""Packs pages for slow connections, so that no packed length tells anything of the secrets in them.

A page repeats words of its address beside the token of a form. Whoever could make a browser ask for many pages,
and see their packed lengths, could guess the token letter by letter (BREACH): a right guess is packed shorter. So
the token is not packed: the page is packed in parts around it, none of which refers to another, and the token
stands between them as it is. For what else is personal in a page (a name, a code), a random length, added where
gzip keeps the name of a file, drowns the one byte by which a right guess is shorter.
"""

from __future__ import annotations

import gzip
import hashlib
import secrets
import struct
import zlib
from collections.abc import Iterable
from functools import cached_property

from flask import Response, g, make_response, request

_WORTH_IT = 1_000
_MOST_ADDED = 256
_LEVEL = 5
# What is packed once is packed well.
_LEVEL_OF_KEPT = 9
# RFC 1952: deflated, with the name of a file or without; neither time nor system is told.
_NAMED, _NAMELESS = b"\x1f\x8b\x08\x08\0\0\0\0\0\xff", b"\x1f\x8b\x08\x00\0\0\0\0\0\xff"
# RFC 1951: the last block, empty.
_END = b"\x03\x00"


def pack(response: Response) -> Response:
    """Pack a page for a browser that takes gzip; files and short answers stay as they are."""
    if response.mimetype != "text/html" or response.is_streamed or response.direct_passthrough:
        return response
    response.vary.add("Accept-Encoding")
    if "Content-Encoding" in response.headers or not request.accept_encodings["gzip"]:
        return response
    body = response.get_data()
    if len(body) < _WORTH_IT:
        return response
    token = token_of_the_form()
    parts = body.split(token) if token else [body]
    packed = _joined(body, (_deflated(part, _LEVEL) for part in parts), token)
    response.set_data(_NAMED + b"x" * (1 + secrets.randbelow(_MOST_ADDED)) + b"\0" + packed)
    response.headers["Content-Encoding"] = "gzip"
    return response


def token_of_the_form() -> bytes:
    """Return the token of forms that this answer holds; empty where no form asked for one."""
    return str(g.get("csrf_token", "")).encode()


class Parted:
    """A page that is kept, in the parts around the token of its form; without a form it is one part.

    Nothing else secret may be in it: the parts are packed once, and their lengths can be seen.
    """

    def __init__(self, body: bytes, token: bytes) -> None:
        self._parts = body.split(token) if token else [body]

    @property
    def is_whole(self) -> bool:
        """Say whether it holds no token: everybody is answered the same bytes."""
        return len(self._parts) == 1

    def body(self, token: bytes) -> bytes:
        """Return the page with this token."""
        return token.join(self._parts)

    def packed(self, token: bytes) -> bytes:
        """Return the page with this token, as gzip."""
        return self._packed_whole if self.is_whole else self._packed(token)

    @cached_property
    def etag(self) -> str:
        """Return a name of what is shown, the same for the same bytes; a page with a token has none."""
        return hashlib.sha256(self._parts[0]).hexdigest()[:16]

    @cached_property
    def _packed_whole(self) -> bytes:
        return self._packed(b"")

    def _packed(self, token: bytes) -> bytes:
        return _NAMELESS + _joined(self.body(token), self._deflated, token)

    @cached_property
    def _deflated(self) -> list[bytes]:
        return [_deflated(part, _LEVEL_OF_KEPT) for part in self._parts]


def _deflated(part: bytes, level: int) -> bytes:
    """Deflate a part by itself, up to the border of a byte."""
    packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(part) + packer.flush(zlib.Z_SYNC_FLUSH)


def _joined(body: bytes, deflated: Iterable[bytes], token: bytes) -> bytes:
    """Join deflated parts of a body with the token between them as it is, and close the file."""
    stored = struct.pack("<BHH", 0, len(token), 0xFFFF - len(token)) + token
    return stored.join(deflated) + _END + struct.pack("<II", zlib.crc32(body), len(body))


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
