"""Links in letters: signed, for one purpose and one account, spent when its version grew, over after a while."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from itsdangerous import BadSignature, URLSafeSerializer

from server.services.context import Context
from server.store.tables import Account

_LONGEST = 2_000


class Purpose(StrEnum):
    """What a link may do, and nothing else."""

    CONFIRM = "confirm"
    RESET = "reset"
    EMAIL = "email"


LASTS = {
    Purpose.CONFIRM: timedelta(hours=24),
    Purpose.RESET: timedelta(hours=1),
    Purpose.EMAIL: timedelta(hours=1),
}


@dataclass(frozen=True, slots=True)
class Link:
    """What a genuine link says; `sealed` opens with the account's personal key only."""

    account_id: int
    version: int
    sealed: bytes = b""

    def fits(self, account: Account) -> bool:
        """Say whether neither password nor address changed since the link was made."""
        return account.id == self.account_id and account.version == self.version


def ends_at(context: Context, purpose: Purpose) -> datetime:
    """Return when a link that is made now is over."""
    return context.now + LASTS[purpose]


def make(context: Context, purpose: Purpose, account: Account, sealed: bytes = b"") -> str:
    """Write a link's secret part. Its end stands in it: the office's clock counts, not the machine's."""
    end = int(ends_at(context, purpose).timestamp())
    said = [str(purpose), account.id, account.version, end, urlsafe_b64encode(sealed).decode()]
    token = _signer(context).dumps(said)
    return token if isinstance(token, str) else token.decode()


def read(context: Context, purpose: Purpose, token: str) -> Link | None:
    """Read a link's secret part; None when it is forged, over, or made for something else."""
    if len(token) > _LONGEST:
        return None
    try:
        said, account_id, version, end, sealed = _signer(context).loads(token)
    except (BadSignature, TypeError, ValueError):
        return None
    if said != purpose or context.now.timestamp() >= end:
        return None
    return Link(account_id, version, urlsafe_b64decode(sealed))


def _signer(context: Context) -> URLSafeSerializer:
    return URLSafeSerializer(
        context.keys.all_derived("account links"),
        salt=b"account links",
        signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
    )
