"""What packed pages tell by their lengths, and that they are unpacked to what they were."""

from __future__ import annotations

import gzip
import secrets
from unittest.mock import Mock

import pytest
from flask import Flask, Response, g

from server.services.office.settings import Office
from server.web.compression import Parted, pack
from server.web.kept import Kept

TOKEN = "ImE4NzY1NDMyMTBmZWRjYmE5ODc2NTQzMjEwZmVkY2JhIg.aSvCxg.h5Q2bTg3vJ0eZp9wYxk"
PAGE = '<html>{said}<input name="csrf_token" value="{token}">{more}</html>'
MORE = "".join(f"<p>{number}</p>" for number in range(300))


def page(said: str, token: str = TOKEN) -> bytes:
    return PAGE.format(said=said, token=token, more=MORE).encode()


def with_token(body: bytes, token: bytes) -> bytes:
    own = {"token": token}
    return Parted(body, own).packed(own)


@pytest.mark.parametrize("token", [TOKEN, ""])
def test_a_kept_page_is_unpacked_to_what_it_was(token: str) -> None:
    kept = Parted(page("hello"), {"token": token.encode()})
    other = {"token": secrets.token_urlsafe(50).encode()} if token else {}
    assert gzip.decompress(kept.packed(other)) == kept.body(other)
    assert kept.body({"token": token.encode()}) == page("hello")
    assert (kept.is_whole, kept.has_token) == (not token, bool(token))


def test_a_right_guess_of_the_token_is_packed_no_shorter_than_a_wrong_one() -> None:
    wrong = [f'value="{TOKEN[:place]}#' for place in range(1, 30)]
    right = [f'value="{TOKEN[: place + 1]}' for place in range(1, 30)]

    def apart(said: str) -> int:
        return len(with_token(page(said), TOKEN.encode()))

    def told(length: object) -> int:
        return sum(length(one) < length(other) for one, other in zip(right, wrong, strict=True))  # type: ignore[operator]

    def without_the_guess(said: str) -> int:
        # What is left of a length when the guess itself, with another token behind it, is taken off.
        return apart(said) - len(with_token(page(said, "x" * 40), b"x" * 40))

    def together(said: str) -> int:
        return len(gzip.compress(page(said), mtime=0)) - len(gzip.compress(page(said, "x" * 40), mtime=0))

    assert told(without_the_guess) == 0
    assert told(together) > 0, "the control: packed as one, a right guess is shorter"


def test_a_page_with_a_token_is_packed_around_it() -> None:
    app = Flask(__name__)
    with app.test_request_context(headers={"Accept-Encoding": "gzip"}):
        g.csrf_token = TOKEN
        packed = pack(Response(page("hello"), mimetype="text/html"))
        assert TOKEN.encode() in packed.get_data()
        assert gzip.decompress(packed.get_data()) == page("hello")


def test_things_are_kept_while_the_office_is_the_same_and_the_oldest_go() -> None:
    kept, made = Kept(2), iter(range(100))
    one, other = Mock(Office), Mock(Office)
    for key, expected in (("a", 0), ("b", 1), ("a", 0), ("c", 2), ("a", 3)):
        assert kept.get(one, key, lambda: next(made)) == expected
    assert kept.get(other, "a", lambda: next(made)) == 4
    assert kept.get(one, "a", lambda: next(made)) == 5
