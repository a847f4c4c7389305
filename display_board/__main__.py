"""`python -m display_board`: the board of one hall on this machine's screen."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from display_board.memory import Memory
from display_board.presenter import BoardPresenter
from display_board.views.board_view import BoardView
from display_board.voice import Voice, is_wanted
from display_board.wording import Wording
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
    view = BoardView(HIGH_CONTRAST if station.options.high_contrast else NORMAL)
    memory = Memory(station.table.token_file.with_suffix(".announced.json"))
    wording = Wording(Texts(TEXTS))
    presenter = BoardPresenter(station.client, wording, memory, station.options.hall)
    presenter.face_changed.connect(view.show_face)
    voice = None
    if is_wanted(station.table):
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
        "--high-contrast", action="store_true", help="the theme with a contrast of 7:1 or more"
    )


if __name__ == "__main__":
    sys.exit(main())
