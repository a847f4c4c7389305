"""Whose bearer token it is: a device, a signed-in clerk, an integrator, or anyone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from server.services.context import RuleBroken
from server.store.keyring import token_hash
from server.store.queries.access import principals
from server.store.store import Store


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose token it is: exactly one of the three is set, or none for anyone."""

    device: principals.DeviceRow | None = None
    clerk: principals.ClerkRow | None = None
    integrator: principals.IntegratorRow | None = None

    @property
    def role(self) -> str:
        """Return kiosk, board, counter, clerk, integrator or anyone."""
        if self.clerk is not None:
            return "clerk"
        if self.device is not None:
            return self.device.role
        return "integrator" if self.integrator is not None else "anyone"

    @property
    def roles(self) -> frozenset[str]:
        """Return what this caller may act as: a supervisor is a clerk too."""
        more = {"supervisor"} if self.clerk is not None and self.clerk.is_supervisor else set()
        return frozenset({self.role, *more})

    @property
    def principal(self) -> str:
        """Return who this is, for idempotency scopes and logs: a role and an id."""
        for row in (self.device, self.integrator):
            if row is not None:
                return f"{self.role}:{row.id}"
        return f"clerk:{self.clerk.clerk_id}" if self.clerk is not None else "anyone"

    @property
    def place(self) -> principals.DeviceRow:
        """Return the device that the request comes from; a bug where there is none."""
        if self.clerk is not None:
            return self.clerk.device
        if self.device is None:
            raise RuntimeError("no device behind this call")
        return self.device


def bearer_token(authorization: str) -> str:
    """Read the token of an Authorization header. Raises RuleBroken 401 `token_unknown`."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not 10 <= len(token) <= 100:
        raise RuleBroken(401, "token_unknown")
    return token


def identify(store: Store, authorization: str | None, now: datetime) -> Caller:
    """Return the caller whose bearer token it is. Raises RuleBroken 401 `token_unknown`.

    Asked at every request, so that what was revoked is refused at the next one; one statement.
    """
    if not authorization:
        return Caller()
    token = bearer_token(authorization)
    digest = token_hash(token)
    caller = Caller()
    if token.startswith("nd_"):
        caller = Caller(device=store.look(lambda place: principals.device_by_token(place, digest)))
    elif token.startswith("nc_"):
        caller = Caller(clerk=store.look(lambda place: principals.clerk_by_token(place, digest, now)))
    elif token.startswith("ni_"):
        caller = Caller(
            integrator=store.look(lambda place: principals.integrator_by_token(place, digest, now))
        )
    if caller.role == "anyone":
        raise RuleBroken(401, "token_unknown")
    return caller
