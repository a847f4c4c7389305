"""`python -m display_board`: the board of one hall, or the display over one of its counters, on this screen."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from display_board.counter_wording import CounterWording
from display_board.memory import Memory
from display_board.presenter import BoardPresenter
from display_board.views import counter_face
from display_board.views.board_view import BoardView
from display_board.voice import Voice, is_wanted
from display_board.wording import Wording, Words
from terminal.launch import start
from terminal.restart import ended
from terminal.speech.speaker import Speaker
from terminal.texts import Texts
from terminal.theme import HIGH_CONTRAST, NORMAL
from wire.vocabulary import DeviceRole

TEXTS = Path(__file__).parent / "texts"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the board until it is told to end; give the exit code."""
    station = start(DeviceRole.BOARD, argv, _add_options)
    palette = HIGH_CONTRAST if station.options.high_contrast else NORMAL
    texts, counter = Texts(TEXTS), station.options.counter
    wording = Wording(texts, station.table.ways)
    if counter is None:
        words: Words = wording
        view, kept = BoardView(palette), ".announced.json"
    else:
        words = CounterWording(texts, counter)
        view = BoardView(palette, counter_face.lay_out, counter_face.CounterFace())
        kept = f".counter-{counter}.json"
    memory = Memory(station.table.token_file.with_suffix(kept))
    presenter = BoardPresenter(station.client, words, memory, station.options.hall)
    presenter.face_changed.connect(view.show_face)
    voice = None
    if counter is None and is_wanted(station.table):
        speaker = Speaker(station.settings.speech, presenter)
        voice = Voice(presenter, wording, station.clock, station.table, speaker)
    presenter.start()
    code = station.run(view)
    presenter.stop()
    if voice is not None:
        voice.stop()
    return ended(code)


def _add_options(parser: ArgumentParser) -> None:
    parser.add_argument("--hall", metavar="A", help="the hall to show, if not the one it is enrolled for")
    parser.add_argument(
        "--counter", type=int, metavar="7", help="a small display over this counter: only its own number"
    )
    parser.add_argument(
        "--high-contrast", action="store_true", help="the theme with a contrast of 7:1 or more"
    )


if __name__ == "__main__":
    sys.exit(main())
