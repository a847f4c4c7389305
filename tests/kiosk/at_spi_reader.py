"""Works the kiosk through AT-SPI as a screen reader does, with Debian's own Python: names, roles, presses.

`at_spi_reader.py CODE` prints what it met on each screen as JSON: a list of [role, name] per screen.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402

RENAMED = {"button": "push button"}
"""Roles whose names are newer in Debian 13."""
PATIENCE_S = 40.0


def showing(node: Atspi.Accessible) -> Iterator[Atspi.Accessible]:
    """Yield what is on the screen, depth first."""
    try:
        if node.get_role() != Atspi.Role.APPLICATION:
            if not node.get_state_set().contains(Atspi.StateType.SHOWING):
                return
            yield node
        children = [node.get_child_at_index(place) for place in range(node.get_child_count())]
    except GLib.Error:  # it has gone meanwhile
        return
    for child in filter(None, children):
        yield from showing(child)


def everything() -> list[tuple[str, str, Atspi.Accessible]]:
    """Return role, name and node of all that is on the screen."""
    desktop, found = Atspi.get_desktop(0), []
    for place in range(desktop.get_child_count()):
        application = desktop.get_child_at_index(place)
        for node in showing(application) if application else ():
            try:
                role = node.get_role_name()
                found.append((RENAMED.get(role, role), node.get_name() or "", node))
            except GLib.Error:
                continue
    return found


def find(role: str, start: str, patience_s: float) -> Atspi.Accessible | None:
    """Wait until something of this role, whose name begins so, is on the screen; None if it does not come."""
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        for its_role, name, node in everything():
            if its_role == role and name.startswith(start):
                return node
        time.sleep(0.05)
    return None


def wait_for(role: str, start: str) -> Atspi.Accessible:
    """Wait for something as `find` does, and end with what is there instead."""
    node = find(role, start, PATIENCE_S)
    if node is None:
        raise SystemExit(f"no {role} {start!r} among {[each[:2] for each in everything()]}")
    return node


def press(start: str) -> None:
    """Press the button whose name begins so."""
    button = wait_for("push button", start)
    actions = [button.get_action_name(place) for place in range(button.get_n_actions())]
    button.do_action(actions.index("Press"))


def press_until(start: str, label: str) -> None:
    """Press a button until the next screen shows this label: a screen drawn anew meanwhile has another button."""
    for _ in range(4):
        press(start)
        if find("label", label, PATIENCE_S / 4):
            return
    wait_for("label", label)


def main(code: str) -> None:
    """Go from the start to the ticket."""
    met = {}

    def look(screen: str) -> None:
        met[screen] = [each[:2] for each in everything()]

    wait_for("push button", "Mam rezerwację")
    look("start")
    press_until("Mam rezerwację", "Kod rezerwacji")
    for place, digit in enumerate(code, 1):
        press(digit)
        typed = " ".join(code[:place])
        wait_for("label", "Kod rezerwacji, wpisano: " + typed.replace(" ", "\u00a0"))
    look("code")
    press_until("Dalej", "P042")
    look("ticket")
    print(json.dumps(met))


main(sys.argv[1])
