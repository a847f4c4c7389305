"""The HTTP front: limits before anything is parsed, headers on every answer, and slow clients in nobody's way."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest

from server.api import request_counts
from server.store.tables import Ticket
from tests.server.served.conftest import Served

SAFE = {
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
}


def talk(port: int, raw: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send bytes on a socket of their own and read the answer to its end."""
    with socket.create_connection(("127.0.0.1", port), 60) as connection:
        connection.sendall(raw)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()


def request(line: str, body: bytes = b"", **headers: str) -> bytes:
    """Write a request that closes the connection after its answer."""
    sent = {"Host": "numerek", "Connection": "close"} | {k.replace("_", "-"): v for k, v in headers.items()}
    if body and "Transfer-Encoding" not in sent:
        sent.setdefault("Content-Length", str(len(body)))
    head = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    return f"{line} HTTP/1.1\r\n{head}\r\n".encode() + body


def ticket_request(served: Served, body: bytes, **headers: str) -> bytes:
    """Write a request for a walk-in ticket."""
    return request(
        "POST /api/v1/tickets",
        body,
        Authorization=f"Bearer {served.office.tokens['kiosk:wroclaw']}",
        Content_Type="application/json",
        Idempotency_Key="k",
        **headers,
    )


def test_a_ticket_over_http(served: Served) -> None:
    status, headers, body = talk(served.port, ticket_request(served, b'{"service": "P"}'))
    assert (status, json.loads(body)["ticket"]["number"]) == (201, "P001")
    assert headers["numerek-time"] == "2026-11-23T09:00:00.000+00:00"
    assert "server" not in headers


def test_an_answer_has_one_date(served: Served) -> None:
    for path in ("/en/", "/en/log-in", "/healthz"):
        with socket.create_connection(("127.0.0.1", served.port), 60) as connection:
            connection.sendall(request(f"GET {path}"))
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            assert answer.status == 200
            assert len(answer.msg.get_all("date", [])) == 1, path


def test_too_large_a_body_is_refused_while_it_comes_in(serve: Callable[..., Served]) -> None:
    served = serve(body_bytes=1000)
    status, headers, body = talk(served.port, ticket_request(served, b'{"service": "' + b"P" * 1000 + b'"}'))
    assert (status, json.loads(body)["reason"]) == (413, "too_large")
    assert headers["content-type"] == "application/problem+json"


def test_a_browser_is_told_in_a_page_and_in_the_language_of_its_address(serve: Callable[..., Served]) -> None:
    served = serve(body_bytes=1000)
    for path, words, language in (
        ("/uk/log-in", "Форма завелика", b'<html lang="uk" dir="ltr">'),
        ("/ruin", "The form is too large", b'<html lang="pl" dir="ltr">'),
    ):
        status, headers, body = talk(served.port, request(f"POST {path}", b"x" * 1001))
        assert (status, headers["content-type"]) == (413, "text/html; charset=utf-8")
        assert words.encode() in body
        assert language in body
        assert headers["content-security-policy"].startswith("default-src 'none'")


def test_the_booking_pages_are_served_and_loaded_when_nobody_waits(served: Served) -> None:
    served.front.warm_up()
    assert served.office.app.extensions["portal"].is_made
    status, headers, body = talk(served.port, request("GET /en/"))
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert b"<h1" in body


def test_a_body_in_pieces_without_a_length_has_the_same_limit(serve: Callable[..., Served]) -> None:
    served = serve(body_bytes=1000)
    chunk = b"100\r\n" + b" " * 256 + b"\r\n"
    raw = ticket_request(served, chunk * 8 + b"0\r\n\r\n", Transfer_Encoding="chunked")
    assert talk(served.port, raw)[0] == 413
    small = b'10\r\n{"service": "P"}\r\n0\r\n\r\n'
    status, _, body = talk(served.port, ticket_request(served, small, Transfer_Encoding="chunked"))
    assert (status, json.loads(body)["ticket"]["number"]) == (201, "P001")


def test_a_body_that_never_comes_is_given_up(serve: Callable[..., Served]) -> None:
    served = serve(request_seconds=0.2)
    raw = ticket_request(served, b"{", Content_Length="16")
    status, _, body = talk(served.port, raw)
    assert (status, json.loads(body)["reason"]) == (408, "too_slow")
    assert served.office.rows(Ticket) == []


