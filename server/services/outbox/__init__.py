"""Messages: written in the transaction of what they tell, sent afterwards by the postman, and nothing twice."""

from __future__ import annotations

from server.services.outbox.posting import NewMessage, drop, forget, post

__all__ = ["NewMessage", "drop", "forget", "post"]
