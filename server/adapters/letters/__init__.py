"""Letters and text messages: one template a kind, in the reader's language, as HTML, plain text and SMS."""

from __future__ import annotations

from server.adapters.letters.writing import Written, write_letter, write_text

__all__ = ["Written", "write_letter", "write_text"]
