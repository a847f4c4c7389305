"""What hangs on the key file, made in a sample office: each thing with a way to say whether it is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from server.domain.booking.people import Identity, identity_of
from server.domain.queue import paperless
from server.http.arrivals import Inside, Marks
from server.services.access import recovery_codes, second_factors, webhooks
from server.services.accounts import links
from server.services.audit import signing
from server.services.booking import one_per_person, verification
from server.services.booking.activation_codes import code_hashes
from server.services.booking.unsealed import codes_of, person_of
from server.services.context import Context
from server.services.guard import evidence
from server.services.guard.evidence import Traces
from server.services.queue.check_in import lookups
from server.services.release import draws, shuffles
from server.store import signature
from server.store.answers import Command, KeyReused, keep, replay
from server.store.keyring import KeyFileError, SecretKey
from server.store.queries import audit
from server.store.queries.access import devices as device_rows
from server.store.queries.booking import reservations as rows
from server.store.tables import (
    Account,
    Branch,
    Device,
    Draw,
    Enrolment,
    Integrator,
    Reservation,
    Shuffle,
    User,
    Verification,
    Webhook,
)
from tests.server.sample_office import KEYS, SampleOffice
from tests.server.services.accounts.people import ANNA, PASSWORD, People
from wire.codes import parse_scan

SECOND = bytes(range(100, 132))
BORN = "1980-02-03"
PERSON = {"name": "Ala Nowak", "birth_date": BORN, "document": "ABC 123", "email": "ala@example.org"}
TRACES = Traces("198.51.100.0/24", "Firefox", 60_000)
COMMAND = Command("kiosk", "POST /x", "key", b"body")


@dataclass(frozen=True)
class Thing:
    """Something that was made with a key, and whether it can be read with those that are held now."""

    name: str
    is_read: Callable[[], bool]


class UnderKeys:
    """A sample office whose keys are changed, and all of the inventory in it (docs/operations.md).

    Whoever made it lets it `restore` the keys, which other offices have too.
    """

    def __init__(self, office: SampleOffice) -> None:
        self.office, self.store, self.keys = office, office.store, KEYS
        self.old = self.keys.in_use
        self._people = People(office)

    @property
    def context(self) -> Context:
        """Return the circumstances of now, with these keys."""
        return self.office.runtime.context()

    def rotate(self) -> SecretKey:
        """Use another key from this instant on."""
        new = SecretKey(SECOND, self.context.now)
        self.keys.take([new, self.old], None, self.keys.check)
        assert self.keys.advance(self.context.now)
        return new

    def forget(self) -> None:
        """Hold the newest key alone, as after a retirement."""
        self.keys.take([self.keys.in_use], self.keys.blind)

    def restore(self) -> None:
        """Hold the first key alone, as every sample office does."""
        self.keys.take([self.old])
        self.keys.lacking_from = None

    def write(self, work: Callable[..., Any], *words: Any) -> Any:
        """Run a use case as a transaction."""
        context = self.context
        return self.store.write(lambda session: work(session, context, *words))

    def read(self, work: Callable[..., Any], *words: Any) -> Any:
        """Run a look."""
        context = self.context
        return self.store.read(lambda session: work(session, context, *words))

    # --- what is made anew --------------------------------------------------------------------------

    def remade(self) -> list[Thing]:
        """Make what a reseal makes anew."""
        booked = self.office.book("P", "12:00", **PERSON)
        self.write(evidence.keep, booked["id"], None, TRACES)
        self._people.made()
        user_id = self.office.rows(User)[0].id
        self.write(self._second_factor, user_id)
        self.write(lambda session, context: signing.change_key(session, context))
        return [
            Thing("code", lambda: self._found(booked["code"])),
            Thing("token", lambda: self._found(booked["qr"])),
            Thing("sealed codes", lambda: self._codes(booked["id"])),
            Thing(
                "person",
                lambda: self._clash(
                    Identity(identity_of("Ala Nowak", date.fromisoformat(BORN), None).person)
                ),
            ),
            Thing("document", lambda: self._clash(Identity(None, identity_of("", None, "abc-123").document))),
            Thing("sealed person", lambda: self._person(booked["id"])),
            Thing("account", lambda: self._people.log_in(ANNA, PASSWORD).__class__.__name__ == "LoggedIn"),
            Thing("second factor", lambda: self._totp(user_id)),
            Thing("key of checkpoints", self._audit_key),
            Thing("evidence", lambda: self.read(evidence.of, booked["id"])["agent"] == "Firefox"),
            *self._secrets(),
        ]

    def _found(self, shown: str) -> bool:
        code = parse_scan(shown)
        scanned = shown.startswith("NQ1:")
        look = lambda session, context: rows.by_code(session, lookups(context, code), scanned=scanned)  # noqa: E731
        return self.read(look) is not None

    def _row(self, session: Any, reservation_id: int) -> Reservation:
        found: Reservation = session.get_one(Reservation, reservation_id)
        return found

    def _codes(self, reservation_id: int) -> bool:
        return bool(
            self.read(lambda session, context: codes_of(session, context, self._row(session, reservation_id)))
        )

    def _person(self, reservation_id: int) -> bool:
        look = lambda session, context: person_of(session, context, self._row(session, reservation_id))  # noqa: E731
        return bool(self.read(look)["name"] == "Ala Nowak")

    def _clash(self, identity: Identity) -> bool:
        service_id = self.office.service_id("P")
        policy = self.context.office.services[service_id].policy.booking
        marks = one_per_person.marks_of(self.keys, policy, identity, None, None)
        return bool(
            self.read(lambda session, _: one_per_person.clash(session, service_id, marks)) == "already_booked"
        )

    def _second_factor(self, session: Any, context: Context, user_id: int) -> None:
        row = session.get_one(User, user_id)
        row.sealed_totp = context.keys.seal(b"SECRET", second_factors.bound_to(user_id))
        row.totp_confirmed_at = context.now

    def _totp(self, user_id: int) -> bool:
        (row,) = self.office.rows(User, User.id == user_id)
        return self.keys.open(row.sealed_totp, second_factors.bound_to(user_id)) == b"SECRET"

    def _audit_key(self) -> bool:
        key = self.store.read(audit.keys)[-1]
        return (
            signature.public_of(self.keys.open(key.sealed_seed, signing.bound_to(key.public_key)))
            == key.public_key
        )

    def _secrets(self) -> list[Thing]:
        """Put a draw, a shuffled room and a webhook there, of which only the secret matters here."""
        now, service_id, keys = self.context.now, self.office.service_id("P"), self.keys
        integrator_id, branch_id = (self.office.rows(each)[0].id for each in (Integrator, Branch))
        many = {"service_id": service_id, "secret_hash": b"h", "public_id": "public"}

        def add(session: Any) -> None:
            day = now.date()
            session.add(
                Draw(
                    **many,
                    opens_at=now,
                    closes_at=now + timedelta(hours=1),
                    first_day=day,
                    last_day=day,
                    sealed_secret=keys.seal(b"draw", draws.bound_to("public")),
                )
            )
            sealed = keys.seal(b"room", shuffles.bound_to("public"))
            session.add(Shuffle(**many, opens_at=now, committed_at=now, sealed_secret=sealed))
            row = Webhook(
                integrator_id=integrator_id, branch_id=branch_id, url="https://a.example",
                types=[], sealed_secret=b"", made_at=now, after=0, due_at=now, attempts=0, gave_up=False,
            )  # fmt: skip
            session.add(row)
            session.flush()
            row.sealed_secret = keys.seal(b"hook", webhooks.bound_to(row.id))

        self.store.write(add)
        return [
            Thing("draw", lambda: draws.secret_of(self.context, self.office.one(Draw)) == b"draw"),
            Thing("shuffled room", lambda: self._opens(Shuffle, shuffles.bound_to("public"), b"room")),
            Thing("webhook", lambda: webhooks.secret_of(self.context, self.office.one(Webhook)) == "hook"),
        ]

    def _opens(self, table: Any, bound_to: bytes, secret: bytes) -> bool:
        return self.keys.open(self.office.one(table).sealed_secret, bound_to) == secret

    # --- what needs its key until it is over ----------------------------------------------------------

    def held(self) -> list[Thing]:
        """Make what nobody can make anew."""
        user_id = self.office.rows(User)[0].id
        codes = self._recovery_codes(user_id)
        booked = self.office.book("P", "13:00")["id"]
        ticket = self.office.walk_in("N")["id"]
        device_id = self.office.rows(Device, Device.role == "kiosk")[0].id
        self.write(lambda session, context: keep(session, context.keys, COMMAND, (201, b"told"), context.now))
        self.write(self._waiting_codes, booked, device_id)
        track, visit = self.keys.track_token(ticket), self.keys.visit_token(booked)
        path, link, mark = self._path(booked), self._link(), self._marks.write(Inside("name", 2_000_000_000))
        screen = paperless.Code(device_id, 1).token(self.keys.derived("paperless codes"))
        public = signature.public_key(self.keys)
        return [
            Thing("recovery code", lambda: bool(self.write(recovery_codes.use, user_id, codes.pop()))),
            Thing("answer of a command", self._replayed),
            Thing("code of a device", lambda: self._enrolment()),
            Thing("activation code", lambda: self._activation(booked)),
            Thing("link to questions", lambda: self._path(booked) == path),
            Thing("address of a ticket", lambda: self.keys.tracked_ticket(track) == ticket),
            Thing("address of a visit", lambda: self.keys.visit_of(visit) == booked),
            Thing(
                "link in a letter", lambda: links.read(self.context, links.Purpose.RESET, link) is not None
            ),
            Thing("cookie of the line", lambda: self._marks.read(mark) is not None),
            Thing("code of a screen", lambda: self._screen(screen)),
            Thing("signature of evidence", lambda: public in signature.public_keys(self.keys)),
        ]

    @property
    def _marks(self) -> Marks:
        return Marks(lambda: self.keys.all_derived("line in front"))

    def _recovery_codes(self, user_id: int) -> list[str]:
        self.write(self._second_factor, user_id)
        return list(self.write(recovery_codes.make, user_id))

    def _waiting_codes(self, session: Any, context: Context, booked: int, device_id: int) -> None:
        row = self._row(session, booked)
        row.status, row.activation_hash = "held", code_hashes(context, booked, "123456")[0]
        hashed = context.keys.lookup("enrolment", "ABCDABCDABCD")
        session.add(
            Enrolment(device_id=device_id, code_hash=hashed, expires_at=context.now + timedelta(minutes=10))
        )
        token = verification.path_of(context, booked).rpartition("/")[2]
        session.add(
            Verification(
                reservation_id=booked,
                token_hash=verification._hash(token),
                asked_at=context.now,
                answer_until=context.now + timedelta(days=1),
            )
        )

    def _path(self, booked: int) -> str:
        kept = self.office.one(Verification).token_hash
        return verification.path_of(self.context, booked, kept)

    def _link(self) -> str:
        account = Account(id=1, version=1)
        return links.make(self.context, links.Purpose.RESET, account)

    def _replayed(self) -> bool:
        return bool(
            self.write(lambda session, context: replay(session, context.keys, COMMAND)) == (201, b"told")
        )

    def _enrolment(self) -> bool:
        hashes = self.keys.lookups("enrolment", "ABCDABCDABCD")
        return (
            self.store.read(lambda session: device_rows.enrolment(session, hashes, self.context.now))
            is not None
        )

    def _activation(self, booked: int) -> bool:
        row = self.office.reservation(booked)
        return self.keys.same_any(row.activation_hash, code_hashes(self.context, booked, "123456"))

    def _screen(self, token: str) -> bool:
        return paperless.read(self.keys.all_derived("paperless codes"), token) is not None


def unread(things: list[Thing]) -> set[str]:
    """Name what cannot be read: nothing is found, or what is sealed does not open."""

    def is_read(thing: Thing) -> bool:
        try:
            return thing.is_read()
        except (KeyFileError, KeyReused):
            return False

    return {thing.name for thing in things if not is_read(thing)}
