"""Pictures, videos and texts beside the calls: in their hours, and what does not play is named and left out."""

from __future__ import annotations

import logging
import os
from datetime import time

import pytest
from PIL import Image
from pydantic import ValidationError
from PySide6.QtGui import QImage

from deploy.doctor import devices
from display_board import player as player_module
from display_board.media import following, is_on
from display_board.player import NotPlayable, Player, read_picture
from display_board.views.board_view import BoardView
from display_board.views.halls import lay_out
from display_board.views.pieces import Slot, Text
from terminal.theme import NORMAL
from tests.display_board.samples import CROWDED, EMPTY, FULL, OFFLINE
from tests.display_board.test_layouts import faults
from wire.settings import BoardSettings, MediaPiece

PICTURES = os.environ.get("NUMEREK_PICTURES")
NOON = time(12, 0)


def piece(**told):
    return MediaPiece.model_validate(told)


@pytest.mark.parametrize(
    ("since", "until", "hour", "on"),
    [
        ("08:00", "12:00", "08:00", True),
        ("08:00", "12:00", "12:00", False),
        ("20:00", "06:00", "23:00", True),
        ("20:00", "06:00", "06:00", False),
        ("00:00", "00:00", "13:00", True),
    ],
)
def test_a_piece_is_on_in_its_hours(since, until, hour, on):
    assert is_on(piece(text="x", **{"from": since, "until": until}), time.fromisoformat(hour)) is on


def test_pieces_follow_each_other_and_those_that_do_not_play_are_left_out():
    pieces = [piece(text="a"), piece(text="b", **{"from": "13:00", "until": "14:00"}), piece(text="c")]
    assert [following(pieces, place, NOON) for place in (-1, 0, 2)] == [0, 2, 0]
    assert following(pieces, 0, time(13, 30)) == 1
    assert following(pieces, 0, NOON, {2}) == 0
    assert following(pieces, 0, NOON, {0, 2}) is None
    assert following([], -1, NOON) is None


@pytest.mark.parametrize("told", [{}, {"file": "a.png", "text": "b"}, {"text": "a", "from": "25:00"}])
def test_a_row_is_a_file_or_a_text_in_good_hours(told):
    with pytest.raises(ValidationError):
        piece(**told)


@pytest.fixture
def files(tmp_path):
    """Give a picture, a large one, a clip, a damaged picture and a damaged clip."""
    Image.new("RGB", (640, 360), "#0A7043").save(tmp_path / "good.png")
    Image.new("RGB", (4000, 3000), "#0A7043").save(tmp_path / "large.jpg")
    frames = [Image.new("RGB", (320, 180), (n * 20, 60, 90)) for n in range(10)]
    # The player goes by what is in the file.
    frames[0].save(tmp_path / "clip.mp4", format="GIF", save_all=True, append_images=frames[1:], duration=40)
    (tmp_path / "damaged.png").write_bytes((tmp_path / "good.png").read_bytes()[:60])
    (tmp_path / "damaged.mp4").write_bytes(b"no video at all" * 100)
    return tmp_path


def test_a_picture_is_no_larger_than_a_board_shows(files, monkeypatch):
    assert read_picture(files / "good.png").width() == 640
    large = read_picture(files / "large.jpg")
    assert (large.width(), large.height()) == (1440, 1080)
    monkeypatch.setattr(player_module, "LARGEST", 3000)
    with pytest.raises(NotPlayable, match="3000"):
        read_picture(files / "large.jpg")
    for name in ("damaged.png", "missing.png"):
        with pytest.raises(NotPlayable):
            read_picture(files / name)


@pytest.fixture
def playing(qtbot):
    """Give a maker of players, with what they showed."""
    made = []

    def make(*pieces):
        player, shown = Player(pieces, lambda: NOON), []
        player.shown.connect(shown.append)
        made.append(player)
        player.play_next()
        return player, shown

    yield make
    for player in made:
        player.stop()


BAD = ["damaged.png", "missing.png", "damaged.mp4", "none.mp4"]


# Of video libraries that this machine lacks Qt tells once, at the first video.
@pytest.mark.qt_log_ignore("Could not open media", "Couldn't (load|resolve) va")
def test_what_does_not_play_is_skipped_and_named_once(qtbot, playing, files, caplog):
    with caplog.at_level(logging.WARNING):
        player, shown = playing(*[piece(file=str(files / name)) for name in BAD], piece(text="Pokój 12"))
        qtbot.waitUntil(lambda: shown == ["Pokój 12"], timeout=20_000)
        player.play_next()
    assert shown == ["Pokój 12", "Pokój 12"]
    assert [file.name for file in player.broken] == BAD
    assert len([line for line in caplog.messages if "does not play" in line]) == len(BAD)


@pytest.mark.qt_log_ignore("No RHI backend", "No HW decoder")
def test_a_clip_plays_without_sound_and_then_the_next_comes(qtbot, playing, files):
    player, shown = playing(piece(file=str(files / "clip.mp4")), piece(text="then"))
    qtbot.waitUntil(lambda: "then" in shown, timeout=20_000)
    frames = shown[: shown.index("then")]
    assert len(frames) >= 2
    assert all(isinstance(frame, QImage) and frame.width() == 320 for frame in frames)
    assert player.broken == []


def test_nothing_is_shown_where_nothing_plays(qtbot, playing, files):
    _, shown = playing(piece(file=str(files / "damaged.png")))
    qtbot.waitUntil(lambda: shown == [None], timeout=5000)


MEDIA = {"picture": None, "text": "Kasa w pokoju 12 jest dziś czynna do 14:00."}


@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1920), (1280, 720)])
@pytest.mark.parametrize("name", ["FULL", "EMPTY", "CROWDED", "OFFLINE"])
@pytest.mark.parametrize("what", MEDIA)
def test_media_cover_nothing_and_are_seen_whole(qtbot, files, size, name, what):
    face = {"FULL": FULL, "EMPTY": EMPTY, "CROWDED": CROWDED, "OFFLINE": OFFLINE}[name]
    view = BoardView(NORMAL, lay_out, (face,))
    qtbot.addWidget(view)
    view.resize(*size)
    view.show_media(MEDIA[what] or read_picture(files / "good.png"))
    picture = view.grab()
    if PICTURES:
        picture.save(f"{PICTURES}/media_{size[0]}_{name}_{what}.png")
    assert faults(view) == []
    (slot,) = [each.box for each in view.pieces() if isinstance(each, Slot)]
    assert slot.height() > size[1] / 5
    texts = [each.extent() for each in view.pieces() if isinstance(each, Text) and each.text]
    assert not any(slot.intersects(extent) for extent in texts)
    if what == "picture":
        assert picture.toImage().pixelColor(slot.center().toPoint()).name() == "#0a7043"


def test_without_media_its_place_goes_to_the_calls(qtbot):
    view = BoardView(NORMAL, lay_out, (FULL,))
    qtbot.addWidget(view)
    view.resize(1920, 1080)
    alone = len(view.pieces())
    view.show_media("a text")
    assert len(view.pieces()) < alone
    view.show_media(None)
    assert len(view.pieces()) == alone


def test_the_doctor_names_what_cannot_play(files):
    names = ("good.png", "missing.mp4", "notes.docx")
    (files / "notes.docx").write_text("x")
    board = BoardSettings(media=tuple(piece(file=str(files / name)) for name in names))
    said = [str(found) for found in devices.look_at_media(board)]
    assert len(said) == 3
    assert "missing.mp4 cannot be read" in said[1]
    assert "neither a picture nor a video" in said[2]
