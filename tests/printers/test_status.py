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


@pytest.mark.parametrize(
    ("place", "meanings"),
    [
        (0, {0x20: PrinterState.COVER_OPEN, 0x08: PrinterState.OFFLINE}),
        (1, dict.fromkeys((0x04, 0x08, 0x20, 0x40), PrinterState.ERROR)),
        (
            2,
            dict.fromkeys((0x01, 0x02), PrinterState.PAPER_LOW)
            | dict.fromkeys((0x04, 0x08), PrinterState.PAPER_OUT),
        ),
        (3, {}),
    ],
)
def test_each_bit_of_the_automatic_status_means(place: int, meanings: dict[int, PrinterState]):
    for bit in (1 << n for n in range(8)):
        data = bytearray(4)
        data[place] = bit
        assert AutoStatus(bytes(data)).state() is meanings.get(bit, PrinterState.READY), hex(bit)
        assert AutoStatus(bytes(data)).is_offline is (place == 0 and bit == 0x08)


@pytest.mark.parametrize(
    ("place", "meanings"),
    [
        (0, {0x08: PrinterState.OFFLINE}),
        (1, {0x04: PrinterState.COVER_OPEN, 0x20: PrinterState.PAPER_OUT, 0x40: PrinterState.ERROR}),
        (2, dict.fromkeys((0x04, 0x08, 0x20, 0x40), PrinterState.ERROR)),
        (
            3,
            dict.fromkeys((0x04, 0x08), PrinterState.PAPER_LOW)
            | dict.fromkeys((0x20, 0x40), PrinterState.PAPER_OUT),
        ),
    ],
)
def test_each_bit_of_the_four_answers_means(place: int, meanings: dict[int, PrinterState]):
    for bit in (1 << n for n in range(8)):
        answers = [0, 0, 0, 0]
        answers[place] = bit
        assert round_state(answers) is meanings.get(bit, PrinterState.READY), hex(bit)


def test_the_first_byte_tells_what_an_answer_is():
    def found(head: int) -> str:
        answers = Demultiplexer().feed(bytes([head]) + b"\x80")
        return type(answers[0]).__name__ if answers else ""

    kinds = {head: found(head) for head in range(256)}
    assert kinds.pop(0x37) == kinds.pop(0x5F) == ""
    for head, kind in kinds.items():
        fixed = (head >> 7 & 1, head >> 4 & 1, head >> 1 & 1, head & 1)
        if fixed == (0, 1, 1, 0):
            assert kind == "RealTime", hex(head)
        elif fixed[:2] == (0, 0):
            assert kind == "PaperSensor", hex(head)
        else:
            assert kind == "", hex(head)


@pytest.mark.parametrize("place", [1, 2, 3])
@pytest.mark.parametrize("bit", [0x80, 0x10])
def test_an_automatic_status_with_a_strange_byte_is_none(place: int, bit: int):
    data = bytearray(b"\x10\0\0\0")
    data[place] = bit
    assert not any(isinstance(each, AutoStatus) for each in Demultiplexer().feed(bytes(data) + b"\x80" * 4))


@pytest.mark.parametrize(
    ("data", "answers"),
    [
        (b"\x37\x220007\0", [Done(b"0007")]),
        (b"\x37\x220007", []),
        (b"\x37\x220007\x80", [PaperSensor(0x22)]),
        (b"\x37\x21\x12", [PaperSensor(0x21), RealTime(0x12)]),
        (b"\x5f" + b"T" * 78 + b"\0", [Info("T" * 78)]),
        (b"\x5fT\xff\0", [PaperSensor(0)]),
        (b"\x5f" + b"\xd4" * 78, []),
    ],
)
def test_a_block_ends_where_it_must(data: bytes, answers: list[object]):
    assert Demultiplexer().feed(data) == answers


def test_a_text_that_does_not_end_in_eighty_bytes_is_noise():
    demultiplexer = Demultiplexer()
    assert demultiplexer.feed(b"\x5f" + b"\xd4" * 78) == []
    assert demultiplexer.feed(b"\x12") == [RealTime(0x12)]
