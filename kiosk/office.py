"""What the office rules, as the kiosk's conversation needs it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from kiosk.visit.surroundings import Office
from wire.messages import DeviceSettings, PriorityKind


def office_of(settings: DeviceSettings, own: Office, languages: Collection[str]) -> Office:
    """Take what the office rules, on top of the kiosk's own settings; languages without texts are left out."""
    known = tuple(name for name in settings.languages if name in languages)
    return replace(
        own,
        languages=known or ("pl",),
        ask_service_first=settings.ask_service_first,
        priorities=_priorities(settings),
        help_counter=settings.help_counter,
        portal_url=settings.portal_url,
        check_in_lead_minutes=settings.check_in_lead_minutes,
        information_service=settings.information_service,
    )


def _priorities(settings: DeviceSettings) -> tuple[PriorityKind, ...]:
    """List what the kiosk offers, with its names."""
    named = {each.code: each for each in settings.priority_kinds}
    return tuple(named.get(code, PriorityKind(code=code)) for code in settings.priority_classes)
