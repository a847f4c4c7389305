"""The press: a child process that may die, hang or be flooded, and the server goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from server.adapters.papers.pdf_renderer import PdfRenderer
from server.services.ports import NotWritten

PAGE = '<html lang="en"><title>t</title><body><p>text</p>'
_READ_ONE = (
    "import sys, struct, time, os\n"
    "read, write = sys.stdin.buffer, sys.stdout.buffer\n"
    "def job():\n"
    "    head = read.read(5)\n"
    "    return read.read(struct.unpack('>BI', head)[1]) if len(head) == 5 else sys.exit(0)\n"
    "def answer(failed, body):\n"
    "    write.write(struct.pack('>BI', failed, len(body)) + body); write.flush()\n"
)


def child(program: str) -> list[str]:
    """Write a press's child that does as it is told."""
    return [sys.executable, "-c", _READ_ONE + program]


@pytest.fixture
def presses() -> Iterator[list[PdfRenderer]]:
    """Give a list whose presses are ended afterwards."""
    made: list[PdfRenderer] = []
    yield made
    for each in made:
        each.stop()


def press(presses: list[PdfRenderer], program: str | None = None, seconds: float = 20.0) -> PdfRenderer:
    """Make a press, with a child of its own program."""
    presses.append(PdfRenderer(seconds, None if program is None else child(program)))
    return presses[-1]


def test_nothing_runs_before_something_is_printed(presses: list[PdfRenderer]) -> None:
    made = press(presses)
    assert made.process_id is None
    assert made.print(PAGE).startswith(b"%PDF-")
    assert made.process_id is not None


def test_a_child_that_died_is_replaced_without_a_word(presses: list[PdfRenderer]) -> None:
    made = press(presses)
    made.print(PAGE)
    first = made.process_id
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert made.print(PAGE).startswith(b"%PDF-")
    assert made.process_id != first


def test_a_child_that_dies_of_each_page_is_told(presses: list[PdfRenderer]) -> None:
    with pytest.raises(NotWritten, match="broken"):
        press(presses, "job(); os._exit(1)").print(PAGE)


def test_a_child_that_goes_to_rest_is_replaced(presses: list[PdfRenderer]) -> None:
    made = press(presses, "answer(0, job())")
    assert [made.print(text) for text in ("a", "b", "c")] == [b"a", b"b", b"c"]


def test_a_page_that_never_ends_costs_its_child_and_no_more(
    presses: list[PdfRenderer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.adapters.press._START_SECONDS", 0.3)
    made = press(presses, "job(); time.sleep(60)", seconds=0.2)
    with pytest.raises(NotWritten, match="too_slow"):
        made.print(PAGE)
    assert made.process_id is None


def test_a_page_that_cannot_be_printed_leaves_the_child_to_the_next(presses: list[PdfRenderer]) -> None:
    made = press(presses, "while True:\n    text = job()\n    answer(text == b'bad', text)")
    made.print("good")
    before = made.process_id
    with pytest.raises(NotWritten, match="broken"):
        made.print("bad")
    assert made.print("good") == b"good"
    assert made.process_id == before


def test_large_pages_go_both_ways_whole(presses: list[PdfRenderer]) -> None:
    made = press(presses, "while True: answer(0, job())")
    assert made.print("ż" * 2_000_000) == ("ż" * 2_000_000).encode()


def test_an_answer_without_end_is_not_waited_for(presses: list[PdfRenderer]) -> None:
    with pytest.raises(NotWritten, match="broken"):
        press(
            presses, "job(); write.write(struct.pack('>BI', 0, 2**32 - 1)); write.flush(); time.sleep(60)"
        ).print(PAGE)


def test_who_comes_when_too_many_wait_is_sent_away(presses: list[PdfRenderer], tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    made = press(presses, f"open({str(gate)!r}).read()\nwhile True: answer(0, job())")
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(made.print, "page") for _ in range(8)]
        # Each of them holds a place from its first line on; the ninth finds none.
        while made._waiting._value:
            threading.Event().wait(0.001)
        with pytest.raises(NotWritten, match="busy"):
            made.print("page")
        gate.write_text("go")
        assert [each.result() for each in waiting] == [b"page"] * 8


def test_many_at_once_each_get_their_own(presses: list[PdfRenderer]) -> None:
    made = press(presses, "while True: answer(0, job())")
    with ThreadPoolExecutor(8) as pool:
        texts = [f"page {place}" for place in range(8)]
        assert [each.decode() for each in pool.map(made.print, texts)] == texts


def test_the_server_does_not_load_what_the_press_needs() -> None:
    heavy = ("weasyprint", "httpx", "icalendar", "qrcode", "PIL")
    look = f"import sys, server.run; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
