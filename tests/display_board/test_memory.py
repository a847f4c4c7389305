"""The memory of announced calls: whole or not at all, and never in the board's way."""

from __future__ import annotations

import pytest

from display_board.board import Announced
from display_board.memory import Memory
from tests.display_board.samples import NINE

ROWS = (Announced(1, NINE), Announced(7, NINE))


def test_what_was_kept_is_there_after_a_restart(tmp_path):
    Memory(tmp_path / "announced.json").keep(ROWS[:1])
    Memory(tmp_path / "announced.json").keep(ROWS)
    assert Memory(tmp_path / "announced.json").load() == ROWS
    assert [file.name for file in tmp_path.iterdir()] == ["announced.json"]


def test_without_a_file_nothing_was_announced(tmp_path):
    assert Memory(tmp_path / "announced.json").load() == ()


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"7", b"[7]", b"[[1]]", b'[[1, "noon"]]', b'[[1, "2026-11-24T09:00:00"]]', b"[" * 90_000],
)
def test_a_broken_file_costs_only_the_memory(tmp_path, raw, caplog):
    file = tmp_path / "announced.json"
    file.write_bytes(raw)
    assert Memory(file).load() == ()
    assert "cannot be read" in caplog.text


def test_a_folder_that_is_gone_is_told_and_survived(tmp_path, caplog):
    Memory(tmp_path / "gone" / "announced.json").keep(ROWS)
    assert "cannot be kept" in caplog.text
