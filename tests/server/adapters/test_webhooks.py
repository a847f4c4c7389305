"""A message reaches its address as it was signed; what hangs, floods, redirects or leads inside does no harm."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from server.adapters import checked_network
from server.adapters.webhooks import HttpWebhooks
from server.services.ports import NotDelivered
from tests.server.adapters.certificates import certificate
from tests.server.adapters.gateways import GatewayServer

HERE = ("127.0.0.0/8", "::1/128")
LONG = 20.0


@pytest.fixture
def there() -> Iterator[GatewayServer]:
    """Give an address that takes everything."""
    with GatewayServer() as server:
        yield server


def problem(line: HttpWebhooks, url: str) -> str:
    """Post what does not arrive; say why."""
    with pytest.raises(NotDelivered) as caught:
        line.post(url, {}, b"{}")
    assert caught.value.retry
    return caught.value.problem


def post(url: str, seconds: float = LONG) -> int:
    return HttpWebhooks(HERE, seconds).post(url, {"Numerek-Event": "x"}, b'{"a": "\xc5\x82"}')


@contextmanager
def answering(say: Callable[[socket.socket], None]) -> Iterator[str]:
    """Give the address of a server that does something odd with each connection."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(LONG)

        def serve() -> None:
            with suppress(OSError):
                connection, _ = listening.accept()
                with connection:
                    say(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        thread.join(LONG)
        assert not thread.is_alive()


def test_a_message_comes_as_it_was_sent(there: GatewayServer) -> None:
    assert post(f"http://127.0.0.1:{there.port}/hook?a=b") == 200
    (asked,) = there.asked
    assert (asked.method, asked.path, asked.body) == ("POST", "/hook?a=b", b'{"a": "\xc5\x82"}')
    assert asked.headers["numerek-event"] == "x"
    assert asked.headers["content-length"] == str(len(asked.body))


@pytest.mark.parametrize("status", [204, 400, 410, 500, 503])
def test_every_status_is_told(there: GatewayServer, status: int) -> None:
    there.status = status
    assert post(f"http://127.0.0.1:{there.port}/") == status


def test_a_redirect_is_not_followed(there: GatewayServer) -> None:
    there.status, there.location = 302, f"http://127.0.0.1:{there.port}/inside"
    assert post(f"http://127.0.0.1:{there.port}/") == 302
    assert [each.path for each in there.asked] == ["/"]


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]"],
)
def test_without_the_operators_word_nothing_goes_to_this_machine(there: GatewayServer, host: str) -> None:
    for scheme in ("http", "https"):
        assert problem(HttpWebhooks((), LONG), f"{scheme}://{host}:{there.port}/") == "inside_address"
    assert there.asked == []


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "10.0.0.1", "192.168.0.1", "[fd00:ec2::254]", "[fe80::1]"]
)
def test_nor_to_networks_inside_or_what_tells_a_machines_secrets(host: str) -> None:
    assert problem(HttpWebhooks(HERE, LONG), f"https://{host}/latest/meta-data") == "inside_address"


def resolve(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Let every name lead to these addresses; return the names that are asked for."""
    asked, real = [], socket.getaddrinfo

    def found(host: Any, port: Any, *rest: Any, **named: Any) -> Any:
        if str(host).endswith(".example"):
            asked.append(str(host))
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in addresses]
        return real(host, port, *rest, **named)

    monkeypatch.setattr(checked_network.socket, "getaddrinfo", found)
    return asked


def test_a_name_is_asked_for_once_and_the_checked_address_is_used(
    monkeypatch: pytest.MonkeyPatch, there: GatewayServer
) -> None:
    asked = resolve(monkeypatch, "127.0.0.1")
    assert post(f"http://hook.example:{there.port}/") == 200
    assert asked == ["hook.example"]
    assert there.asked[0].headers["host"] == f"hook.example:{there.port}"


def test_a_name_with_one_address_inside_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve(monkeypatch, "93.184.216.34", "10.0.0.1")
    assert problem(HttpWebhooks((), LONG), "https://hook.example/") == "inside_address"


def test_outside_nothing_goes_without_https(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve(monkeypatch, "93.184.216.34")
    assert problem(HttpWebhooks(HERE, LONG), "http://hook.example/") == "not_https"


def test_a_second_address_is_tried(monkeypatch: pytest.MonkeyPatch, there: GatewayServer) -> None:
    resolve(monkeypatch, "127.0.0.9", "127.0.0.1")
    assert post(f"http://hook.example:{there.port}/") == 200


def test_a_name_of_nobody_and_a_closed_port_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert problem(HttpWebhooks(HERE, LONG), f"http://127.0.0.1:{port}/") == "no_connection"

    def nobody(*_: Any, **__: Any) -> Any:
        raise socket.gaierror

    monkeypatch.setattr(checked_network.socket, "getaddrinfo", nobody)
    assert problem(HttpWebhooks(HERE, LONG), "https://nobody.example/") == "no_such_host"


def test_an_address_that_hangs_is_given_up_in_time() -> None:
    gone = threading.Event()
    with answering(lambda connection: gone.wait(LONG) and None) as url:
        began = time.monotonic()
        assert problem(HttpWebhooks(HERE, 0.5), url) == "too_slow"
        assert time.monotonic() - began < LONG / 2
        gone.set()


def test_an_answer_that_drips_is_given_up_in_time() -> None:
    def drip(connection: socket.socket) -> None:
        with suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            for _ in range(400):
                connection.sendall(b"a")
                time.sleep(0.05)

    with answering(drip) as url:
        began = time.monotonic()
        assert problem(HttpWebhooks(HERE, 0.5), url) == "too_slow"
        assert time.monotonic() - began < LONG / 2


def test_megabytes_are_not_read() -> None:
    sent = [0]

    def flood(connection: socket.socket) -> None:
        with suppress(OSError):
            connection.recv(65_536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
            while sent[0] < 200_000_000:
                sent[0] += connection.send(b"x" * 65_536)

    with answering(flood) as url:
        assert post(url) == 200
    assert sent[0] < 100_000_000


@pytest.mark.parametrize(
    "answer", [b"", b"hello", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50_000, b"HTTP/1.1 abc\r\n\r\n"]
)
def test_what_is_no_answer_is_told(answer: bytes) -> None:
    def say(connection: socket.socket) -> None:
        with suppress(OSError):
            connection.recv(65_536)
            connection.sendall(answer)

    with answering(say) as url:
        assert problem(HttpWebhooks(HERE, LONG), url) == "no_answer"


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    server, trusted = certificate(tmp_path)

    def say(connection: socket.socket) -> None:
        with suppress(OSError), server.wrap_socket(connection, server_side=True) as safe:
            asked = b""
            while not asked.endswith(b"{}") and (more := safe.recv(65_536)):
                asked += more  # who closes with bytes unread takes its own answer back
            safe.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with answering(say) as url:
        assert problem(HttpWebhooks(HERE, LONG), url.replace("http:", "https:")) == "tls"
    with answering(say) as url:
        address = url.replace("http:", "https:")
        assert HttpWebhooks(HERE, LONG, trusted).post(address, {}, b"{}") == 204
