"""What every use case is given: the instant, the set-up, the forecasts and the keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from server.domain.queue.check_in import CheckInPolicy
from server.services.office.settings import BranchView, Office
from server.services.queue.forecasts import Forecasts
from server.store.keyring import Keyring


@dataclass(frozen=True, slots=True)
class Context:
    """The circumstances of a use case; `now` is aware and in UTC."""

    now: datetime
    office: Office
    forecasts: Forecasts
    keys: Keyring
    public_url: str

    def branch(self, branch_id: int) -> BranchView:
        """Return the branch that a row points at."""
        return self.office.branches[branch_id]

    def check_in(self, service_id: int) -> CheckInPolicy:
        """Return the rules of checking in for a service, as of now."""
        service = self.office.services[service_id]
        return service.policy.check_in(self.branch(service.branch_id).policy, self.now)


class RuleBroken(Exception):
    """A program asked for what the rules forbid: told with a status, a reason code and facts; nothing changed."""

    def __init__(self, status: int, reason: str, **facts: object) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.facts = facts


def not_found(what: str) -> RuleBroken:
    """Say that a thing does not exist for the caller: another branch's looks the same as none."""
    return RuleBroken(404, "not_found", what=what)
