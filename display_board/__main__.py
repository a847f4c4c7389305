"""`python -m display_board`: the board of one hall, or the display over one of its counters, on this screen."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from display_board.counter_wording import CounterWording
from display_board.halls import Halls
from display_board.memory import Memory
from display_board.player import Player
from display_board.presenter import BoardPresenter
from display_board.views import counter_face
from display_board.views.board_view import BoardView
from display_board.views.face import Face
from display_board.views.halls import lay_out
from display_board.voice import Voice, is_wanted
from display_board.wording import Wording, Words
from terminal.launch import Station, start
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
    layout, counter = station.table.layout, station.options.counter
    if counter is not None:
        view = BoardView(palette, counter_face.lay_out, counter_face.CounterFace(), layout)
        display = _presenter(station, CounterWording(Texts(TEXTS), counter), f".counter-{counter}.json")
        display.face_changed.connect(view.show_face)
        return _run(station, view, display, None)
    view = BoardView(palette, lay_out, (Face(),), layout)
    wordings = [Wording(Texts(TEXTS), station.table.ways) for _ in _halls(station)]
    halls = Halls(
        [
            _presenter(station, wording, f".announced{f'-{hall}' if place else ''}.json", hall)
            for place, (hall, wording) in enumerate(zip(_halls(station), wordings, strict=True))
        ]
    )
    halls.faces_changed.connect(view.show_face)
    voice = None
    if is_wanted(station.table):
        speaker = Speaker(station.settings.speech, halls)
        voice = Voice(halls, wordings[0], station.clock, station.table, speaker)
    player = Player(station.table.media, lambda: wordings[0].wall_time(station.clock.now()))
    player.shown.connect(view.show_media)
    if station.table.media and len(wordings) == 1:
        player.play_next()
    code = _run(station, view, halls, voice)
    player.stop()
    return code


def _halls(station: Station) -> list[str | None]:
    """List the halls to show; None is the one that the board is enrolled for."""
    return [station.options.hall] if station.options.hall else [*station.table.halls] or [None]


def _presenter(station: Station, words: Words, kept: str, hall: str | None = None) -> BoardPresenter:
    memory = Memory(station.table.token_file.with_suffix(kept))
    return BoardPresenter(station.client, words, memory, hall or station.options.hall)


def _run(station: Station, view: BoardView, presenter: BoardPresenter | Halls, voice: Voice | None) -> int:
    view.painted.connect(presenter.painted)
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
