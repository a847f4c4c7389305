"""`numerek dev`: what is changed is served within moments, and the data stays."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.dev import ROOT, WATCHED_FOLDERS, watched_files

TREE = ("server", "wire", "printers", "deploy")
PAGE = "server/portal/templates/office/accessibility.html"
POLISH = "server/texts/pl/LC_MESSAGES/messages.po"
SECONDS = 30.0


class Developer:
    """A copy of the project with the server running on it."""

    def __init__(self, root: Path, data: Path, port: int) -> None:
        self.root, self.data, self.base = root, data, f"http://127.0.0.1:{port}"

    def change(self, name: str, old: str, new: str) -> None:
        file = self.root / name
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new), "utf-8")

    def wait_until_served(self, path: str, words: str) -> None:
        deadline = time.monotonic() + SECONDS
        while words not in self._page(path):
            assert time.monotonic() < deadline, f"{words!r} did not come"
            time.sleep(0.05)

    def wait_until_it_is_down(self) -> None:
        deadline = time.monotonic() + SECONDS
        while self._page("/en/accessibility"):
            assert time.monotonic() < deadline, "the mistake was not noticed"
            time.sleep(0.05)

    def _page(self, path: str) -> str:
        try:
            with urllib.request.urlopen(self.base + path, timeout=SECONDS) as answer:
                return str(answer.read().decode())
        except (urllib.error.URLError, ConnectionError):
            return ""  # it is being started


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@pytest.fixture
def developer(tmp_path: Path) -> Iterator[Developer]:
    root, data, port = tmp_path / "copy", tmp_path / "data", free_port()
    for folder in TREE:
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (root / ".venv").symlink_to(ROOT / ".venv")
    command = [sys.executable, "-m", "deploy.dev", "--data", str(data), "--port", str(port)]
    with (tmp_path / "log").open("wb") as log:
        running = subprocess.Popen(
            command, cwd=root, env={**os.environ, "PYTHONPATH": str(root)}, stdout=log, stderr=log
        )
    yield Developer(root, data, port)
    running.terminate()
    assert running.wait(SECONDS) == 0


def test_a_changed_page_translation_and_module_are_served_and_the_data_stays(developer: Developer) -> None:
    developer.wait_until_served("/en/accessibility", "WCAG")
    sample = (developer.data / "demo.json").read_bytes(), (developer.data / "numerek.key").read_bytes()

    developer.change(PAGE, "<p class", "<p>A changed page</p><p class")
    developer.wait_until_served("/en/accessibility", "A changed page")

    developer.change(POLISH, 'msgstr "Deklaracja dostępności"', 'msgstr "Zmienione tłumaczenie"')
    developer.wait_until_served("/pl/accessibility", "Zmienione tłumaczenie")

    developer.change("server/portal/office/accessibility.py", '_("Accessibility statement")', '"A new title"')
    developer.wait_until_served("/en/accessibility", "A new title")
    assert sample == (
        (developer.data / "demo.json").read_bytes(),
        (developer.data / "numerek.key").read_bytes(),
    )


def test_a_mistake_in_the_code_is_survived(developer: Developer) -> None:
    developer.wait_until_served("/en/accessibility", "WCAG")
    developer.change("server/clock.py", "from __future__", "from __future")
    developer.wait_until_it_is_down()
    developer.change("server/clock.py", "from __future", "from __future__")
    developer.change(PAGE, "<p class", "<p>Running again</p><p class")
    developer.wait_until_served("/en/accessibility", "Running again")


def test_templates_styles_and_translations_are_watched() -> None:
    watched = {str(file.relative_to(ROOT)) for name in WATCHED_FOLDERS for file in watched_files(ROOT / name)}
    assert {PAGE, POLISH, "server/run.py", "deploy/demo/office.toml", "wire/codes.py"} <= watched


def test_compiled_files_are_not_watched_because_the_server_writes_them() -> None:
    names = {file.suffix for name in WATCHED_FOLDERS for file in watched_files(ROOT / name)}
    assert not names & {".mo", ".pyc"}


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "deploy.dev", "--data", str(tmp_path), "--port", str(port)],
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert (done.returncode, done.stderr) == (1, f"numerek dev: port {port} is taken\n")
