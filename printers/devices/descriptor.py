"""What every device with a file descriptor shares: waiting, and exact counts of bytes."""

from __future__ import annotations

import os
import select
from collections.abc import Callable

from printers.devices import LinkError


def write_some(
    descriptor: int, data: bytes, seconds: float, put: Callable[[bytes], int] | None = None
) -> int:
    """Write until all is taken or `seconds` pass without room; return how many bytes were taken.

    A socket gives its own `put`: Windows' os.write knows no sockets.
    """
    taken = 0
    while taken < len(data):
        try:
            if not select.select((), (descriptor,), (), seconds)[1]:
                break
            part = data[taken : taken + 4096]
            taken += put(part) if put else os.write(descriptor, part)
        except BlockingIOError:
            break
        except (OSError, ValueError) as error:
            raise LinkError(f"the device is gone: {error}") from None
    return taken


def read_some(descriptor: int, seconds: float, get: Callable[[int], bytes] | None = None) -> bytes:
    """Return what comes within `seconds`, by `get` from a socket; raise LinkError at the end of the stream."""
    try:
        if not select.select((descriptor,), (), (), seconds)[0]:
            return b""
        data = get(4096) if get else os.read(descriptor, 4096)
    except BlockingIOError:
        return b""
    except (OSError, ValueError) as error:
        raise LinkError(f"the device is gone: {error}") from None
    if not data:
        raise LinkError("the device closed the connection")
    return data
