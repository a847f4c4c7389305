"""A draw of last week for the demo: people applied, and it is decided, so that anybody can compute it again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import partial

from sqlalchemy import delete
from sqlalchemy.orm import Session

from server.api.authentication import Runtime
from server.domain.booking.details import Details
from server.domain.booking.legal_stay import StayKind
from server.domain.release.modes import DrawWindow, draw_windows
from server.services.accounts.address import address_of
from server.services.booking.slots.planning import plan_service
from server.services.context import Context
from server.services.office.settings import ServiceView
from server.services.release import allocation, applications, draws
from server.services.release.applications import Applied, Wish
from server.store.queries.privacy import personal_keys
from server.store.queries.release.draws import draw_at
from server.store.tables import Account, Message

APPLICANTS = 14
"""More than the eight places of the morning that all of them want most, and that half of them want only."""

_LANGUAGES = ("pl", "en", "uk", "ru")
_BEFORE_NOON = "00:00-12:00"


def decide_a_draw(runtime: Runtime, service: ServiceView) -> str:
    """Write the last draw of a service whose window is over, from opening to end; return its public id."""
    now, policy = runtime.context(), service.policy.booking.draw
    zone = now.branch(service.branch_id).policy.zone
    (window,) = draw_windows(policy, now.now - timedelta(hours=policy.window_hours), zone)[:1]
    opened = replace(now, now=window.opens_at)
    plan_service(runtime.store, opened, service)
    draws.open_draws(runtime.store, opened)
    found = runtime.store.read(partial(draw_at, service_id=service.id, opens_at=window.opens_at))
    assert found is not None
    for number in range(APPLICANTS):
        then = replace(now, now=window.opens_at + timedelta(hours=5 * (number + 1)))
        runtime.store.write(
            partial(_apply, context=then, draw=found.public_id, wish=_wish(number, window), number=number)
        )
    closed = replace(now, now=window.closes_at)
    draws.close_draws(runtime.store, closed)
    allocation.give_all(runtime.store, closed)
    # What was told to these invented people would only fill the folder of sent mail.
    runtime.store.write(lambda session: session.execute(delete(Message)))
    return found.public_id


def _wish(number: int, window: DrawWindow) -> tuple[str, ...]:
    morning = f"{window.first_day} {_BEFORE_NOON}"
    return (morning,) if number % 2 else (morning, "any")


def _apply(session: Session, context: Context, draw: str, wish: tuple[str, ...], number: int) -> None:
    told = Details(
        name=f"Osoba {number + 1}",
        birth_date=date(1980 + number, 5, 1),
        document=f"DEMO{number:04}",
        email=f"osoba{number + 1}@example.org",
        phone=None,
        language=_LANGUAGES[number % len(_LANGUAGES)],
        activation="email",
        legal_stay=StayKind.STAMP,
    )
    account_id = _account(session, context, told)
    assert isinstance(applications.apply(session, context, draw, Wish(account_id, wish, told)), Applied)


def _account(session: Session, context: Context, told: Details) -> int:
    address = address_of(told.email or "")
    assert address is not None
    key_id, box = personal_keys.new_key(session, context.keys, context.now)
    row = Account(
        personal_key_id=key_id,
        email_hash=address.hash(context.keys),
        sealed_email=personal_keys.seal_json(box, address.text, b"email"),
        language=told.language,
        terms_version="1",
        terms_accepted_at=context.now,
        made_at=context.now,
        confirmed_at=context.now,
    )
    session.add(row)
    session.flush()
    return row.id
