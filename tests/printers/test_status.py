"""The printer's bytes are told apart, whatever comes in whatever pieces."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printers.status import (
    AutoStatus,
    Demultiplexer,
    Done,
    Info,
    PaperSensor,
    PrinterState,
    RealTime,
    round_state,
)
from tests.examples import examples

STREAM = bytes.fromhex("12 10000000 37223030303400 16 1c000300 5f544d2d54323000 0c 11 13".replace(" ", ""))
ANSWERS = [
    RealTime(0x12),
    AutoStatus(b"\x10\0\0\0"),
    Done(b"0004"),
    RealTime(0x16),
    AutoStatus(b"\x1c\0\3\0"),
    Info("TM-T20"),
    PaperSensor(0x0C),
]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_answers_are_told_apart_in_pieces_of_any_size(size: int):
    demultiplexer = Demultiplexer()
    found = [a for i in range(0, len(STREAM), size) for a in demultiplexer.feed(STREAM[i : i + size])]
    assert found == ANSWERS


@pytest.mark.long
@given(st.lists(st.binary(max_size=20), max_size=20))
@settings(max_examples=examples(10_000))
def test_nonsense_in_any_pieces_is_taken_in_ten_thousand_tries(pieces: list[bytes]):
    demultiplexer = Demultiplexer()
    for piece in pieces:
        for answer in demultiplexer.feed(piece):
            if isinstance(answer, AutoStatus):
                assert answer.state() in PrinterState


@given(st.binary(max_size=200))
def test_noise_never_hides_the_next_answer(noise: bytes):
    demultiplexer = Demultiplexer()
    demultiplexer.feed(noise)
    # At most one unfinished block can be open; what is too long for it closes it.
    demultiplexer.feed(b"\x12" * 80)
    assert demultiplexer.feed(b"\x37\x220007\0")[-1:] == [Done(b"0007")]


@pytest.mark.parametrize(
    ("data", "state"),
    [
        ("10000000", PrinterState.READY),
        ("10000300", PrinterState.PAPER_LOW),
        ("18000f00", PrinterState.PAPER_OUT),
        ("38000000", PrinterState.COVER_OPEN),
        ("38000f00", PrinterState.COVER_OPEN),
        ("18080000", PrinterState.ERROR),
        ("18000000", PrinterState.OFFLINE),
    ],
)
def test_automatic_status_means(data: str, state: PrinterState):
    assert AutoStatus(bytes.fromhex(data)).state() is state


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ([0x12, 0x12, 0x12, 0x12], PrinterState.READY),
        ([0x12, 0x12, 0x12, 0x1E], PrinterState.PAPER_LOW),
        ([0x1A, 0x32, 0x12, 0x7E], PrinterState.PAPER_OUT),
        ([0x1A, 0x16, 0x12, 0x12], PrinterState.COVER_OPEN),
        ([0x1A, 0x52, 0x1A, 0x12], PrinterState.ERROR),
        ([0x1A, 0x12, 0x12, 0x12], PrinterState.OFFLINE),
    ],
)
def test_four_answers_mean(answers: list[int], state: PrinterState):
    assert round_state(answers) is state


def test_only_a_ready_printer_can_print():
    assert {state for state in PrinterState if state.can_print} == {
        PrinterState.READY,
        PrinterState.PAPER_LOW,
    }
