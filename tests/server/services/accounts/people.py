"""People with accounts in the sample office: what they type, the letters they get, the links in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from server.services.accounts import registration
from server.services.accounts.entry import Entry, LoggedIn, NotConfirmed, Wrong, log_in
from server.services.accounts.sessions import AccountRow, SessionLimits, session_of
from server.services.accounts.tries import SlowDown
from server.services.context import Context
from server.store.queries.privacy import personal_keys
from server.store.tables import Message
from tests.server.sample_office import SampleOffice

PASSWORD = "seven green parasols"
ANNA = "anna.nowak@example.com"
LASTING = SessionLimits()
HOME = "203.0.113.0/24"


@dataclass(frozen=True)
class Letter:
    """A letter of the outbox, opened."""

    kind: str
    to: str
    language: str
    values: dict[str, str]
    facts: dict[str, str]

    @property
    def token(self) -> str:
        """Return the secret part of the link in it."""
        return self.values["url"].rpartition("/")[2]


class People:
    """What happens to accounts in a sample office."""

    def __init__(self, office: SampleOffice) -> None:
        self.office = office
        self.store = office.store

    @property
    def context(self) -> Context:
        """Return the circumstances of now."""
        return self.office.runtime.context()

    def do(self, work: Any, *words: Any) -> Any:
        """Run a use case as a transaction."""
        context = self.context
        return self.store.write(lambda session: work(session, context, *words))

    def register(self, email: str = ANNA, password: str = PASSWORD, language: str = "pl") -> Any:
        """Type an address and a password."""
        new = registration.Registration(email, password, language, "2026-12")
        return registration.register(self.store, self.context, new)

    def confirm(self, token: str | None = None) -> Any:
        """Press the button behind the link of the last letter, or of another."""
        return self.do(registration.confirm, token or self.letters("confirm_email")[-1].token)

    def made(self, email: str = ANNA, password: str = PASSWORD) -> None:
        """Have an account with a confirmed address."""
        self.register(email, password)
        assert self.confirm() == "confirmed"

    def log_in(
        self, email: str = ANNA, password: str = PASSWORD, block: str = HOME, **more: Any
    ) -> LoggedIn | Wrong | NotConfirmed | SlowDown:
        """Type both in a browser at home, or elsewhere."""
        return log_in(self.store, self.context, Entry(email, password, block, **more), LASTING)

    def inside(self, email: str = ANNA, password: str = PASSWORD, **more: Any) -> str:
        """Log in with success; return the session's token."""
        done = self.log_in(email, password, **more)
        assert isinstance(done, LoggedIn)
        return done.token

    def who(self, token: str) -> AccountRow | None:
        """Ask whose session it is."""
        return session_of(self.store, self.context, token, LASTING)

    def me(self, token: str) -> AccountRow:
        """Return whose session it is."""
        row = self.who(token)
        assert row is not None
        return row

    def letters(self, kind: str | None = None) -> list[Letter]:
        """Open the letters that were written, oldest first."""
        keys = self.office.runtime.keys

        def work(session: Any) -> list[Letter]:
            found = []
            for row in session.execute(select(Message).order_by(Message.id)).scalars():
                box = personal_keys.box(session, keys, row.personal_key_id)
                to = personal_keys.open_json(box, row.sealed_to, b"to")
                values = personal_keys.open_json(box, row.sealed_values, b"values") or {}
                found.append(Letter(row.kind, to, row.language, values, row.facts))
            return found

        return [each for each in self.store.read(work) if kind in (None, each.kind)]
