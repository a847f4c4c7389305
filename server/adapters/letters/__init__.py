"""Letters and text messages: one template a kind, in the reader's language, as HTML, plain text and SMS."""

from __future__ import annotations

from server.adapters.letters.message_facts import MessageContent
from server.adapters.letters.writing import SMS_KINDS, Written, write_letter, write_text

__all__ = ["SMS_KINDS", "MessageContent", "Written", "write_letter", "write_text"]
