"""A call is one trace from the clerk's press to the glass: a real server, a real board and a real counter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from PySide6.QtCore import QCoreApplication, QEvent
from pytestqt.qtbot import QtBot

from counter_client.events import SignInTyped
from counter_client.presenter import Presenter
from display_board.__main__ import TEXTS
from display_board.halls import Halls
from display_board.memory import Memory
from display_board.presenter import BoardPresenter
from display_board.views.board_view import BoardView
from display_board.views.face import Face
from display_board.views.halls import lay_out
from display_board.wording import Wording
from server.push.feed import Event
from server.push.stream import Wish, _Ear
from server.store.facts import SealedFact
from terminal import shown
from terminal.client import Client
from terminal.clock import ServerClock
from terminal.texts import Texts
from tests.server.adapters.test_traces import FROM_ELSEWHERE, TRACE, traced
from tests.server.movable_clock import TEN
from tests.server.sample_office import PASSWORD
from tests.server.served.conftest import Served


@pytest.fixture
def client(
    qtbot: QtBot, served: Served, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], Client]]:
    """Give a maker of clients by the name of their token."""
    monkeypatch.setattr(shown, "GATHER_MS", 20)
    url, tokens = f"http://127.0.0.1:{served.port}", served.office.tokens
    yield lambda name: Client(url, tokens[name], ServerClock())
    # What was cancelled goes before its client does.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def board(client: Callable[[str], Client], tmp_path: Path, qtbot: QtBot) -> Iterator[BoardView]:
    """Give a board with its window, which follows its hall."""
    words, memory = Wording(Texts(TEXTS)), Memory(tmp_path / "announced.json")
    presenter, view = BoardPresenter(client("board:wroclaw"), words, memory), BoardView(lay_out=lay_out)
    view.show_face((Face(),))
    qtbot.addWidget(view)
    halls = Halls([presenter])
    halls.faces_changed.connect(view.show_face)
    view.painted.connect(halls.painted)
    view.show()
    halls.start()
    qtbot.waitUntil(lambda: view.is_told)
    qtbot.waitUntil(lambda: presenter._stream is not None and presenter._stream._steady.isActive())
    yield view
    halls.stop()


@pytest.fixture
def counter(client: Callable[[str], Client], qtbot: QtBot) -> Iterator[Presenter]:
    """Give the clerk's program at counter 8, signed in."""
    presenter = Presenter(client("counter:wroclaw:8"))
    presenter.start()
    qtbot.waitUntil(lambda: presenter.desk.device is not None)
    presenter.handle(SignInTyped("wroclaw8", PASSWORD))
    qtbot.waitUntil(lambda: presenter.desk.is_ready and presenter._stream is not None)
    qtbot.waitUntil(lambda: presenter._stream is not None and presenter._stream._steady.isActive())
    yield presenter
    presenter.stop()


def shown_by(spans: InMemorySpanExporter) -> dict[object, ReadableSpan]:
    """Return the span of each kind of device that showed a call."""
    found = [span for span in spans.get_finished_spans() if span.name == "device.shown"]
    attributes = [(span, span.attributes or {}) for span in found]
    return {
        each["numerek.device"]: span for span, each in attributes if each["numerek.fact"] == "ticket.called"
    }


def test_a_call_is_traced_until_board_and_counter_show_it(
    served: Served, board: BoardView, counter: Presenter, qtbot: QtBot
) -> None:
    office, spans = served.office, InMemorySpanExporter()
    ticket = office.walk_in("N")
    clerk = office.clerk(1)
    with traced(office, SimpleSpanProcessor(spans)):
        assert clerk.post("/counters/1/call-next", **FROM_ELSEWHERE).status_code == 200
        qtbot.waitUntil(lambda: shown_by(spans).keys() == {"board", "counter"})
    (feed,) = [
        span
        for span in spans.get_finished_spans()
        if span.name == "feed" and (span.attributes or {})["numerek.fact"] == "ticket.called"
    ]
    for span in shown_by(spans).values():
        assert span.parent == feed.context
        assert f"{span.context.trace_id:032x}" == TRACE
        assert (feed.start_time or 0) <= (span.start_time or 0) <= (span.end_time or 0)
    (face,) = board._face
    assert face.called.number == ticket["number"]


def test_the_stream_carries_a_traceparent_only_while_there_are_traces(served: Served) -> None:
    office, spans = served.office, InMemorySpanExporter()
    stream = served.listen()
    office.walk_in("N")
    without = [stream.response.readline() for _ in range(4)]
    with traced(office, SimpleSpanProcessor(spans)):
        office.walk_in("N")
        lines = [stream.response.readline() for _ in range(5)]
    assert [line.partition(b":")[0] for line in without] == [b"id", b"event", b"data", b"\n"]
    assert [line.partition(b":")[0] for line in lines] == [b"traceparent", b"id", b"event", b"data", b"\n"]
    (feed,) = [span for span in spans.get_finished_spans() if span.name == "feed"]
    assert f"-{feed.context.span_id:016x}-".encode() in lines[0]


def test_devices_are_told_what_a_fact_is_traced_under_and_pages_are_not() -> None:
    event = Event(SealedFact(1, "ticket.called", TEN, 1, {"hall": "A"}, b""), "00-1")
    wish = Wish(frozenset({1}), frozenset({"hall:A"}), None)
    plain = event.sent(wish.audience)
    assert _Ear(wish).told([event]) == (b"traceparent: 00-1\n" + plain, 1)
    assert _Ear(replace(wish, is_page=True)).told([event]) == (plain, 1)
