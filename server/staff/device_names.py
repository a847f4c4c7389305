"""How pages call devices: a name that the program gave is in the language of the page, another stays as it is."""

from __future__ import annotations

from flask_babel import gettext as _

from wire.device_names import given_name


def device_name(name: str) -> str:
    """Write a device's name, such as Kiosk A1."""
    given = given_name(name)
    if given is None:
        return name
    kind, place = given
    words = {"Kiosk": _("Kiosk"), "Board": _("Board"), "Counter": _("Counter")}
    return f"{words[kind]} {place}"
