"""What a message tells, gathered when it is written out."""

from __future__ import annotations

from datetime import datetime

from server.services.context import Context
from server.services.messages.delivery import Taken
from server.services.office.settings import BranchView, ServiceView
from server.services.ports import MessageContent, Visit

_DEFAULT_ZONE = "Europe/Warsaw"


def tell(message: Taken, context: Context, visit: Visit | None) -> MessageContent:
    """Gather what a message tells: of its visit and its service, with the words that the office has for its kind.

    A message about no service and no branch, such as one about an account, is that of the office's first branch.
    """
    service = _service_of(message, context, visit)
    branch = _branch_of(message, context) if service is None else context.branch(service.branch_id)
    words = {} if service is None else service.policy.booking.words.get(message.kind, {})
    any_branch = branch or next(iter(context.office.branches.values()), None)
    return MessageContent(
        kind=message.kind,
        language=message.language,
        public_url=context.public_url,
        zone=any_branch.policy.zone.key if any_branch else _DEFAULT_ZONE,
        values=message.values,
        facts=message.facts,
        visit=visit,
        words=words.get(message.language) or words.get("pl"),
        wording=any_branch.policy.messages.get(message.kind, {}).get(message.language)
        if any_branch
        else None,
        service_name=service.name(message.language) if service else None,
        branch_name=any_branch.name if any_branch else None,
        phone=branch.policy.phone if branch else None,
        email=any_branch.policy.email if any_branch else None,
        sms_name=any_branch.policy.sms_name if any_branch else None,
        address=_address(branch, message.language),
        until=_until(message),
    )


def _address(branch: BranchView | None, language: str) -> str | None:
    """Return where the branch stands, in one line."""
    told = {} if branch is None else branch.policy.address
    text = told.get(language) or told.get("pl") or ""
    return ", ".join(each.strip() for each in text.splitlines() if each.strip()) or None


def _service_of(message: Taken, context: Context, visit: Visit | None) -> ServiceView | None:
    """Find the service that a message is about: its visit's, or the one that its facts name."""
    named, code = message.facts.get("service"), message.facts.get("branch")
    if visit is not None:
        named, code = visit.service, visit.branch
    if isinstance(named, int):
        return context.office.services.get(named)
    branch = context.office.branch_named(str(code))
    return branch.services.get(str(named)) if branch else None


def _branch_of(message: Taken, context: Context) -> BranchView | None:
    """Find the branch that the facts of a message name."""
    code = message.facts.get("branch")
    return context.office.branch_named(code) if isinstance(code, str) else None


def _until(message: Taken) -> datetime | None:
    told = message.facts.get("until")
    return datetime.fromisoformat(told) if isinstance(told, str) else message.expires_at
