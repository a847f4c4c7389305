"""A made-up message of each kind, to show how a wording will look: written by what writes the real ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from server.adapters.letters import Written, write_letter, write_text
from server.domain.messages.sms_parts import parts_of
from server.domain.messages.wording import OF_NO_BRANCH, SMS_KINDS, Wording
from server.services.booking import visits
from server.services.messages.delivery import Taken
from server.services.messages.telling import tell
from server.services.office.settings import BranchView, ServiceView
from server.services.ports import MessageContent
from server.web.request_context import request_context
from wire.vocabulary import Channel, MessageKind

# As long as real ones; it opens nothing.
_SECRET = "Zk3vQ9xT2mB7cR5wY8nL4p"  # noqa: S105 - it opens nothing
_CODE = "482910"
_DRAW = {"draw": "d-2026-48", "line": "7K3-M2P", "secret_hash": "0a" * 32, "place": 43, "applications": 120}


@dataclass(frozen=True, slots=True)
class SampleMessage:
    """A message as it would go out; `sms` is None for a kind that does not go to phones."""

    letter: Written
    sms: str | None = None
    sms_parts: int = 0


def sample_message(
    branch: BranchView, kind: MessageKind, language: str, wording: Wording | None
) -> SampleMessage | None:
    """Write a made-up message of a branch; None where it needs a service, and the branch has none."""
    told = _told(branch, kind, language)
    if told is None:
        return None
    told = replace(told, wording=wording)
    if kind not in SMS_KINDS:
        return SampleMessage(write_letter(told))
    text = write_text(told)
    return SampleMessage(write_letter(told), text, parts_of(text))


def _told(branch: BranchView, kind: MessageKind, language: str) -> MessageContent | None:
    service = next((each for each in branch.services.values() if not each.policy.archived), None)
    context = request_context()
    at = _hour(branch, 3)
    if kind in OF_NO_BRANCH:
        return tell(_taken(kind, language, _facts_of(kind, branch, None)), context, None)
    if service is None:
        return None
    about = kind not in (MessageKind.PLACES, MessageKind.DRAW_APPLIED, MessageKind.DRAW_RESULT)
    visit = visits.example(context, service, language, at) if about else None
    return tell(_taken(kind, language, _facts_of(kind, branch, service)), context, visit)


def _taken(kind: MessageKind, language: str, facts: Mapping[str, Any]) -> Taken:
    context = request_context()
    url = f"{context.public_url}/{language}/questions/{_SECRET}"
    values = {"url": url, "code": _CODE, "title": "…"}
    until = context.now + timedelta(days=1)
    return Taken(0, 1, "", kind, Channel.EMAIL, language, "", values, facts, None, until)


def _facts_of(kind: MessageKind, branch: BranchView, service: ServiceView | None) -> dict[str, Any]:
    letter = service.letter if service else ""
    match kind:
        case MessageKind.CANCELLATION:
            places = " ".join(_hour(branch, days).isoformat() for days in (4, 5))
            return {"reason": "office_closed", "places": places, "service": f"{branch.code}/{letter}"}
        case MessageKind.RELEASED:
            return {"reason": "unanswered"}
        case MessageKind.ACCOUNT_CHANGED:
            return {"change": "password"}
        case MessageKind.DRAW_APPLIED | MessageKind.DRAW_RESULT:
            closes = {"closes_at": _hour(branch, 1).isoformat()}
            return {**_DRAW, **closes, "service": service.id if service else 0}
        case _:
            return {"branch": branch.code, "service": letter}


def _hour(branch: BranchView, days: int) -> datetime:
    """Return ten o'clock at the branch in some days."""
    zone = branch.policy.zone
    day = request_context().now.astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(day, time(10), zone).astimezone(UTC)
