"""The press's own process: HTML in, tagged PDF out, by WeasyPrint; it fetches nothing from anywhere."""

from __future__ import annotations

import resource
import sys
from typing import Any

from weasyprint import HTML
from weasyprint.urls import URLFetcher

from server.adapters import press_work

# After so many documents it goes, and its memory with it: the library keeps what it read.
_MOST_DOCUMENTS = 500
_MOST_MEMORY = 1024 * 1024 * 1024


def main() -> int:
    """Print what comes in until nothing comes any more."""
    return press_work.work(to_pdf, resource.RLIMIT_AS, _MOST_MEMORY, _MOST_DOCUMENTS)


def to_pdf(html: str) -> bytes:
    """Turn a whole HTML page into a tagged PDF (PDF/UA-1)."""
    made: bytes = HTML(string=html, url_fetcher=_Nothing()).write_pdf(pdf_variant="pdf/ua-1")
    return made


class _Nothing(URLFetcher):
    """Fetches nothing: neither from the net nor from this machine's files."""

    def fetch(self, url: str, headers: Any = None) -> Any:
        """Refuse; the library leaves out what it cannot have."""
        raise ValueError("nothing is fetched")


if __name__ == "__main__":
    sys.exit(main())
