"""What a small display over one counter shows: its own number, and the ticket that is called there."""

from __future__ import annotations

from display_board.board import Board, Moment
from display_board.views.counter_face import CounterFace
from display_board.wording import FLASH_SECONDS, FLASHES, Words
from terminal.texts import Texts
from wire.messages import BoardCall


class CounterWording(Words):
    """Write the face of one counter of the hall."""

    def __init__(self, texts: Texts, counter: int) -> None:
        super().__init__(texts)
        self._counter = counter

    def face(self, board: Board, moment: Moment, is_time_known: bool) -> CounterFace:
        """Write what the display shows: the newest call to its counter while it lasts, which flashes at first."""
        call = self._call(board)
        return CounterFace(
            word=self._both("counter"),
            counter=str(self._counter),
            number=call.number if call else "",
            lit=call is not None and _is_lit(call, moment),
            sign=self._sign(board),
        )

    def shows(self, board: Board, call: int) -> bool:
        """Say whether the call of this id is the one that stands over this counter."""
        shown = self._call(board)
        return shown is not None and shown.id == call

    def _call(self, board: Board) -> BoardCall | None:
        calls = [
            call for call in (*board.queue, *board.recent) if call.counter == self._counter and call.active
        ]
        return max(calls, key=lambda call: call.id, default=None)


def _is_lit(call: BoardCall, moment: Moment) -> bool:
    """Say whether the flash of a fresh call is on; by the server's time: the hall's screen may be behind."""
    turn, part = divmod((moment.now - call.called_at).total_seconds() / FLASH_SECONDS, 1)
    return 0 <= turn < FLASHES and part < 0.5
