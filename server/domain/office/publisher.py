"""Who publishes the booking pages and what the law has them state: accessibility, data protection, own texts.

What is left out is not hidden: the pages say that the office has not stated it yet, and `not_stated` lists it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter
from typing import Annotated, Any

from server.domain.office.reading import (
    Day,
    SettingError,
    Texts,
    day,
    one_of,
    optional,
    read_policy,
    several,
    table,
    text,
    texts,
)

TERMS = "terms"
CLAUSE = "clause"

# What the law wants to be stated; the names are those of the office's file.
_NEEDED = (
    *("name", "address", "email", "phone"),
    *("accessibility.status", "accessibility.published", "accessibility.changed"),
    *("accessibility.stated", "accessibility.reviewed"),
    *("accessibility.contact.name", "accessibility.contact.email", "accessibility.contact.phone"),
    *("accessibility.building", "accessibility.communication"),
    *("privacy.officer.email", "privacy.legal_basis", "privacy.recipients", "privacy.transfers"),
)


def mail(value: Any) -> str:
    """Read an e-mail address."""
    if re.fullmatch(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+", text(value)) is None:
        raise ValueError("an e-mail address is expected")
    return str(value)


def web_page(value: Any) -> str:
    """Read the address of a web page."""
    if re.fullmatch(r"https?://[^\s<>\"]+", text(value)) is None:
        raise ValueError("an address such as https://example.org/report is expected")
    return str(value)


def version(value: Any) -> str:
    """Read the version of a text, as `portal.terms_version` can name it."""
    if re.fullmatch(r"[0-9A-Za-z.-]{1,20}", text(value)) is None:
        raise ValueError("a version such as 2026-12 is expected")
    return str(value)


Mail = Annotated[str | None, optional(mail)]
Phone = Annotated[str | None, optional(text)]
TextList = Annotated[tuple[Mapping[str, str], ...], several(texts)]


@dataclass(frozen=True, slots=True)
class Contact:
    """A person or a unit of the office, and how they are reached."""

    name: Texts = field(default_factory=dict)
    email: Mail = None
    phone: Phone = None


@dataclass(frozen=True, slots=True)
class AccessibilityPolicy:
    """What the accessibility statement says (act of 4 April 2019, art. 10; technical conditions 2.0)."""

    status: Annotated[str | None, optional(one_of("full", "partial", "none"))] = None
    not_accessible: TextList = ()
    not_covered: TextList = ()
    too_costly: TextList = ()
    published: Day = None
    changed: Day = None
    stated: Day = None
    reviewed: Day = None
    auditor: Texts = field(default_factory=dict)
    report_url: Annotated[str | None, optional(web_page)] = None
    contact: Annotated[Contact, table(Contact)] = field(default_factory=Contact)
    building: Texts = field(default_factory=dict)
    communication: Texts = field(default_factory=dict)
    apps: Texts = field(default_factory=dict)

    @property
    def has_gaps(self) -> bool:
        """Tell whether anything is named that is not accessible."""
        return bool(self.not_accessible or self.not_covered or self.too_costly)

    def review_due(self, today: date) -> date | None:
        """Return the 31 March by which the next review is due, once that year has begun; None before."""
        if self.reviewed is None or self.reviewed.year >= today.year:
            return None
        return date(self.reviewed.year + 1, 3, 31)


@dataclass(frozen=True, slots=True)
class PrivacyPolicy:
    """What people are told when their data is collected, beside what the programs know (GDPR, art. 13 and 14)."""

    officer: Annotated[Contact, table(Contact)] = field(default_factory=Contact)
    legal_basis: Texts = field(default_factory=dict)
    recipients: TextList = ()
    transfers: Texts = field(default_factory=dict)
    retention: Texts = field(default_factory=dict)
    authority: Texts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PublisherPolicy:
    """The office as the publisher of the pages and the controller of the data."""

    name: Texts = field(default_factory=dict)
    address: Texts = field(default_factory=dict)
    email: Mail = None
    phone: Phone = None
    accessibility: Annotated[AccessibilityPolicy, table(AccessibilityPolicy)] = field(
        default_factory=AccessibilityPolicy
    )
    privacy: Annotated[PrivacyPolicy, table(PrivacyPolicy)] = field(default_factory=PrivacyPolicy)


@dataclass(frozen=True, slots=True)
class Publication:
    """A version of a text of the office's own: the terms of booking, or an information clause."""

    kind: Annotated[str, one_of(TERMS, CLAUSE)]
    version: Annotated[str, version]
    since: Annotated[date, day]
    text: Texts


def publisher_policy(settings: Mapping[str, Any]) -> PublisherPolicy:
    """Read what the office states; raise SettingError naming the first key that is unknown or wrong."""
    policy = read_policy(PublisherPolicy, settings)
    stated = policy.accessibility
    if stated.status == "full" and stated.has_gaps:
        raise SettingError("accessibility.status", '"full" does not go with contents that are not accessible')
    for earlier, later in (("published", "changed"), ("stated", "reviewed")):
        first, second = getattr(stated, earlier), getattr(stated, later)
        if first and second and second < first:
            raise SettingError(f"accessibility.{later}", f"is before accessibility.{earlier}")
    return policy


def publication(settings: Mapping[str, Any]) -> Publication:
    """Read a text of the office's own; raise SettingError naming the first key that is unknown or wrong."""
    found = read_policy(Publication, settings)
    if not found.text:
        raise SettingError("text", "a text in at least one language is expected")
    return found


def not_stated(policy: PublisherPolicy) -> tuple[str, ...]:
    """List what the law wants to be stated and is not, by the names of the office's file."""
    missing = [name for name in _NEEDED if not attrgetter(name)(policy)]
    if policy.accessibility.status in ("partial", "none") and not policy.accessibility.has_gaps:
        missing.append("accessibility.not_accessible")
    return tuple(f"publisher.{name}" for name in missing)
