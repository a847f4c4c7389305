"""What every answer of the web pages carries: what its page may load, and that nobody keeps it unless told so."""

from __future__ import annotations

import secrets

from flask import Response, g

from server.api import headers_and_log

_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; worker-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_SAFE = [
    ("Cross-Origin-Resource-Policy", "same-origin"),
    *(each for each in headers_and_log.SAFE_HEADERS.items() if each[0] != "Content-Security-Policy"),
]


def nonce() -> str:
    """Return the word by which this answer's scripts are known to be ours."""
    if "nonce" not in g:
        g.nonce = new_nonce()
    word: str = g.nonce
    return word


def new_nonce() -> str:
    """Draw such a word."""
    return secrets.token_urlsafe(16)


def safe_headers(nonce: str) -> list[tuple[str, str]]:
    """Return what tells a browser how careful to be with an answer whose scripts are known by this word."""
    return [("Content-Security-Policy", _POLICY.format(nonce=nonce)), *_SAFE]


def dress(response: Response) -> Response:
    """Put the headers on an answer; what it set itself (a file that may be kept) stays."""
    there = {name.lower() for name, _ in response.headers}
    ours = [*safe_headers(nonce()), *headers_and_log.own_headers()]
    response.headers.extend([each for each in ours if each[0].lower() not in there])
    headers_and_log.write_log(response)
    return response
