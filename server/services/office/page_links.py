"""Sends the address of an information page to somebody, at a visitor's wish: once a day a page and address.

Nobody gets the same page over and over, and no word of the visitor goes along.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from server.services.accounts.address import Address
from server.services.context import Context
from server.services.messages import NewMessage, post
from wire.vocabulary import Channel, MessageKind

_USEFUL = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PageLink:
    """A page of ours: its address, its title and the language of both."""

    url: str
    title: str
    language: str


def send_page_link(session: Session, context: Context, to: Address, link: PageLink) -> bool:
    """Send a page's address to somebody the visitor names; False when they got it today already."""
    midnight = context.now.replace(hour=0, minute=0, second=0, microsecond=0)
    same = context.keys.lookup_at("page link", f"{to.folded} {link.url} {context.now.date()}", midnight).hex()
    message = NewMessage(
        kind=MessageKind.PAGE_LINK,
        channel=Channel.EMAIL,
        language=link.language,
        to=to.text,
        key=f"page_link {same}",
        values={"url": link.url, "title": link.title},
        expires_at=context.now + _USEFUL,
    )
    return post(session, context, message)
