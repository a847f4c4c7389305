"""A board of one to three halls: a presenter for each, and one face and one voice for all."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal

from display_board.presenter import BoardPresenter
from display_board.views.face import Face


class Halls(QObject):
    """Gathers the faces of halls, in their order, and hands on what is announced in any of them."""

    faces_changed = Signal(object)
    announced = Signal(object)
    calls_changed = Signal(object)
    arrived = Signal(str)

    def __init__(self, presenters: Sequence[BoardPresenter]) -> None:
        super().__init__()
        self._presenters = presenters
        self._faces = [Face()] * len(presenters)
        self._called: list[frozenset[str]] = [frozenset()] * len(presenters)
        for place, presenter in enumerate(presenters):
            presenter.face_changed.connect(partial(self._face, place))
            presenter.calls_changed.connect(partial(self._calls, place))
            presenter.announced.connect(self.announced)
            presenter.arrived.connect(self.arrived)

    def start(self) -> None:
        """Start all halls."""
        for presenter in self._presenters:
            presenter.start()

    def stop(self) -> None:
        """Stop all halls."""
        for presenter in self._presenters:
            presenter.stop()

    def painted(self) -> None:
        """Take that all faces are painted."""
        for presenter in self._presenters:
            presenter.painted()

    def _face(self, place: int, face: Face) -> None:
        self._faces[place] = face
        self.faces_changed.emit(tuple(self._faces))

    def _calls(self, place: int, numbers: frozenset[str]) -> None:
        self._called[place] = numbers
        self.calls_changed.emit(frozenset().union(*self._called))
