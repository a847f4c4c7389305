"""The sample office with a service that is booked on the web, and people who book it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from server.services.booking import activation, drafts, visits
from server.services.booking.hold import AlreadyHeld, Blocked, Held, NoPlace, hold
from server.services.booking.owners import Owner
from server.services.context import Context
from server.services.guard.evidence import Traces
from server.services.office.settings import ServiceView
from server.services.ports import Visit
from server.store.queries.privacy import personal_keys
from server.store.tables import Account, Message
from server.workers.sweeper import Sweeper
from tests.server.movable_clock import at
from tests.server.sample_office import SampleOffice

T = TypeVar("T")
TRACES = Traces("198.51.100.0/24", "Firefox", 60_000)
TEMPLATE = {"days": ["mon", "tue", "wed", "thu", "fri"], "hours": "08:00-16:00", "every_minutes": 30}
# Letters of which none looks like another.
_APART = "abdefghkpstuxz"
NOON = at("12:00") + timedelta(days=1)


@dataclass
class BookedOffice:
    """Calls the use cases of the booking as the pages do, and looks at what they left."""

    office: SampleOffice
    letter: str = "L"
    names: Any = field(default_factory=lambda: itertools.count(1))

    def rule(self, **settings: Any) -> None:
        """Have the service booked on the web by these settings, the others by their defaults."""
        of_service = {key: settings.pop(key) for key in ("verification_required",) if key in settings}
        self.office.set_policy(self.letter, booking={"slots": [TEMPLATE]} | settings, **of_service)

    @property
    def context(self) -> Context:
        """Return the circumstances now."""
        return self.office.runtime.context()

    @property
    def service(self) -> ServiceView:
        """Return the service that is booked."""
        return self.context.office.services[self.office.service_id(self.letter)]

    def write(self, use_case: Callable[..., T], *arguments: Any, **more: Any) -> T:
        """Run a use case as one transaction."""
        context = self.context
        return self.office.store.write(lambda session: use_case(session, context, *arguments, **more))

    def read(self, use_case: Callable[..., T], *arguments: Any) -> T:
        """Run a use case that changes nothing."""
        context = self.context
        return self.office.store.read(lambda session: use_case(session, context, *arguments))

    def account(self) -> Owner:
        """Make an account that is confirmed."""
        now = self.office.clock.now()

        def work(session: Session) -> int:
            row = Account(
                language="pl", terms_version="1", terms_accepted_at=now, made_at=now, confirmed_at=now
            )
            session.add(row)
            session.flush()
            return row.id

        return Owner(self.office.store.write(work))

    def person(self, **told: Any) -> dict[str, Any]:
        """Write the details of somebody whom nobody else is."""
        number = next(self.names)
        return {
            "name": f"Oksana {_APART[number // 14 % 14]}{_APART[number % 14]}{_APART[number // 196]}",
            "birth_date": "1990-05-01",
            "document": f"FA{number:06d}",
            "email": f"someone{number}@example.org",
            "language": "uk",
        } | told

    def draft(self, owner: Owner, at_hour: datetime = NOON, **told: Any) -> str:
        """Begin a draft and fill it in."""
        token = self.write(drafts.begin, owner, self.service, at_hour)
        self.write(drafts.keep, owner, token, self.person(**told))
        return token

    def hold(self, owner: Owner, token: str) -> Held | NoPlace | AlreadyHeld | Blocked:
        """Submit a draft."""
        return self.write(hold, owner, token, TRACES)

    def held(self, owner: Owner, at_hour: datetime = NOON, **told: Any) -> int:
        """Hold a place; return the reservation's id."""
        answer = self.hold(owner, self.draft(owner, at_hour, **told))
        assert isinstance(answer, Held), answer
        return answer.reservation_id

    def activated(self, owner: Owner, at_hour: datetime = NOON, **told: Any) -> int:
        """Hold a place and type the code; return the reservation's id."""
        reservation_id = self.held(owner, at_hour, **told)
        answer = self.write(activation.activate, owner, reservation_id, self.code(reservation_id))
        assert isinstance(answer, activation.Activated), answer
        return reservation_id

    def shown(self, owner: Owner, reservation_id: int, language: str = "pl") -> Visit:
        """Show a reservation to its owner."""
        return self.read(visits.show, owner, reservation_id, language)

    def messages(self, reservation_id: int, *statuses: str) -> list[Message]:
        """Return the messages about a reservation, oldest first, of some statuses or of all."""
        found = self.office.rows(Message, Message.reservation_id == reservation_id)
        return [each for each in found if not statuses or each.status in statuses]

    def values(self, message: Message) -> dict[str, Any]:
        """Open what a message's reader alone may see."""
        keys = self.office.runtime.keys
        return self.office.store.read(
            lambda session: dict(
                personal_keys.open_json(
                    personal_keys.box(session, keys, message.personal_key_id),
                    message.sealed_values,
                    b"values",
                )
            )
        )

    def code(self, reservation_id: int) -> str:
        """Return the code that was sent last."""
        sent = [each for each in self.messages(reservation_id) if each.kind == "activation_code"]
        code: str = self.values(sent[-1])["code"]
        return code

    def wrong_code(self, reservation_id: int) -> str:
        """Return a code that was not sent."""
        return f"{(int(self.code(reservation_id)) + 1) % 10**6:06d}"

    def sweep(self) -> int:
        """Let lapse what is due."""
        return Sweeper(self.office.store, self.office.runtime.context).look()


def guest(secret: str = "a browser's secret of its own") -> Owner:
    """Return an owner without an account."""
    return Owner(browser=secret)


def by_link(owner: Owner, token: str) -> Owner:
    """Return somebody with a guest's link."""
    return replace(owner, browser=None, link=token)
