"""The parser of server-sent events: however the bytes are cut, the events are the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.sse import MAX_EVENT_BYTES, Event, Parser, TooLong

TEXT = (
    "id: 7\nevent: ticket.called\ndata: {\ndata: }\n\n: a comment\n\n"
    "id: 8\ndata:ż\ntraceparent: 00-1\n\nevent: ping\n\n"
)
EVENTS = [Event("ticket.called", "{\n}", "7"), Event("message", "ż", "8", "00-1")]


@given(st.lists(st.integers(0, 200)), st.sampled_from(["\n", "\r\n", "\r"]))
def test_the_cuts_do_not_matter(cuts, line_end):
    raw = (TEXT + ": end\n").replace("\n", line_end).encode()
    parser, events, start = Parser(), [], 0
    for cut in [*sorted(cuts), len(raw)]:
        events += parser.feed(raw[start:cut])
        start = max(start, cut)
    assert events == EVENTS


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_an_error(raw):
    for event in Parser().feed(raw):
        assert isinstance(event, Event)


@pytest.mark.parametrize("chunk", [b"x" * 1000, b"data: x\n" * 100])
def test_an_endless_event_is_refused(chunk):
    with pytest.raises(TooLong):
        feed_all(Parser(), [chunk] * (2 * MAX_EVENT_BYTES // len(chunk) + 2))


def feed_all(parser, chunks):
    for chunk in chunks:
        parser.feed(chunk)
