"""The press's own process: HTML in, tagged PDF out, by WeasyPrint; it fetches nothing from anywhere."""

from __future__ import annotations

import io
import logging
import resource
import select
import struct
import sys
import warnings
from typing import Any

from weasyprint import HTML
from weasyprint.urls import URLFetcher

_LENGTH = struct.Struct(">BI")
# Idle for so long it goes, and its memory with it; after so many documents too: the library keeps what it read.
_REST_SECONDS = 600.0
_MOST_DOCUMENTS = 500
_MOST_MEMORY = 1024 * 1024 * 1024


def main() -> int:
    """Print what comes in until nothing comes any more."""
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    jobs, answers = io.FileIO(0), sys.stdout.buffer
    # Whatever a library prints must not lie between the documents.
    sys.stdout = sys.stderr
    for _ in range(_MOST_DOCUMENTS):
        html = _next(jobs)
        if html is None:
            return 0
        try:
            failed, answer = 0, to_pdf(html.decode("utf-8"))
        except Exception as error:
            # A document that cannot be made must not take the others' process with it.
            failed, answer = 1, type(error).__name__.encode()
        answers.write(_LENGTH.pack(failed, len(answer)) + answer)
        answers.flush()
    return 0


def to_pdf(html: str) -> bytes:
    """Turn a whole HTML page into a tagged PDF (PDF/UA-1)."""
    made: bytes = HTML(string=html, url_fetcher=_Nothing()).write_pdf(pdf_variant="pdf/ua-1")
    return made


class _Nothing(URLFetcher):
    """Fetches nothing: neither from the net nor from this machine's files."""

    def fetch(self, url: str, headers: Any = None) -> Any:
        """Refuse; the library leaves out what it cannot have."""
        raise ValueError("nothing is fetched")


def _next(jobs: io.FileIO) -> bytes | None:
    """Read the next job; None when the press is gone, or rests for long."""
    ready, _, _ = select.select([jobs], [], [], _REST_SECONDS)
    head = _exactly(jobs, _LENGTH.size) if ready else None
    return None if head is None else _exactly(jobs, _LENGTH.unpack(head)[1])


def _exactly(jobs: io.FileIO, length: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < length:
        part = jobs.read(length - len(parts))
        if not part:
            return None
        parts += part
    return bytes(parts)


if __name__ == "__main__":
    sys.exit(main())
