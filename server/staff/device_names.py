"""How pages call devices: a name that the program gave is in the language of the page, another stays as it is."""

from __future__ import annotations

import re

from flask_babel import gettext as _

_GIVEN = re.compile(r"(Kiosk|Board|Counter) (\S*[0-9]+)")


def device_name(name: str) -> str:
    """Write a device's name, such as Kiosk A1."""
    given = _GIVEN.fullmatch(name)
    if given is None:
        return name
    words = {"Kiosk": _("Kiosk"), "Board": _("Board"), "Counter": _("Counter")}
    return f"{words[given[1]]} {given[2]}"
