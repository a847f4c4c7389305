"""What a message tells, as its template sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from server.services.ports import Visit
from wire.vocabulary import MessageKind


@dataclass(frozen=True, slots=True)
class MessageContent:
    """All that a message may say.

    `values` are for its reader alone, `facts` are ids and codes, as they were put into the outbox; `words` are
    the service's own, added to this kind of message; hours are shown in `zone`; `until` ends what the message
    asks for. `service_name` is there for a message about a service, with or without a visit; `branch_name` is the
    service's branch, else the office's first; `email` is where answers go, and
    `sms_name` the office in a text message.
    """

    kind: MessageKind
    language: str
    public_url: str
    zone: str
    values: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    visit: Visit | None = None
    words: str | None = None
    service_name: str | None = None
    branch_name: str | None = None
    phone: str | None = None
    email: str | None = None
    address: str | None = None
    sms_name: str | None = None
    until: datetime | None = None
