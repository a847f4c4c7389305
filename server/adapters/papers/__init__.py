"""Papers: the confirmation as PDF and as calendar file, and information pages as PDF."""

from __future__ import annotations

from server.adapters.papers.office_papers import OfficePapers
from server.adapters.papers.pdf_renderer import PdfRenderer

__all__ = ["OfficePapers", "PdfRenderer"]
