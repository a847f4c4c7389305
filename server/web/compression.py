"""Packs pages for slow connections, so that no packed length tells anything of the secrets in them.

A page repeats words of its address beside the token of a form. Whoever could make a browser ask for many pages,
and see their packed lengths, could guess the token letter by letter (BREACH): a right guess is packed shorter. So
the token is not packed: the page is packed in parts around it, none of which refers to another, and the token
stands between them as it is. So does all that is personal in a page that is kept. For what else is personal in a
page (a name, a code), a random length, added where gzip keeps the name of a file, drowns the one byte by which a
right guess is shorter.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import secrets
import struct
import zlib
from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import zip_longest

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
    between = [token] * (len(parts) - 1)
    packed = _joined(body, (_deflated(part, _LEVEL) for part in parts), between)
    response.set_data(_head_of_any_length() + packed)
    response.headers["Content-Encoding"] = "gzip"
    return response


def token_of_the_form() -> bytes:
    """Return the token of forms that this answer holds; empty where no form asked for one."""
    return str(g.get("csrf_token", "")).encode()


TOKEN = "token"  # noqa: S105 - a name
"""What the token of the form is called among a visitor's own things."""


class Parted:
    """A page that is kept, in the parts around what each visitor has of their own, such as the token of its form.

    Nothing else secret may be in it: the parts are packed once, and their lengths can be seen.
    """

    def __init__(self, body: bytes, words: Mapping[str, bytes]) -> None:
        """Take a page in which a word stands for each thing by its name; an empty one stands nowhere."""
        names = {word: name for name, word in words.items() if word}
        found = re.split(b"(" + b"|".join(map(re.escape, names)) + b")", body) if names else [body]
        self._parts, self._own = found[::2], [names[word] for word in found[1::2]]

    @property
    def is_whole(self) -> bool:
        """Say whether it holds nobody's own: everybody is answered the same bytes."""
        return not self._own

    @property
    def has_token(self) -> bool:
        """Say whether it has a form."""
        return TOKEN in self._own

    def body(self, own: Mapping[str, bytes]) -> bytes:
        """Return the page with these things in it, which are HTML."""
        between = (own[name] for name in self._own)
        return b"".join(part for pair in zip_longest(self._parts, between, fillvalue=b"") for part in pair)

    def packed(self, own: Mapping[str, bytes]) -> bytes:
        """Return the page with these things, as gzip. Of more than a token the length tells nothing either."""
        if self.is_whole:
            return self._packed_whole
        head = _NAMELESS if set(self._own) == {TOKEN} else _head_of_any_length()
        return head + _joined(self.body(own), self._deflated, [own[name] for name in self._own])

    @cached_property
    def etag(self) -> str:
        """Return a name of what is shown, the same for the same bytes; only a whole page has one."""
        return hashlib.sha256(self._parts[0]).hexdigest()[:16]

    @cached_property
    def _packed_whole(self) -> bytes:
        return _NAMELESS + _joined(self._parts[0], self._deflated, ())

    @cached_property
    def _deflated(self) -> list[bytes]:
        return [_deflated(part, _LEVEL_OF_KEPT) for part in self._parts]


def _head_of_any_length() -> bytes:
    return _NAMED + b"x" * (1 + secrets.randbelow(_MOST_ADDED)) + b"\0"


def _deflated(part: bytes, level: int) -> bytes:
    """Deflate a part by itself, up to the border of a byte."""
    packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(part) + packer.flush(zlib.Z_SYNC_FLUSH)


def _stored(text: bytes) -> bytes:
    """Write up to 65 535 bytes as they are (RFC 1951)."""
    return struct.pack("<BHH", 0, len(text), 0xFFFF - len(text)) + text


def _joined(body: bytes, deflated: Iterable[bytes], between: Iterable[bytes]) -> bytes:
    """Join deflated parts of a body with what stands between them as it is, and close the file."""
    stored = (_stored(text) for text in between)
    parts = [part for pair in zip_longest(deflated, stored, fillvalue=b"") for part in pair]
    return b"".join(parts) + _END + struct.pack("<II", zlib.crc32(body), len(body))


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
