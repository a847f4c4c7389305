"""A real server sends what lies in its outbox, and a kill in the middle of it is told from both sides of it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from server.admin.installation import opened
from server.services import messages
from server.services.messages import NewMessage
from server.store.queries.messages import listed
from tests.server.adapters.mail_servers import Kept, mail_server
from tests.server_admin.conftest import Desk
from wire.vocabulary import Channel, MessageKind, MessageStatus

_LONGEST_SECONDS = 30.0


class Slow(Kept):
    """A mailbox that takes a letter and, while it is told to, answers late."""

    def __init__(self) -> None:
        super().__init__()
        self.has_taken, self.is_slow = threading.Event(), True

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take a letter."""
        answer = await super().handle_DATA(server, session, envelope)
        self.has_taken.set()
        while self.is_slow:
            await asyncio.sleep(0.01)
        return answer


@pytest.fixture
def mailbox(desk: Desk) -> Iterator[Slow]:
    """Give a mailbox whose server the installation knows."""
    kept = Slow()
    controller = mail_server(kept)
    with desk.config.open("a") as config:
        config.write(
            f'[mail]\nhost = "127.0.0.1"\nport = {controller.port}\nsecurity = "none"\n'
            'sender = "Urząd <wizyty@example.org>"\n'
        )
    yield kept
    kept.is_slow = False
    controller.stop()


def post(desk: Desk, key: str) -> None:
    """Post a message to somebody."""
    new = NewMessage(
        kind=MessageKind.CONFIRM_EMAIL,
        channel=Channel.EMAIL,
        language="pl",
        to="anna@example.org",
        key=key,
        values={"url": "https://numerek.test/x"},
    )
    with opened(desk.settings) as place:
        context = place.context()
        place.write(lambda session: messages.post(session, context, new))


def states(desk: Desk) -> list[str]:
    """Read what became of the messages, the first one first."""
    with opened(desk.settings) as place:
        rows = place.store.read(lambda session: listed(session, list(MessageStatus), 10))
        return [row.status for row in reversed(rows)]


def wait_for(done: Callable[[], bool]) -> None:
    """Wait until another process has done something."""
    until = time.monotonic() + _LONGEST_SECONDS
    while not done():
        assert time.monotonic() < until
        threading.Event().wait(0.05)


def test_a_server_killed_in_a_handover_says_that_it_does_not_know(desk: Desk, mailbox: Slow) -> None:
    post(desk, "first")
    server = desk.serve()
    assert mailbox.has_taken.wait(_LONGEST_SECONDS)
    server.kill()
    assert states(desk) == ["sending"]
    mailbox.is_slow = False
    post(desk, "second")
    server = desk.serve()
    wait_for(lambda: states(desk) == ["unknown", "sent"])
    assert server.stop() == 0
    assert len(mailbox.letters) == 2
    assert "stopped_midway" in desk.good("messages", "list")


def test_a_server_with_a_mail_server_that_is_gone_starts_and_serves(desk: Desk) -> None:
    with desk.config.open("a") as config:
        config.write('[mail]\nhost = "127.0.0.1"\nport = 9\nsecurity = "tls"\nsender = "a@example.org"\n')
    post(desk, "first")
    server = desk.serve()
    wait_for(lambda: "no_connection" in desk.good("messages", "list", "--state", "queued"))
    connection = server.connect()
    connection.request("GET", "/readyz")
    assert connection.getresponse().status == 200
    connection.close()
    assert server.stop() == 0


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ('[mail]\nhost = "127.0.0.1"\n', "'mail.sender' is needed"),
        ('[mail]\nhost = "127.0.0.1"\nsender = "nobody"\n', "'mail.sender' should be such as"),
        ('[mail]\nhost = "h"\nsender = "a@b.pl"\npassword_file = "password"\n', "chmod 600"),
        ('[mail]\nhost = "h"\nsender = "a@b.pl"\npassword_file = "none"\n', "'mail.password_file'"),
        ('[sms]\nurl = "ftp://example.org"\n', "'sms.url'"),
        ('[sms]\nurl = "http://example.org"\nbody = "{to}"\ncontent_type = "text/plain"\n', "content_type"),
        ('[sms]\nurl = "http://example.org"\ntoken_file = "password"\n', "chmod 600"),
    ],
)
def test_settings_that_cannot_be_are_told_before_the_server_serves(
    desk: Desk, settings: str, told: str
) -> None:

    (desk.folder / "password").write_text("secret\n")
    (desk.folder / "password").chmod(0o644)
    with desk.config.open("a") as config:
        config.write(settings)
    done = subprocess.run(
        [sys.executable, "-m", "server", "--config", str(desk.config)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr
