"""What a clerk speaks and may serve, as boxes on the page of a person."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from babel import Locale
from babel.core import UnknownLocaleError
from flask_babel import get_locale
from werkzeug.datastructures import MultiDict

from server.services.office.settings import BranchView, Skills
from server.staff import languages
from server.texts import LANGUAGES

_CODE = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True, slots=True)
class Box:
    """A box: its value, its text, and whether it is ticked."""

    value: str
    text: str
    is_ticked: bool


@dataclass(frozen=True, slots=True)
class SkillsShown:
    """The boxes of languages, and those of services by the names of their branches."""

    languages: tuple[Box, ...]
    services: tuple[tuple[str, tuple[Box, ...]], ...]


def shown(skills: Skills, branches: Iterable[BranchView]) -> SkillsShown:
    """Write the skills of a person as boxes, with the languages and services of these branches."""
    places = list(branches)
    codes = [
        *LANGUAGES,
        *(code for each in places for code in each.policy.languages),
        *sorted(skills.languages),
    ]
    return SkillsShown(
        tuple(Box(code, _spoken(code), code in skills.languages) for code in dict.fromkeys(codes)),
        tuple((place.name, _services(skills, place)) for place in places if place.services),
    )


def languages_in(form: MultiDict[str, str]) -> frozenset[str]:
    """Read the languages that were ticked."""
    return frozenset(code for code in form.getlist("speaks") if _CODE.fullmatch(code))


def services_in(form: MultiDict[str, str]) -> frozenset[int]:
    """Read the ids of the services that were ticked."""
    return frozenset(int(each) for each in form.getlist("serves") if re.fullmatch(r"[0-9]{1,15}", each))


def _services(skills: Skills, place: BranchView) -> tuple[Box, ...]:
    return tuple(
        Box(str(each.id), f"{each.letter} – {each.name(languages.current())}", each.id in skills.service_ids)
        for each in place.services.values()
    )


def _spoken(code: str) -> str:
    try:
        return Locale.parse(code).get_display_name(get_locale()) or code
    except (UnknownLocaleError, ValueError):
        return code
