"""What every device with a file descriptor shares: waiting, and exact counts of bytes."""

from __future__ import annotations

import os
import select

from printers.devices import LinkError


def write_some(descriptor: int, data: bytes, seconds: float) -> int:
    """Write until all is taken or `seconds` pass without room; return how many bytes were taken."""
    taken = 0
    while taken < len(data):
        try:
            if not select.select((), (descriptor,), (), seconds)[1]:
                break
            taken += os.write(descriptor, data[taken : taken + 4096])
        except BlockingIOError:
            break
        except (OSError, ValueError) as error:
            raise LinkError(f"the device is gone: {error}") from None
    return taken


def read_some(descriptor: int, seconds: float) -> bytes:
    """Return what comes within `seconds`; raise LinkError at the end of the stream."""
    try:
        if not select.select((descriptor,), (), (), seconds)[0]:
            return b""
        data = os.read(descriptor, 4096)
    except BlockingIOError:
        return b""
    except (OSError, ValueError) as error:
        raise LinkError(f"the device is gone: {error}") from None
    if not data:
        raise LinkError("the device closed the connection")
    return data