def test_slow_clients_are_in_nobodys_way(serve: Callable[..., Served]) -> None:
    served = serve(threads=2)
    slow = [socket.create_connection(("127.0.0.1", served.port), 10) for _ in range(50)]
    for connection in slow:
        connection.sendall(ticket_request(served, b"{", Content_Length="16"))
    assert talk(served.port, request("GET /healthz"))[0] == 200
    for connection in slow:
        connection.close()


def test_alive_is_said_while_every_thread_is_busy(serve: Callable[..., Served]) -> None:
    served = serve(threads=1, request_seconds=1.0)
    free, taken = threading.Event(), threading.Event()

    def block() -> None:
        taken.set()
        free.wait(5)

    served.front._pool.submit(block)
    assert taken.wait(5)
    try:
        assert talk(served.port, request("GET /readyz"))[0] == 503
        status, headers, body = talk(served.port, request("GET /healthz"))
        assert (status, json.loads(body)) == (200, {"status": "ok"})
        assert SAFE.items() <= headers.items()
    finally:
        free.set()


def test_who_is_sent_away_at_the_door_and_who_listens_is_counted(serve: Callable[..., Served]) -> None:
    served = serve(body_bytes=10, streams=7)
    before = request_counts.counts().get(("server", "POST", "", "4xx"), 0)
    refused = request_counts.refusals().get(("server", "too_large"), 0)
    assert talk(served.port, ticket_request(served, b" " * 11))[0] == 413
    assert request_counts.counts()["server", "POST", "", "4xx"] == before + 1
    assert request_counts.refusals()["server", "too_large"] == refused + 1
    served.listen()
    assert served.office.runtime.figures["streams"]() == {"devices": (1, 7), "phones": (0, 5_000)}


def test_more_streams_than_threads_starve_nobody(serve: Callable[..., Served]) -> None:
    served = serve(threads=2, streams_each=20)
    boards = [served.listen() for _ in range(20)]
    assert talk(served.port, ticket_request(served, b'{"service": "P"}'))[0] == 201
    assert {board.facts(1)[0].data["number"] for board in boards} == {"P001"}


@pytest.mark.parametrize(
    "line",
    [
        "GET /healthz",
        "GET /api/v1/services",
        "GET /nothing",
        "PUT /api/v1/tickets",
        "GET /api/v1/stream",
        "GET /api/v1/stream?topics=x",
        "GET /t/nobody",
        "TRACE /",
    ],
)
def test_every_answer_carries_the_safe_headers(served: Served, line: str) -> None:
    headers = talk(served.port, request(line))[1]
    assert {name: headers.get(name) for name in SAFE} == SAFE
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "server" not in headers


def test_refusals_of_the_front_carry_them_too(serve: Callable[..., Served]) -> None:
    served = serve(body_bytes=10)
    headers = talk(served.port, ticket_request(served, b" " * 11))[1]
    assert {name: headers.get(name) for name in SAFE} == SAFE
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_a_stream_carries_them_too(served: Served) -> None:
    headers: Any = {name.lower(): value for name, value in served.listen().response.getheaders()}
    assert {name: headers.get(name) for name in SAFE} == SAFE
    assert headers["content-type"] == "text/event-stream; charset=utf-8"


@pytest.mark.parametrize(
    "raw",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        b"POST /api/v1/tickets HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: -1\r\n\r\n",
    ],
    ids=["bytes", "version", "path", "header", "length"],
)
def test_bytes_that_are_no_request_harm_nobody(served: Served, raw: bytes) -> None:
    with socket.create_connection(("127.0.0.1", served.port), 10) as connection:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(65_536)
    assert not answer.startswith(b"HTTP/1.1 5")
    assert talk(served.port, request("GET /healthz"))[0] == 200


def test_a_path_in_utf8_reaches_the_routes_as_it_was_sent(served: Served) -> None:
    status, _, body = talk(served.port, request("GET /t/%C5%BC%F0%9F%90%9F"))
    assert status == 404
    assert b"<html" in body
