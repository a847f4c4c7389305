"""Phones that follow their tickets: a call is told at once, to its own phones only, and thousands do no harm."""

from __future__ import annotations

import asyncio
import http.client
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from server.http import phone_lane
from server.push import phones
from server.push.feed import Feed
from server.push.phones import PhoneStreams
from tests.server.sample_office import KEYS
from tests.server.served.conftest import Served
from tests.server.served.listener import Heard, Listener


class Phone:
    """Reads the stream of a ticket; each read ends after ten seconds."""

    def __init__(self, served: Served, ticket: int) -> None:
        path = f"/t/{KEYS.track_token(ticket)}/events"
        self.listener = Listener(served.port, None, path=path)
        served._listeners.append(self.listener)  # closed at the end
        if self.listener.status == 200:
            self.retry_ms = int(self.listener.response.readline().split()[1])
            self.listener.response.readline()

    def next(self) -> Heard:
        """Return what is told next; pings are empty and passed over."""
        return self.listener.next()


def get(served: Served, path: str, **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    """Ask over the network."""
    line = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
    line.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = line.getresponse()
    body = answer.read()
    line.close()
    return answer.status, answer.headers, body


def test_a_phone_hears_its_own_call_and_nobody_elses(served: Served) -> None:
    office = served.office
    first, second = office.walk_in("P")["id"], office.walk_in("P")["id"]
    clerk = office.clerk(7)
    served.settle()
    mine, other = Phone(served, second), Phone(served, first)
    clerk.post("/counters/7/call-next")
    assert other.next().data == {"type": "ticket.called", "counter": 7}
    clerk.post(f"/tickets/{first}/start")
    clerk.post(f"/tickets/{first}/finish", {"outcome": "served"})
    clerk.post("/counters/7/call-next")
    # The first thing that it hears is its own: nothing of all that came before.
    assert mine.next() == Heard(None, "ticket", {"type": "ticket.called", "counter": 7})
    assert [other.next().data["type"] for _ in range(2)] == ["ticket.started", "ticket.finished"]


def test_a_stream_is_for_genuine_addresses_and_a_bounded_number_of_phones(
    serve: Callable[..., Served],
) -> None:
    served = serve(phones=4)
    ticket, other = (served.office.walk_in("P")["id"] for _ in range(2))
    assert get(served, "/t/1-nothing/events")[0] == 404
    mine = [Phone(served, ticket) for _ in range(4)]
    # Of one ticket the newest three stay; the fourth place is another's.
    with pytest.raises(EOFError):
        mine[0].next()
    until = time.monotonic() + 5
    while served.front._phones.streams.count > 3 and time.monotonic() < until:
        time.sleep(0.01)
    assert Phone(served, other).listener.status == 200
    full = Phone(served, other)
    assert (full.listener.status, full.listener.problem()["reason"]) == (503, "too_many_streams")
    assert full.listener.response.headers["Retry-After"] == "5"
    # Devices have a bound of their own: phones take nothing from them.
    assert served.listen().status == 200


def test_phones_come_again_at_different_times(served: Served) -> None:
    ticket = served.office.walk_in("P")["id"]
    waits = {Phone(served, ticket).retry_ms for _ in range(8)}
    assert len(waits) > 4
    low, high = phones.RETRY_SECONDS
    assert all(low * 1000 <= each <= high * 1000 for each in waits)


def test_a_state_comes_from_memory_until_something_happens_in_its_branch(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = served.office
    ticket = office.walk_in("P")["id"]
    served.settle()
    path = f"/t/{KEYS.track_token(ticket)}/state"
    reads: list[str] = []
    read_page = phone_lane.phone_page.read_page

    def counted(runtime: Any, token: str, language: str | None) -> Any:
        reads.append(token)
        return read_page(runtime, token, language)

    monkeypatch.setattr(phone_lane.phone_page, "read_page", counted)
    status, headers, body = get(served, path)
    assert (status, b'"status":"waiting"' in body) == (200, True)
    assert headers["Cache-Control"] == "no-store"
    for _ in range(5):
        assert get(served, path)[2] == body
        assert get(served, path, If_None_Match=headers["ETag"])[0::2] == (304, b"")
    assert len(reads) == 1
    office.clerk(7).post("/counters/7/call-next")
    until = time.monotonic() + 5
    while b'"called"' not in body and time.monotonic() < until:
        status, _, body = get(served, path, If_None_Match=headers["ETag"])
    assert (status, b'"status":"called"' in body) == (200, True)
    # Time passes, too: what is told by the minute is not kept for ever.
    monkeypatch.setattr(phone_lane, "KEPT_SECONDS", 0.0)
    office.walk_in("P")
    served.settle()
    count = len(reads)
    for _ in range(3):
        get(served, path)
    assert len(reads) == count + 3
    assert get(served, "/t/1-nothing/state")[0] == 404


def test_four_hundred_phones_that_wake_at_once_leave_the_kiosk_its_threads(
    serve: Callable[..., Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phone_lane, "_MOST_WAITING", 40)
    served = serve()
    ticket = served.office.walk_in("P")["id"]
    blocked = threading.Event()
    read_page = phone_lane.phone_page.read_page

    def slow(*asked: Any) -> Any:
        blocked.wait(10)
        return read_page(*asked)

    monkeypatch.setattr(phone_lane.phone_page, "read_page", slow)
    answers: list[int] = []
    path = f"/t/{KEYS.track_token(ticket)}/state"
    threads = [threading.Thread(target=lambda: answers.append(get(served, path)[0])) for _ in range(100)]
    for each in threads:
        each.start()
    until = time.monotonic() + 5
    while len(answers) < 60 and time.monotonic() < until:
        time.sleep(0.01)
    # Sixty are sent away at once; forty wait; and other requests are answered meanwhile.
    assert answers == [503] * 60
    assert get(served, "/readyz")[0] == 200
    blocked.set()
    for each in threads:
        each.join()
    assert sorted(answers) == [200] * 40 + [503] * 60


def test_a_phone_that_does_not_read_is_dropped_and_holds_nobody_up(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phones, "STALLED_SECONDS", 0.05)

    async def story() -> tuple[int, list[bytes]]:
        feed = Feed(served.office.store)
        feed._last = served.front._feed.last
        streams = PhoneStreams(feed, 10)
        heard: list[bytes] = []
        hangs = asyncio.Event()

        async def never() -> dict[str, str]:
            await asyncio.Event().wait()
            return {}

        async def reads(message: Any) -> None:
            heard.append(message.get("body", b""))

        async def stuck(message: Any) -> None:
            if message["type"] == "http.response.body":
                await hangs.wait()

        tasks = [
            asyncio.create_task(streams.serve(ticket, never, send))
            for ticket, send in ((1, stuck), (2, reads))
        ]
        await asyncio.wait(tasks[:1], timeout=5)
        count = streams.count
        streams.close()
        await asyncio.wait(tasks, timeout=5)
        return count, heard

    count, heard = asyncio.run(story())
    assert count == 1
    assert heard[1].startswith(b"retry: ")
