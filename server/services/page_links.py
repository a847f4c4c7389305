"""Sends the address of an information page to somebody, at a visitor's wish: once a day a page and address."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from server.services.moment import Moment, RuleBroken


@dataclass(frozen=True, slots=True)
class InvalidAddress:
    """What was typed is no e-mail address."""


@dataclass(frozen=True, slots=True)
class OnItsWay:
    """The message lies in the outbox, now or since earlier today."""


def send_page_link(
    session: Session, moment: Moment, typed: str, url: str, language: str
) -> OnItsWay | InvalidAddress:
    """Put a message with the address of a page into the outbox."""
    raise RuleBroken(503, "no_outbox", retry_after=60)
