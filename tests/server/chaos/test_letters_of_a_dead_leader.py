"""The server that sends letters is killed while it hands one over, again and again: nobody gets a letter twice.

At most once by itself: what was in mid-handover is set aside, and staff decide. At least once when they send it
again: then whoever had it gets it a second time, under the same Message-ID.
"""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from deploy.postgres import Cluster
from server.api.authentication import Runtime
from server.services import messages
from server.services.messages import NewMessage, dead_letters, delivery
from server.store.tables import Message
from tests.server.adapters.mail_servers import Kept, mail_server
from tests.server.chaos.on_postgres import OfficeOnPostgres, leads, seconds_until_one_leads
from tests.server.chaos.running import Served
from wire.vocabulary import Channel, MessageKind, MessageStatus

_KILLS, _LONG_KILLS, _LETTERS = 2, 24, 6
_PATIENCE_SECONDS = 90.0
_OURS = "dead-leader-"


@dataclass
class DeadlyMailbox(Kept):
    """A mail server at which the sender dies: before it takes a letter, before it says so, or soon after."""

    strike: Callable[[], None] = lambda: None
    moment: str = ""
    struck: threading.Event = field(default_factory=threading.Event)

    def arm(self, moment: str, strike: Callable[[], None]) -> None:
        """Strike at the next `address`, `letter` or `answer`, then rest."""
        self.struck.clear()
        self.moment, self.strike = moment, strike

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, who: str, options: Any) -> str:
        """Take a reader."""
        self._maybe("address")
        return await super().handle_RCPT(server, session, envelope, who, options)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take a letter."""
        said = await super().handle_DATA(server, session, envelope)
        self._maybe("letter")
        # The answer is on its way, and what it leads to begins: that takes a few thousandths of a second.
        asyncio.get_running_loop().call_later(0.001 * (len(self.letters) % 6), self._maybe, "answer")
        return said

    def readers(self) -> Counter[str]:
        """Count the letters by their readers."""
        return Counter(each["To"] for each in self.messages() if each["To"].startswith(_OURS))

    def _maybe(self, moment: str) -> None:
        if self.moment == moment:
            self.moment = ""
            self.strike()
            self.struck.set()


@dataclass
class World:
    """Two servers on one office, which send to one mailbox."""

    mailbox: DeadlyMailbox
    servers: list[Served]
    office: Runtime
    posted: list[str] = field(default_factory=list)
    dead: Served | None = None

    def post(self, count: int) -> None:
        """Post so many letters, each to somebody else."""
        readers = [f"{_OURS}{len(self.posted) + place}@example.org" for place in range(count)]
        context = self.office.context()
        for each in readers:
            new = NewMessage(
                kind=MessageKind.CONFIRM_EMAIL,
                channel=Channel.EMAIL,
                language="pl",
                to=each,
                key=each,
                values={"url": "https://numerek.test/pl/account/confirm/abc"},
            )
            self.office.store.write(partial(messages.post, context=context, message=new))
        self.posted += readers

    def with_status(self, *statuses: MessageStatus) -> dict[int, str]:
        """Read which of our messages have a status: ids, and whom they are for."""
        wanted = select(Message.id, Message.key).where(
            Message.key.startswith(_OURS), Message.status.in_(statuses)
        )
        return {
            row.id: row.key for row in self.office.store.read(lambda session: session.execute(wanted).all())
        }

    def let_time_pass(self, *statuses: MessageStatus) -> None:
        """Make due what waits for minutes."""
        past = self.office.context().now - timedelta(seconds=1)
        due = update(Message).where(Message.status.in_(statuses), Message.key.startswith(_OURS))
        self.office.store.write(lambda session: session.execute(due.values(due_at=past)) and None)

    def wait_sent(self, count: int) -> None:
        """Wait until so many of our letters are noted as sent."""
        until = time.monotonic() + _PATIENCE_SECONDS
        while len(self.with_status(MessageStatus.SENT)) < count:
            assert time.monotonic() < until, f"{len(self.with_status(MessageStatus.SENT))} of {count} sent"
            time.sleep(0.1)

    def kill_while_it_sends(self, moment: str) -> dict[int, str]:
        """Kill the leader at a moment of a letter; return what it left in mid-handover. The other leads then."""
        if self.dead is not None:
            self.dead.start()
        seconds_until_one_leads(self.servers)
        leader = next(filter(leads, self.servers))
        self.mailbox.arm(moment, leader.kill)
        before = self.with_status(MessageStatus.SENDING)
        self.post(_LETTERS)
        assert self.mailbox.struck.wait(_PATIENCE_SECONDS), "no letter came"
        left = self.with_status(MessageStatus.SENDING)
        self.dead = leader
        return {number: left[number] for number in left.keys() - before.keys()}


@pytest.fixture
def world(postgres_cluster: Cluster, tmp_path: Path) -> Iterator[World]:
    """Give two servers that send to a mailbox."""
    mailbox = DeadlyMailbox()
    controller = mail_server(mailbox)
    mail = f'[mail]\nhost = "127.0.0.1"\nport = {controller.port}\nsecurity = "none"\n'
    url = postgres_cluster.create_database(f"letters_{uuid.uuid4().hex[:8]}")
    office = OfficeOnPostgres(tmp_path, url, mail + 'sender = "Urząd <wizyty@example.org>"\n')
    with ExitStack() as stack:
        stack.callback(controller.stop)
        runtime = stack.enter_context(office.opened())
        servers = [stack.enter_context(office.server()) for _ in range(2)]
        yield World(mailbox, servers, runtime)


@pytest.mark.timeout(900)
def test_no_letter_comes_twice_when_its_sender_dies(world: World, request: pytest.FixtureRequest) -> None:
    kills = _LONG_KILLS if request.config.getoption("--long") else _KILLS
    left: dict[int, str] = {}
    for turn in range(kills):
        left |= world.kill_while_it_sends(("letter", "answer", "address")[turn % 3])
    world.let_time_pass(MessageStatus.QUEUED)
    world.wait_sent(len(world.posted) - len(left))
    came = world.mailbox.readers()
    assert max(came.values()) == 1, "somebody got a letter twice"
    assert came.keys() | set(left.values()) == set(world.posted), "a letter is gone without a word"
    assert {came[each] for each in set(world.posted) - set(left.values())} == {1}
    had = [each for each in left.values() if came[each]]
    print(
        f"\n{kills} kills, {len(world.posted)} letters: twice 0, in mid-handover {len(left)}, come {len(had)}"
    )
    assert had, "no letter had come when its sender died: the test would say nothing"
    _sent_again_by_staff(world, left, had)


def _sent_again_by_staff(world: World, left: dict[int, str], had: list[str]) -> None:
    """The control: whoever sends on what is unclear sends twice, and the reader's program sees that it is one."""
    office = world.office
    world.let_time_pass(MessageStatus.SENDING)
    delivery.take_stock(office.store, office.context(), is_alone=False)
    assert world.with_status(MessageStatus.UNKNOWN) == left

    def retry(number: int) -> None:
        context = office.context()
        office.store.write(lambda s: dead_letters.retry(s, context, number, although_unclear=True))

    for number in left:
        retry(number)
    world.wait_sent(len(world.posted))
    came = world.mailbox.readers()
    assert sorted(each for each, count in came.items() if count == 2) == sorted(had)
    assert sum(came.values()) == len(world.posted) + len(had)
    ids = {(each["To"], each["Message-ID"]) for each in world.mailbox.messages()}
    assert len([reader for reader, _ in ids if reader in came]) == len(came), "a letter has two Message-IDs"
