"""A fake of the server's board door: who am I, the snapshot, the stream; it can die and come back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from display_board.__main__ import TEXTS
from display_board.memory import Memory
from display_board.presenter import BoardPresenter
from display_board.wording import Wording
from terminal import stream as stream_module
from terminal.client import Client
from terminal.clock import ServerClock
from terminal.texts import Texts
from tests.display_board.samples import DEVICE, fact, snapshot
from tests.terminal.fake_server import FakeServer, Feed
from wire.messages import PaperlessAnswer, PaperlessCode


class Office:
    """What the fake server knows: calls of now, its feed, and how often it was looked at."""

    def __init__(self):
        self.feed = Feed()
        self.called = []
        self.waiting = []
        self.looks = 0
        self.is_stream_gone = False
        self.device = DEVICE
        self.server = FakeServer(self.answer)
        self.server.feeds.append(self.feed)

    def answer(self, exchange):
        path = exchange.path.partition("?")[0]
        if path == "/api/v1/devices/me":
            exchange.reply(200, self.device, Numerek_Time=datetime.now(UTC).isoformat())
        elif path == "/api/v1/paperless-codes":
            now = datetime.now(UTC)
            code = PaperlessCode(
                address="https://o.test/w/1",
                shown_from=now - timedelta(minutes=1),
                shown_until=now + timedelta(minutes=1),
            )
            exchange.reply(200, PaperlessAnswer(codes=[code], now=now))
        elif path == "/api/v1/boards/A":
            self.looks += 1
            exchange.reply(200, self.snapshot())
        elif path == "/api/v1/stream" and self.is_stream_gone:
            self.is_stream_gone = False
            exchange.reply(410)
        elif path == "/api/v1/stream":
            exchange.stream(self.feed)
        else:
            exchange.reply(404)

    def snapshot(self):
        return snapshot(*reversed(self.called), as_of=len(self.called), waiting=self.waiting)

    def call(self, made, is_told=True):
        """Call somebody now; a call that is not told stands only in the snapshot."""
        made = made.model_copy(update={"called_at": datetime.now(UTC)})
        self.called.append(made)
        if is_told:
            self.feed.add(made.id, "ticket.called", fact(made))


class Screen:
    """What a presenter showed and announced."""

    def __init__(self, office, file):
        client = Client(office.server.url, "a-token", ServerClock())
        self.presenter = BoardPresenter(client, Wording(Texts(TEXTS)), Memory(file))
        self.face, self.announced = None, []
        self.presenter.face_changed.connect(self.show)
        self.presenter.announced.connect(lambda call: self.announced.append(call.id))

    def show(self, face):
        self.face = face

    @property
    def number(self):
        return self.face.called.number if self.face.called else None


@pytest.fixture
def office(qapp, monkeypatch):
    """Give a fake office whose board comes back quickly."""
    monkeypatch.setattr(stream_module, "RETRY_SECONDS", (0.02,))
    office = Office()
    yield office
    if not office.server.is_stopping:
        office.server.stop()


@pytest.fixture
def screens(office, tmp_path):
    """Give a maker of boards that share one memory, as restarts of one board do."""
    made = []

    def make():
        made.append(Screen(office, tmp_path / "announced.json"))
        made[-1].presenter.start()
        return made[-1]

    yield make
    for screen in made:
        screen.presenter.stop()
