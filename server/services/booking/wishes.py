"""A notice by e-mail when places come: asked for once a person, sent once, then forgotten (⚙ booking.wishes)."""

from __future__ import annotations

from functools import partial

from sqlalchemy.orm import Session

from server.services import messages
from server.services.accounts.letters import email_of
from server.services.booking.slots.availability import free_total
from server.services.context import Context, RuleBroken
from server.services.messages import NewMessage
from server.services.office.settings import ServiceView
from server.services.ports import Outside
from server.store.queries import accounts
from server.store.queries.booking import wishes as rows
from server.store.queries.booking.wishes import Wish
from server.store.store import Store
from wire.vocabulary import Channel, MessageKind, ReleaseMode

_AT_ONCE = 100


def is_offered(service: ServiceView) -> bool:
    """Say whether one can wish to hear of a service's places: draws tell of themselves."""
    booking = service.policy.booking
    return booking.is_online and booking.wishes and booking.release != ReleaseMode.DRAW


def wished(session: Session, account_id: int) -> int | None:
    """Return the service whose places an account wants to hear of."""
    wish = rows.of_account(session, account_id)
    return None if wish is None else wish.service_id


def ask(session: Session, context: Context, account_id: int, service: ServiceView, language: str) -> None:
    """Keep the wish of an account, in the place of the one there was. Raises RuleBroken 409 `not_offered`."""
    if not is_offered(service) or accounts.locked(session, account_id) is None:
        raise RuleBroken(409, "not_offered")
    rows.put(session, account_id, service.id, language, context.now)


def stop(session: Session, account_id: int) -> bool:
    """Forget the wish of an account; say whether there was one."""
    return rows.drop(session, account_id)


def tell_wishes(store: Store, context: Context, _outside: Outside | None = None) -> int:
    """Write to those who wait for a service that has places now, once: a job; return how many.

    All of them are told: whoever comes first books, as the letter says.
    """
    told = 0
    for service_id in store.read(rows.services_wished):
        service = context.office.services.get(service_id)
        if service is None or not is_offered(service):
            continue
        if store.read(partial(free_total, context=context, service=service)) == 0:
            continue
        while some := store.read(partial(rows.some_of, service_id=service_id, most=_AT_ONCE)):
            told += store.write(partial(_tell, context=context, service=service, wishes=some))
    return told


def _tell(session: Session, context: Context, service: ServiceView, wishes: list[Wish]) -> int:
    still = rows.take(session, [wish.id for wish in wishes])
    return sum(_post(session, context, service, wish) for wish in wishes if wish.id in still)


def _post(session: Session, context: Context, service: ServiceView, wish: Wish) -> bool:
    account = accounts.locked(session, wish.account_id)
    email = None if account is None else email_of(session, context, account)
    if account is None or email is None:
        return False
    branch = context.branch(service.branch_id)
    url = f"{context.public_url}/{wish.language}/book/{branch.code}/{service.letter}"
    return messages.post(
        session,
        context,
        NewMessage(
            kind=MessageKind.PLACES,
            channel=Channel.EMAIL,
            language=wish.language,
            to=email,
            # A row's id can come again; the instant does not.
            key=f"account:{wish.account_id}:{MessageKind.PLACES}:{wish.wished_at.timestamp():.6f}",
            account_id=wish.account_id,
            values={"url": url},
            facts={"branch": branch.code, "service": service.letter},
        ),
    )
