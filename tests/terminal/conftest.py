"""Fixtures of the terminal room: a server that answers as told, and a client of it."""

from __future__ import annotations

import pytest

from terminal.client import Client
from terminal.clock import ServerClock
from tests.terminal.fake_server import FakeServer


@pytest.fixture
def server():
    """Give a fake server; a test sets its `answer`."""
    fake = FakeServer(lambda exchange: exchange.reply(404))
    yield fake
    if not fake.is_stopping:
        fake.stop()


@pytest.fixture
def client(server, qapp):
    """Give a client of the fake server."""
    return Client(server.url, "a-token", ServerClock())
