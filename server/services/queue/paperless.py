"""A walk-in ticket without paper: a phone opens the code of a screen in the hall and chooses a service."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Session

from server.domain.queue import paperless as rules
from server.domain.queue.paperless import Age, Code
from server.services.context import Context, RuleBroken, not_found
from server.services.queue import walk_in
from server.services.queue.check_in import Admitted, Refused
from server.services.queue.views import ticket as shown
from server.store.queries import office as office_rows
from server.store.queries import tickets
from server.store.queries.access.principals import DeviceRow, device_by_id

_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Choosing:
    """A phone that may choose a service: who it is (a random word), the code it opened, and when."""

    who: str
    token: str
    since: datetime

    def word(self, context: Context) -> str:
        """Write it, signed, as the phone keeps it."""
        word = _signer(context).dumps([self.who, self.token, int(self.since.timestamp())])
        return word if isinstance(word, str) else word.decode()


def addresses(context: Context, device: DeviceRow) -> list[tuple[str, datetime]]:
    """List what a screen shows in this minute and in the next, each with the instant from which it is shown.

    Empty where the branch gives no tickets without paper.
    """
    if not context.branch(device.branch_id).policy.paperless_tickets:
        return []
    codes = rules.codes(device.id, context.now)
    return [(f"{context.public_url}/w/{code.token(_keys(context)[-1])}", code.shown_from) for code in codes]


def opened(session: Session, context: Context, token: str, kept: str) -> tuple[Choosing, DeviceRow] | Age:
    """Let a phone choose that opens a fresh code, or opened this one before; else tell why not.

    `kept` is what the phone kept from before, or nothing. Raises RuleBroken 404 where the branch gives no tickets
    without paper.
    """
    found = _shown_by(session, context, token)
    if found is None:
        return Age.NOT_OURS
    code, device = found
    before = _read(context, kept)
    if before is not None and before.token == token and _may_choose(context, before):
        return before, device
    age = code.age(context.now)
    if age is not Age.FRESH:
        return age
    who = secrets.token_urlsafe(12) if before is None else before.who
    since = context.now.replace(microsecond=0)
    return Choosing(who, token, since), device


def issue_ticket(
    session: Session, context: Context, token: str, kept: str, service: str, language: str
) -> Admitted | Refused | Age:
    """Give the ticket as the kiosk does, once for each phone and service while it lives or for one opened code.

    Raises RuleBroken 404 where the branch gives no tickets without paper, and 429 `busy` where it gave too many
    in this minute.
    """
    found, choosing = _shown_by(session, context, token), _read(context, kept)
    if found is None or choosing is None or choosing.token != token:
        return Age.NOT_OURS
    if not _may_choose(context, choosing):
        return Age.TOO_OLD
    _, device = found
    branch = context.branch(device.branch_id)
    phones = context.keys.lookups("paperless", choosing.who)
    chosen = branch.services.get(service)
    if chosen is not None:
        # Looking for the phone's ticket and issuing one must be one step: a tap comes twice.
        office_rows.hold_service(session, chosen.id)
        day = branch.policy.business_day(context.now)
        row = tickets.paperless(session, chosen.id, branch.id, day, phones, choosing.since)
        if row is not None:
            return Admitted(shown.view(session, context, row), repeat=True)
        lately = context.now - timedelta(minutes=1)
        if tickets.count_paperless(session, branch.id, day, lately) >= rules.MOST_A_MINUTE:
            raise RuleBroken(429, "busy", retry_after=60)
    spoken = language if language in branch.policy.languages else None
    asking = walk_in.Asking(service, spoken, paperless_by=phones[0])
    return walk_in.issue_ticket(session, context, device, asking)


def _shown_by(session: Session, context: Context, token: str) -> tuple[Code, DeviceRow] | None:
    code = rules.read(_keys(context), token)
    device = None if code is None else device_by_id(session, code.device_id)
    if code is None or device is None:
        return None
    if not context.branch(device.branch_id).policy.paperless_tickets:
        raise not_found("code")
    return code, device


def _may_choose(context: Context, choosing: Choosing) -> bool:
    return context.now - choosing.since < rules.CHOOSING


def _read(context: Context, kept: str) -> Choosing | None:
    """Read what a phone kept; None when it is forged or a day old."""
    if not kept or len(kept) > _LONGEST:
        return None
    try:
        who, token, since = _signer(context).loads(kept)
    except (BadSignature, TypeError, ValueError):
        return None
    choosing = Choosing(who, token, datetime.fromtimestamp(since, context.now.tzinfo))
    return choosing if context.now - choosing.since < rules.ONE_PHONE else None


def _keys(context: Context) -> list[bytes]:
    return context.keys.all_derived("paperless codes")


def _signer(context: Context) -> URLSafeSerializer:
    return URLSafeSerializer(
        context.keys.all_derived("paperless phones"),
        salt=b"paperless phones",
        signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
    )
