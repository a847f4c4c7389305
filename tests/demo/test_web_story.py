"""The story's beginning: what is booked on the pages is good at the kiosk, and it can be left out."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from deploy.demo.offscreen import phone, story, web
from deploy.demo.offscreen.phone import NARROW, WIDE, has_browser
from deploy.demo.offscreen.record import Record
from deploy.demo.offscreen.stage import Stage


@pytest.mark.timeout(240)
def test_what_a_visitor_books_on_the_pages_takes_a_ticket(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answers = []

    def comes(stage: Stage, record: Record) -> None:
        """The visitor comes to the kiosk."""
        answers.append(stage.kiosk_asks("/api/v1/check-ins", {"code": stage.booked_qr}))

    monkeypatch.setattr(story, "STEPS", (*web.STEPS, comes))
    assert story.play(tmp_path) == 0
    ((status, answer),) = answers
    assert (status, answer["ticket"]["service"]["code"]) == (201, "N")
    widths = {}
    for file in tmp_path.glob("*-web-*.png"):
        with Image.open(file) as picture:
            widths[file.stem[3:]] = picture.width
    assert len(widths) == 13
    assert {name for name, width in widths.items() if width == WIDE[0]} == {
        "web-start-wide",
        "web-calendar-wide",
        "web-draw-result-wide",
    }
    assert set(widths.values()) == {NARROW[0], WIDE[0]}


def test_without_a_browser_the_pages_are_left_out_and_it_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = []

    def waits(stage: Stage, record: Record) -> None:
        """Nobody comes."""
        seen.append(stage.booked_qr)

    monkeypatch.setattr(story, "STEPS", (*web.STEPS, waits))
    assert has_browser()
    monkeypatch.setattr(phone.shutil, "which", lambda name: None)
    assert not has_browser()
    assert story.play(tmp_path) == 0
    said = capsys.readouterr().out
    assert "the booking pages are left out" in said
    assert "all 1 parts of the story were seen" in said
    assert seen == [""]
    assert not list(tmp_path.glob("*.png"))


def test_a_page_that_is_not_there_fails_the_story(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def strays(stage: Stage, record: Record) -> None:
        """Somebody strays."""
        stage.phone.page.set_default_timeout(500)
        stage.phone.open("/pl/")
        stage.phone.follow("/nowhere")

    monkeypatch.setattr(story, "STEPS", (strays,))
    assert story.play(tmp_path) == 1
    assert "NOT SEEN. Somebody strays." in capsys.readouterr().out
