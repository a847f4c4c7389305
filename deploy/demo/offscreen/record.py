"""What the story leaves: numbered pictures, slips, and a transcript with times."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from deploy.demo.offscreen.waiting import NotSeen
from terminal.speech.sounds import BadSound, read_wav

if TYPE_CHECKING:
    from playwright.sync_api import Page


class Record:
    """Writes into one folder; each line of the transcript goes to the console as well."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for pattern in ("[0-9][0-9]-*", "transcript.txt", "*.log"):
            for old in folder.glob(pattern):
                old.unlink()
        self.folder = folder
        self._began = time.perf_counter()
        self._transcript = folder / "transcript.txt"
        self._count = 0

    def say(self, text: str) -> None:
        """Write a line with the milliseconds since the start."""
        line = f"{(time.perf_counter() - self._began) * 1000:8.0f} ms  {text}"
        with self._transcript.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        print(line, flush=True)

    def picture(self, widget: QWidget, name: str) -> None:
        """Save what a window shows as the next picture. Raises NotSeen when it cannot be written."""
        path = self._next(f"{name}.png")
        if not widget.grab().save(str(path)):
            raise NotSeen(f"{path} cannot be written")

    def page(self, page: Page, name: str) -> Path:
        """Save a page of a browser, from head to foot, as the next picture; return its path."""
        path = self._next(f"{name}.png")
        page.screenshot(path=path, full_page=True)
        return path

    def slip(self, slips: Path, name: str) -> Path:
        """Keep the newest slip of the printer as picture and as bytes; return the picture's path."""
        newest = max(slips.glob("slip-*.png"))
        kept = self._next(f"slip-{name}.png")
        shutil.copy(newest, kept)
        shutil.copy(newest.with_suffix(".escpos"), kept.with_suffix(".escpos"))
        return kept

    def sound(self, wav: Path, name: str) -> None:
        """Keep what was heard. Raises NotSeen when it is silent."""
        try:
            read_wav(wav.read_bytes())
        except BadSound as error:
            raise NotSeen(f"{wav.name} cannot be heard: {error}") from error
        shutil.copy(wav, self._next(f"{name}.wav"))

    def text(self, name: str, content: str) -> Path:
        """Keep a text as a file of its own; return its path."""
        path = self._next(name)
        path.write_text(content, encoding="utf-8")
        return path

    def _next(self, name: str) -> Path:
        self._count += 1
        return self.folder / f"{self._count:02}-{name}"
