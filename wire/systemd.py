"""What a program tells systemd (sd_notify): that it is ready, how it is, and that it still runs."""

from __future__ import annotations

import os
import socket


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
