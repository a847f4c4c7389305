"""The press of the papers: it turns HTML into PDF."""

from __future__ import annotations

import sys

from server.adapters.press import Press

_COMMAND = [sys.executable, "-m", "server.adapters.papers.pdf_process"]
_SECONDS = 20.0


class PdfRenderer(Press):
    """Turns a whole HTML page into a PDF."""

    def __init__(self, seconds: float = _SECONDS, command: list[str] | None = None) -> None:
        super().__init__(command or _COMMAND, seconds)
