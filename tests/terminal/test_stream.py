"""The stream: every fact once and in order, over restarts, and an honest word when that cannot be."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from terminal import stream as stream_module
from terminal.stream import EventStream
from tests.terminal.fake_server import Feed
from wire.messages import FactData

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


class Ears:
    """Everything that a stream said, in order."""

    def __init__(self, stream):
        self.facts, self.line, self.silent = [], [], []
        stream.lost.connect(self.silent.append)
        stream.fact.connect(lambda kind, data: self.facts.append((stream.after, kind, data.number)))
        stream.connected.connect(lambda: self.line.append("connected"))
        stream.lost.connect(lambda: self.line.append("lost"))
        stream.snapshot_needed.connect(lambda: self.line.append("snapshot"))


@pytest.fixture
def feed(server):
    """Give a feed that the server streams."""
    feed = Feed()
    server.feeds.append(feed)
    server.asked = []

    def answer(exchange):
        server.asked.append((exchange.path, exchange.headers["Last-Event-ID"]))
        exchange.stream(feed)

    server.answer = answer
    return feed


@pytest.fixture
def stream(client, monkeypatch):
    """Give a stream that comes back quickly."""
    monkeypatch.setattr(stream_module, "RETRY_SECONDS", (0.02,))
    stream = EventStream(client, ["hall:A", "counter:7"])
    yield stream
    stream.close()


def called(feed, number):
    feed.add(number, "ticket.called", FactData(at=AT, number=f"P{number:03}", call=number, counter=7))


def numbers(ears):
    return [number for number, _, _ in ears.facts]


def test_facts_after_the_snapshot_come_in_order(qtbot, server, feed, stream):
    for number in (3, 4, 5):
        called(feed, number)
    ears = Ears(stream)
    stream.open(3)
    qtbot.waitUntil(lambda: numbers(ears) == [4, 5])
    called(feed, 9)
    qtbot.waitUntil(lambda: numbers(ears) == [4, 5, 9])
    assert ears.facts[-1] == (9, "ticket.called", "P009")
    assert server.asked == [("/api/v1/stream?topics=hall:A,counter:7", "3")]
    assert ears.line == ["connected"]


def test_a_traced_fact_comes_with_its_traceparent_and_the_next_one_without(qtbot, feed, stream):
    told = []
    stream.fact.connect(lambda kind, data: told.append(stream.traceparent))
    feed.add(1, "ticket.called", FactData(at=AT), "00-1")
    called(feed, 2)
    stream.open(0)
    qtbot.waitUntil(lambda: len(told) == 2)
    assert told == ["00-1", ""]


def test_a_restarted_server_goes_on_where_it_stopped(qtbot, server, feed, stream):
    ears = Ears(stream)
    stream.open(0)
    called(feed, 1)
    qtbot.waitUntil(lambda: numbers(ears) == [1])
    server.stop()
    called(feed, 2)
    qtbot.waitUntil(lambda: ears.line[-1] == "lost")
    server.start()
    called(feed, 3)
    qtbot.waitUntil(lambda: numbers(ears) == [1, 2, 3])
    assert ears.line == ["connected", "lost", "connected"]
    assert server.asked[-1][1] == "1"


def test_a_fact_that_comes_twice_is_told_once(qtbot, feed, stream):
    ears = Ears(stream)
    for number in (5, 6, 5, 6, 4, 7):
        called(feed, number)
    stream.open(4)
    qtbot.waitUntil(lambda: 7 in numbers(ears))
    assert numbers(ears) == [5, 6, 7]


def test_a_gap_asks_for_a_snapshot_and_stops(qtbot, server, stream):
    ears = Ears(stream)
    server.answer = lambda exchange: exchange.reply(410, b"{}")
    with qtbot.waitSignal(stream.snapshot_needed):
        stream.open(3)
    assert ears.line == ["snapshot"]


@pytest.mark.parametrize("data", ["nonsense", '{"number": "P042"}', "[]"])
def test_a_fact_that_cannot_be_read_asks_for_a_snapshot(qtbot, feed, stream, data):
    ears = Ears(stream)
    feed.add(1, "ticket.called", data)
    with qtbot.waitSignal(stream.snapshot_needed):
        stream.open(0)
    assert ears.facts == []


@pytest.mark.parametrize(
    ("status", "kind"), [(200, "text/html"), (502, "text/html"), (500, "text/event-stream")]
)
def test_an_answer_that_is_no_stream_is_a_lost_line(qtbot, server, stream, status, kind):
    server.answer = lambda exchange: exchange.reply(status, b"<p>hello</p>\n\n", Content_Type=kind)
    ears = Ears(stream)
    with qtbot.waitSignal(stream.lost):
        stream.open(0)
    assert ears.line == ["lost"]


def test_a_stream_without_an_end_of_line_is_cut_off(qtbot, server, stream):
    def answer(exchange):
        exchange.reply(200, b"data: " + b"x" * 200_000, Content_Type="text/event-stream")

    server.answer = answer
    ears = Ears(stream)
    stream.open(0)
    qtbot.waitUntil(lambda: "lost" in ears.line)
    assert ears.facts == []


def test_silence_is_a_lost_line(qtbot, feed, stream, monkeypatch):
    monkeypatch.setattr(stream_module, "INACTIVITY_MS", 200)
    ears = Ears(stream)
    stream.open(0)
    qtbot.waitUntil(lambda: ears.line == ["connected", "lost"])
    assert ears.silent == [0.2]


def test_a_line_that_is_closed_was_not_silent(qtbot, server, feed, stream):
    ears = Ears(stream)
    stream.open(0)
    qtbot.waitUntil(lambda: ears.line == ["connected"])
    server.stop()
    qtbot.waitUntil(lambda: ears.line == ["connected", "lost"])
    assert ears.silent == [0.0]


def test_a_ping_sets_the_clock_and_is_no_fact(qtbot, client, feed, stream):
    ears = Ears(stream)
    feed.add(1, "ping", '{"now": "2026-11-24T09:00:00.000Z"}')
    called(feed, 2)
    stream.open(0)
    qtbot.waitUntil(lambda: numbers(ears) == [2])
    assert abs((client.clock.now() - AT).total_seconds()) < 5


@pytest.mark.parametrize("data", ["", "{}", '{"now": 5}', '{"now": "2026"}', "[" * 50_000])
def test_a_ping_without_a_time_changes_nothing(qtbot, client, feed, stream, data):
    ears = Ears(stream)
    feed.add(1, "ping", data)
    called(feed, 2)
    stream.open(0)
    qtbot.waitUntil(lambda: numbers(ears) == [2])
    assert not client.clock.is_known


def test_a_closed_stream_says_nothing_more(qtbot, feed, stream):
    ears = Ears(stream)
    stream.open(0)
    qtbot.waitUntil(lambda: ears.line == ["connected"])
    stream.close()
    called(feed, 1)
    qtbot.wait(50)
    assert (ears.facts, ears.line) == ([], ["connected"])
