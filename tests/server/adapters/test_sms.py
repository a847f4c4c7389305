"""Text messages reach a real gateway as it wants them, and of each it is known whether it was taken."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from server.adapters.sms import FORM, JSON, FolderTexter, Gateway, GatewayTexter, fill
from server.services.ports import NotDelivered
from tests.server.adapters.gateways import GatewayServer

TO = "+48713406927"
HOSTILE = [
    'Wizyta 23.11 10:00, "bilet" do 09:45',
    'a", "to": "+48999',
    "a&to=48999&text=x",
    "{to} {text} {{to}}",
    "a\r\nX-Header: y",
    "a\x00b\\",
    "Візит 23.11 😀 ‮",
    "x" * 10_000,
    "%7Bto%7D + & = ? # /",
]


@pytest.fixture
def gateway() -> Iterator[GatewayServer]:
    """Give a gateway that takes everything."""
    with GatewayServer() as server:
        yield server


def texter(url: str, **more: Any) -> GatewayTexter:
    """Make a texter for an address."""
    told: dict[str, Any] = {
        "method": "POST",
        "body": '{"to": "{to}", "text": "{text}"}',
        "content_type": JSON,
        "headers": {"Authorization": "Bearer secret"},
        "timeout_seconds": 2.0,
    }
    return GatewayTexter(Gateway(url, **(told | more)))


def refusal(sends: GatewayTexter, to: str = TO) -> tuple[str, bool, bool]:
    """Send a text that does not arrive; say why, whether later it may, and whether that is unclear."""
    try:
        with pytest.raises(NotDelivered) as caught:
            sends.send(to, "text", "key")
    finally:
        sends.close()
    return caught.value.problem, caught.value.retry, caught.value.unclear


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_arrives_as_json(gateway: GatewayServer, text: str) -> None:
    sends = texter(gateway.url())
    sends.send(TO, text, "visit:17:reminder:sms:120")
    sends.close()
    (asked,) = gateway.asked
    assert json.loads(asked.body) == {"to": TO, "text": text}
    assert asked.headers["authorization"] == "Bearer secret"
    assert asked.headers["idempotency-key"] == "visit:17:reminder:sms:120"
    assert asked.headers["content-type"] == JSON


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_arrives_as_a_form(gateway: GatewayServer, text: str) -> None:
    sends = texter(gateway.url(), body="to={to}&text={text}&from=Urzad", content_type=FORM)
    sends.send(TO, text, "key")
    sends.close()
    (asked,) = gateway.asked
    assert parse_qs(asked.body.decode()) == {"to": [TO], "text": [text], "from": ["Urzad"]}


@pytest.mark.parametrize("text", HOSTILE[:-2])
def test_any_text_arrives_in_an_address(gateway: GatewayServer, text: str) -> None:
    sends = texter(gateway.url("/send?to={to}&text={text}"), method="GET")
    sends.send(TO, text, "key")
    sends.close()
    (asked,) = gateway.asked
    assert (asked.method, asked.body) == ("GET", b"")
    assert parse_qs(urlsplit(asked.path).query) == {"to": [TO], "text": [text]}
    assert "content-type" not in asked.headers


def test_no_log_has_the_number_or_the_text(gateway: GatewayServer, caplog: pytest.LogCaptureFixture) -> None:
    from server.run import set_up_logging
    from wire.settings import Settings

    handlers = logging.getLogger().handlers[:]
    set_up_logging(Settings())
    logging.getLogger().addHandler(caplog.handler)
    sends = texter(gateway.url("/send?to={to}&text={text}"), method="GET")
    sends.send(TO, "482 910 378", "key")
    sends.close()
    logging.getLogger().handlers[:] = handlers
    assert "406927" not in caplog.text
    assert "910" not in caplog.text


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (400, ("gateway_400", False, False)),
        (422, ("gateway_422", False, False)),
        (401, ("gateway_401", True, False)),
        (408, ("gateway_408", True, False)),
        (429, ("gateway_429", True, False)),
        (500, ("gateway_500", True, False)),
        (503, ("gateway_503", True, False)),
        (502, ("gateway_502", False, True)),
        (504, ("gateway_504", False, True)),
        (302, ("gateway_302", True, False)),
    ],
)
def test_a_no_for_now_is_told_from_a_no_for_good(
    gateway: GatewayServer, status: int, told: tuple[str, bool, bool]
) -> None:
    gateway.status = status
    assert refusal(texter(gateway.url())) == told


def test_a_redirect_takes_number_and_text_nowhere(gateway: GatewayServer) -> None:
    with GatewayServer() as elsewhere:
        gateway.status, gateway.location = 307, elsewhere.url()
        assert refusal(texter(gateway.url()))[0] == "gateway_307"
        assert elsewhere.asked == []


def test_nobody_there_is_for_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    assert refusal(texter(f"http://127.0.0.1:{port}/")) == ("no_connection", True, False)


def test_an_answer_that_never_comes_leaves_it_unclear(gateway: GatewayServer) -> None:
    gateway.delay = 0.6
    assert refusal(texter(gateway.url(), timeout_seconds=0.2)) == ("timeout", False, True)


def test_a_line_that_breaks_leaves_it_unclear(gateway: GatewayServer) -> None:
    gateway.breaks = True
    assert refusal(texter(gateway.url())) == ("broken_line", False, True)


@pytest.mark.parametrize(
    "to", ["", "abc", "+48 71\r\nX: y", "+" * 5, "48;71", "1" * 21, "+48{text}", "٤٨٧١٣٤"]
)
def test_what_is_no_number_goes_nowhere(gateway: GatewayServer, to: str) -> None:
    assert refusal(texter(gateway.url()), to) == ("no_number", False, False)
    assert gateway.asked == []


@pytest.mark.parametrize(
    "settings",
    [
        {"url": "ftp://example.org/"},
        {"url": "file:///etc/passwd"},
        {"url": "https://{to}.example.org/"},
        {"url": "https:///send"},
        {"content_type": "text/xml"},
        {"body": '{"to": {to}'},
        {"body": '{"to": "{to}", "text": {text}}'},
    ],
)
def test_settings_that_can_be_no_gateway_are_refused(settings: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="sms"):
        texter(**({"url": "https://example.org/"} | settings))


def test_the_words_in_braces_are_filled_in_once() -> None:
    assert fill("{to}: {text} {other} {", "1", "{to}{text}", str) == "1: {to}{text} {other} {"


def test_in_trials_text_messages_become_files(tmp_path: Path) -> None:
    now = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    FolderTexter(tmp_path / "sms", lambda: now).send("+48 713 406 927", "Kod 482 910 378", "key")
    (file,) = (tmp_path / "sms").iterdir()
    assert file.read_text() == f"To: {TO}\n\nKod 482 910 378\n"
    assert (file.suffix, file.stat().st_mode & 0o777) == (".txt", 0o600)
