"""People of the staff for tests: added with a role and signed in without the cost of a password."""

from __future__ import annotations

from itertools import count

from flask.sessions import SecureCookieSessionInterface

from server.domain.access.roles import Held
from server.services.access import staff_sessions, users
from tests.server.portal.browser import Browser
from tests.server.sample_office import PASSWORD, SampleOffice, password_hash
from wire.vocabulary import Role

COOKIE = "__Secure-numerek-staff"
_EVERYWHERE = "everywhere"
_numbers = count(1)


class Colleague(Browser):
    """Somebody of the staff in a browser without scripts."""

    user_id: int
    login: str


class People:
    """Adds people of the staff to the sample office."""

    def __init__(self, office: SampleOffice) -> None:
        self.office = office

    def add(self, *roles: Role, branch: str | None = "wroclaw", login: str | None = None) -> int:
        """Add a person with these roles at a branch (None: at all), whose password is PASSWORD."""
        context = self.office.runtime.context()
        found = context.office.branch_named(branch) if branch else None
        held = {Held(role, found.id if found else None) for role in roles}
        name = login or f"{roles[0]}{next(_numbers)}"
        return self.office.store.write(
            lambda session: users.add(session, context, name, f"Anna {roles[0]}", held, password_hash())
        )

    def signed_in(self, *roles: Role, branch: str | None = "wroclaw") -> Colleague:
        """Add a person and sign them in, with a second factor where the role wants one."""
        return self.sign_in(self.add(*roles, branch=branch))

    def sign_in(self, user_id: int) -> Colleague:
        """Sign a person in, as if they had shown a second factor."""
        context = self.office.runtime.context()
        limits = staff_sessions.StaffLimits()
        self.office.store.write(lambda session: _have_second_factor(session, context, user_id))
        token = self.office.store.write(
            lambda session: staff_sessions.begin_session(session, context, user_id, "totp", {}, limits)
        )
        colleague = Colleague(self.office.app)
        colleague.user_id = user_id
        staff = self.office.app.extensions["staff"]()
        signer = SecureCookieSessionInterface().get_signing_serializer(staff)
        assert signer is not None
        colleague.take_cookie(
            COOKIE, str(signer.dumps({"session": token, "sure": int(context.now.timestamp())})), "/staff"
        )
        return colleague

    def nobody(self) -> Colleague:
        """Give a browser in which nobody is signed in."""
        return Colleague(self.office.app)

    @property
    def password(self) -> str:
        """Return everybody's password."""
        return PASSWORD


def _have_second_factor(session: object, context: object, user_id: int) -> None:
    from server.store.tables import User

    session.get(User, user_id).totp_confirmed_at = context.now  # type: ignore[attr-defined]
