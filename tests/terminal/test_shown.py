"""What was shown is handed in a few at a time: by the server's clock, each once, and never more than fits."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from terminal import shown as shown_module
from terminal.shown import ShownReports

NOON = datetime(2025, 11, 24, 11, 0, tzinfo=UTC)
PATH = "/api/v1/devices/me/shown"


def traceparent(number):
    return f"00-{'a' * 32}-{number:016x}-03"


@pytest.fixture
def reports(qtbot, server, client, monkeypatch):
    """Give the reports of a device that knows the server's clock, which stands at noon."""
    monkeypatch.setattr(shown_module, "GATHER_MS", 20)
    server.taken, server.status = [], 204

    def answer(exchange):
        server.taken.append((exchange.path, json.loads(exchange.body)["shown"]))
        exchange.reply(server.status)

    server.answer = answer
    client.clock._monotonic = lambda: 0.0
    client.clock.heard(NOON)
    made = ShownReports(client)
    yield made
    made.stop()
    # What was cancelled goes before its client does.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_what_was_shown_is_told_together_with_the_servers_time(qtbot, server, client, reports):
    reports.note([traceparent(1)])
    client.clock.heard(NOON.replace(second=1))
    reports.note([traceparent(2), traceparent(3)])
    qtbot.waitUntil(lambda: len(server.taken) == 1)
    reports.note([traceparent(4)])
    qtbot.waitUntil(lambda: len(server.taken) == 2)
    told = [(1, "2025-11-24T11:00:00Z"), (2, "2025-11-24T11:00:01Z"), (3, "2025-11-24T11:00:01Z")]
    first = [{"traceparent": traceparent(number), "shown_at": at} for number, at in told]
    last = [{"traceparent": traceparent(4), "shown_at": "2025-11-24T11:00:01Z"}]
    assert server.taken == [(PATH, first), (PATH, last)]


def test_of_many_the_last_fifty_are_told(qtbot, server, reports):
    reports.note(map(traceparent, range(60)))
    qtbot.waitUntil(lambda: len(server.taken) == 1)
    assert [each["traceparent"] for each in server.taken[0][1]] == [traceparent(n) for n in range(10, 60)]


def test_what_makes_no_sense_is_left_out(qtbot, server, reports):
    reports.note(["", "00-1", traceparent(1) + "\n"])
    assert not reports._gather.isActive()
    reports.note(["x", traceparent(2)])
    qtbot.waitUntil(lambda: len(server.taken) == 1)
    assert [each["traceparent"] for each in server.taken[0][1]] == [traceparent(2)]


def test_nothing_is_told_by_a_clock_that_was_never_set(client, reports):
    client.clock._at = None
    reports.note([traceparent(1)])
    assert not reports._gather.isActive()


@pytest.mark.parametrize("status", [404, 422, 204])
def test_what_a_server_does_not_take_is_not_told_again(qtbot, server, reports, status):
    server.status = status
    reports.note([traceparent(1)])
    qtbot.waitUntil(lambda: len(server.taken) == 1 and reports._sending is None)
    reports.note([traceparent(2)])
    qtbot.waitUntil(lambda: len(server.taken) == 2)
    assert [each["traceparent"] for each in server.taken[1][1]] == [traceparent(2)]


def test_after_its_end_nothing_is_told(server, reports):
    reports.note([traceparent(1)])
    assert reports._gather.isActive()
    reports.stop()
    assert not reports._gather.isActive()
    assert server.taken == []
