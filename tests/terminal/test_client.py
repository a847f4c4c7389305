"""The client: one callback each, the same key on every try, and no nonsense from outside gets through."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from PySide6.QtNetwork import QNetworkReply

from terminal.client import Client, Known, Request, Sending
from terminal.clock import ServerClock
from tests.terminal.fake_server import Feed
from wire.messages import CheckInRequest, Problem, ServicesAnswer, VerifyAnswer

SERVICES = ServicesAnswer(services=[], now=datetime(2026, 11, 24, 9, 0, tzinfo=UTC))
COMMAND = CheckInRequest(code="482910378")
NOT_OURS = b"<html>Bad Gateway</html>"


class Heard:
    """The callbacks of one request, and what they were told."""

    def __init__(self, qtbot, client, request):
        self.told = []
        self._qtbot = qtbot
        self.sending = client.send(
            request,
            lambda answer: self.told.append(("answer", answer)),
            lambda problem: self.told.append(("problem", problem)),
            lambda: self.told.append(("unreachable", None)),
        )

    def wait(self):
        self._qtbot.waitUntil(lambda: bool(self.told))
        self._qtbot.wait(0)
        assert len(self.told) == 1
        return self.told[0]


def get(patience_seconds=20.0):
    return Request("GET", "/api/v1/services", ServicesAnswer, patience_seconds=patience_seconds)


def test_an_answer_arrives_as_its_message_and_sets_the_clock(qtbot, server, client):
    seen = []

    def answer(exchange):
        seen.append((exchange.path, exchange.headers["Authorization"], exchange.headers["Idempotency-Key"]))
        exchange.reply(200, SERVICES, Numerek_Time="2026-11-24T09:00:00.250+00:00")

    server.answer = answer
    assert Heard(qtbot, client, get()).wait() == ("answer", SERVICES)
    assert seen == [("/api/v1/services", "Bearer a-token", None)]
    assert client.clock.is_known
    assert abs(client.clock.now() - datetime(2026, 11, 24, 9, 0, 0, 250000, tzinfo=UTC)).total_seconds() < 5


def test_no_content_is_an_answer_without_a_message(qtbot, server, client):
    server.answer = lambda exchange: exchange.reply(204)
    request = Request("POST", "/api/v1/counters/7/call-next", VerifyAnswer)
    assert Heard(qtbot, client, request).wait() == ("answer", None)


def test_a_refusal_arrives_as_a_problem(qtbot, server, client):
    body = {
        "type": "about:blank",
        "title": "Too late",
        "status": 409,
        "reason": "too_late",
        "facts": {"a": 1},
    }
    server.answer = lambda exchange: exchange.reply(409, {**body, "instance": "/x"})
    kind, problem = Heard(qtbot, client, get()).wait()
    assert (kind, problem.reason, problem.facts) == ("problem", "too_late", {"a": 1})


def test_a_pause_tells_how_long(qtbot, server, client):
    problem = Problem(title="Wait", status=429, reason="paused")
    server.answer = lambda exchange: exchange.reply(429, problem, Retry_After="30")
    kind, problem = Heard(qtbot, client, get()).wait()
    assert (kind, problem.reason, problem.facts) == ("problem", "paused", {"retry_after_seconds": 30.0})


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, NOT_OURS),
        (200, b""),
        (200, b'{"services": "many"}'),
        (200, b"[" * 100_000),
        (201, b"\xff\xfe"),
        (302, NOT_OURS),
        (404, NOT_OURS),
        (409, b'{"reason": 1}'),
        (500, b"[1]"),
    ],
)
def test_an_answer_that_makes_no_sense_is_a_problem(qtbot, server, client, status, body):
    server.answer = lambda exchange: exchange.reply(status, body)
    kind, problem = Heard(qtbot, client, get()).wait()
    assert (kind, problem.reason, problem.status) == ("problem", "unreadable_answer", status)


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_proxy_without_a_server_behind_it_is_unreachable(qtbot, server, client, status):
    server.answer = lambda exchange: exchange.reply(status, NOT_OURS)
    assert Heard(qtbot, client, get(0.4)).wait() == ("unreachable", None)


def test_a_server_that_stays_busy_is_heard_with_its_reason(qtbot, server, client):
    problem = Problem(title="No room", status=503, reason="disk_full")
    server.answer = lambda exchange: exchange.reply(503, problem, Retry_After="1")
    kind, problem = Heard(qtbot, client, get(1.5)).wait()
    assert (kind, problem.reason) == ("problem", "disk_full")


def test_nobody_there_is_unreachable(qtbot, server, client):
    server.stop()
    assert Heard(qtbot, client, get(0.4)).wait() == ("unreachable", None)


def test_a_server_that_says_nothing_is_unreachable_in_time(qtbot, server, client):
    server.feeds.append(held := Feed())

    server.answer = lambda exchange: held.wait(0, server)
    assert Heard(qtbot, client, get(0.6)).wait() == ("unreachable", None)


def test_a_command_keeps_its_key_until_it_is_answered(qtbot, server, client):
    keys, bodies = [], []

    def answer(exchange):
        keys.append(exchange.headers["Idempotency-Key"])
        bodies.append(exchange.body)
        if len(keys) == 1:
            exchange.cut()
        elif len(keys) == 2:
            exchange.cut(b"HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{")
        elif len(keys) == 3:
            exchange.reply(502, NOT_OURS)
        else:
            exchange.reply(200, VerifyAnswer())

    server.answer = answer
    request = Request("POST", "/api/v1/check-ins", VerifyAnswer, COMMAND)
    assert Heard(qtbot, client, request).wait() == ("answer", VerifyAnswer())
    assert len(keys) >= 4
    assert set(keys) == {request.key}
    assert set(bodies) == {COMMAND.model_dump_json(exclude_none=True).encode()}


def test_two_commands_have_two_keys():
    first, second = (Request("POST", "/api/v1/check-ins", None, COMMAND) for _ in range(2))
    assert first.key != second.key


def test_a_token_does_not_follow_a_redirect(qtbot, server, client):
    paths = []

    def answer(exchange):
        paths.append(exchange.path)
        exchange.reply(307, b"", Location=f"{server.url}/elsewhere")

    server.answer = answer
    assert Heard(qtbot, client, get()).wait()[0] == "problem"
    assert paths == ["/api/v1/services"]


def test_a_cancelled_request_tells_nobody(qtbot, server, client):
    heard = Heard(qtbot, client, get())
    other = Heard(qtbot, client, get())
    heard.sending.cancel()
    other.wait()
    assert heard.told == []


def test_a_wrong_stamp_leaves_the_clock_alone(qtbot, server, client):
    server.answer = lambda exchange: exchange.reply(200, SERVICES, Numerek_Time="yesterday")
    Heard(qtbot, client, get()).wait()
    assert not client.clock.is_known


def test_nothing_is_left_of_requests_that_ended(qtbot, server, client):
    server.answer = lambda exchange: exchange.reply(200, SERVICES)
    for _ in range(100):
        Heard(qtbot, client, get()).wait()
    qtbot.waitUntil(lambda: not client.findChildren(Sending))
    assert not client.network.findChildren(QNetworkReply)


def test_a_client_without_a_token_sends_none(qtbot, server, qapp):
    seen = []

    def answer(exchange):
        seen.append(exchange.headers["Authorization"])
        exchange.reply(200, SERVICES)

    server.answer = answer
    anybody = Client(server.url + "/", None, ServerClock())
    Heard(qtbot, anybody, get()).wait()
    assert seen == [None]


def test_what_has_not_changed_is_not_sent_again(qtbot, server, client):
    asked = []

    def answer(exchange):
        asked.append(exchange.headers["If-None-Match"])
        if asked[-1] == '"1"':
            exchange.reply(304)
        else:
            exchange.reply(200, SERVICES, ETag='"1"')

    server.answer = answer
    request = Request("GET", "/api/v1/services", ServicesAnswer, known=Known())
    assert Heard(qtbot, client, request).wait() == ("answer", SERVICES)
    assert Heard(qtbot, client, request).wait() == ("answer", None)
    assert asked == [None, '"1"']
    assert Heard(qtbot, client, get()).wait() == ("answer", SERVICES), (
        "a control: who keeps nothing asks anew"
    )
