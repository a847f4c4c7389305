"""What a program tells systemd (sd_notify), and whether a file of secrets is for its owner alone."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

CREDENTIALS_VARIABLE = "CREDENTIALS_DIRECTORY"
"""Names the folder of what systemd hands over (LoadCredential=)."""


def tell(*words: str) -> bool:
    """Send words such as `READY=1` or `STATUS=…`; False where nobody listens, as in a terminal or a test.

    The socket is that of NOTIFY_SOCKET: a path, or `@` and a name of Linux's abstract ones.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            # A service manager that does not take a word at once must not hold the program up.
            channel.setblocking(False)
            channel.sendto(
                "\n".join(words).encode(), address.replace("@", "\0", 1) if address[0] == "@" else address
            )
    except OSError:
        return False
    return True


def beat_seconds() -> float | None:
    """Return how often to send `WATCHDOG=1`: half of the unit's WatchdogSec; None where nobody waits for it.

    WATCHDOG_PID is not asked: it names the compositor in which a kiosk or a board runs.
    """
    try:
        allowed = int(os.environ.get("WATCHDOG_USEC", ""))
    except ValueError:
        return None
    return allowed / 2_000_000 if allowed > 0 else None


def others_read(file: Path) -> bool:
    """Say whether others than their owner may read a file of secrets. Raises OSError.

    What systemd hands over is of its own account, and given to ours by an entry beside the mode, which then
    shows as rights of the group.
    """
    folder = os.environ.get(CREDENTIALS_VARIABLE)
    is_handed_over = bool(folder) and file.resolve().is_relative_to(Path(str(folder)).resolve())
    return bool(stat.S_IMODE(file.stat().st_mode) & (0o007 if is_handed_over else 0o077))
