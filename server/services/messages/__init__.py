"""Messages: written in the transaction that they report, sent afterwards by a worker, and nothing twice."""

from __future__ import annotations

from server.services.messages.outbox import NewMessage, drop, forget, post

__all__ = ["NewMessage", "drop", "forget", "post"]
