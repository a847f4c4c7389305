"""What is kept about people and what for: the one list behind the page of privacy and the copy of one's data.

The words of each purpose are the pages' (portal.information.purposes). A column or a field that is not here is
not personal; a test holds that somebody decided so.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Purpose(StrEnum):
    """A kind of personal data; each has its reason and its end on the page of privacy."""

    EMAIL = "email"
    PASSWORD = "password"  # noqa: S105 - a word, no password
    LANGUAGE = "language"
    NAME = "name"
    BIRTH_DATE = "birth_date"
    DOCUMENT = "document"
    PHONE = "phone"
    CHILDREN = "children"
    LEGAL_STAY = "legal_stay_until"
    ANSWERS = "answers"
    VISITS = "visits"
    APPLICATIONS = "applications"
    MESSAGES = "messages"
    SESSIONS = "sessions"
    FEEDBACK = "feedback"
    TRACES = "traces"


_TOLD = (
    *(Purpose.NAME, Purpose.BIRTH_DATE, Purpose.DOCUMENT, Purpose.EMAIL, Purpose.PHONE, Purpose.LANGUAGE),
    *(Purpose.CHILDREN, Purpose.LEGAL_STAY),
)

COLUMNS: Mapping[str, tuple[Purpose, ...]] = MappingProxyType(
    {
        "account.email_hash": (Purpose.EMAIL,),
        "account.sealed_email": (Purpose.EMAIL,),
        "account.password_hash": (Purpose.PASSWORD,),
        "account.language": (Purpose.LANGUAGE,),
        "account_session.sealed_agent": (Purpose.SESSIONS,),
        "attempt.key_hash": (Purpose.TRACES,),
        "draft.sealed_details": _TOLD,
        "draft.sealed_traces": (Purpose.TRACES,),
        "draft.browser_hash": (Purpose.SESSIONS,),
        "reservation.sealed_person": _TOLD,
        "reservation.sealed_codes": (Purpose.VISITS,),
        "reservation.code_hash": (Purpose.VISITS,),
        "reservation.token_hash": (Purpose.VISITS,),
        "reservation.activation_hash": (Purpose.VISITS,),
        "reservation.person_hash": (Purpose.NAME, Purpose.BIRTH_DATE),
        "reservation.document_hash": (Purpose.DOCUMENT,),
        "reservation.email_hash": (Purpose.EMAIL,),
        "reservation.phone_hash": (Purpose.PHONE,),
        "reservation.language": (Purpose.LANGUAGE,),
        "verification.sealed_answers": (Purpose.ANSWERS,),
        "feedback.sealed_words": (Purpose.FEEDBACK,),
        "evidence.block_hash": (Purpose.TRACES,),
        "evidence.agent_hash": (Purpose.TRACES,),
        "evidence.sealed_details": (Purpose.TRACES,),
        "application.sealed_details": _TOLD,
        "application.person_hash": (Purpose.NAME, Purpose.BIRTH_DATE),
        "application.document_hash": (Purpose.DOCUMENT,),
        "application.preferences": (Purpose.APPLICATIONS,),
        "application.language": (Purpose.LANGUAGE,),
        "message.sealed_to": (Purpose.EMAIL, Purpose.PHONE),
        "message.sealed_values": (Purpose.MESSAGES,),
        "message.language": (Purpose.LANGUAGE,),
        "place_wish.language": (Purpose.LANGUAGE,),
    }
)

FIELDS: Mapping[str, Purpose] = MappingProxyType(
    {
        "email": Purpose.EMAIL,
        "email_asked": Purpose.EMAIL,
        "password": Purpose.PASSWORD,
        "old": Purpose.PASSWORD,
        "new": Purpose.PASSWORD,
        "language": Purpose.LANGUAGE,
        "name": Purpose.NAME,
        "given_names": Purpose.NAME,
        "surname": Purpose.NAME,
        "birth_date": Purpose.BIRTH_DATE,
        "document": Purpose.DOCUMENT,
        "phone": Purpose.PHONE,
        "birth_year": Purpose.CHILDREN,
        "legal_stay_until": Purpose.LEGAL_STAY,
        "legal_stay": Purpose.LEGAL_STAY,
    }
)
"""By the name of a form's field."""

NOT_PERSONAL = frozenset({"csrf_token", "puzzle", "terms", "activation", "code", "hour", "stay_known"})
"""Fields that tell nothing about a person, or that are not kept."""
