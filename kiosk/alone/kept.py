"""The list of a time without a server, as it lies on the kiosk's disk, and the proof that the server made it."""

from __future__ import annotations

import hmac
import logging
from concurrent.futures import Future, ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

from terminal.private_file import keep_private
from wire.messages import Device, Message, OfflineList, SignedList
from wire.messages.offline import signature_of

log = logging.getLogger(__name__)


class Kept(Message):
    """What a kiosk starts with while its server is silent.

    `ahead_seconds` is by how much the server's clock was ahead of this machine's.
    """

    signed: SignedList
    device: Device
    ahead_seconds: float


def opened(signed: SignedList, token: str) -> OfflineList | None:
    """Read a list that the server signed for the device with this token; None where it did not."""
    expected = signature_of(signed.body, sha256(token.encode()).digest())
    if not hmac.compare_digest(expected, signed.signature):
        log.error("The list for a time without connection was not signed by the server: it is not used")
        return None
    try:
        return OfflineList.model_validate_json(signed.body)
    except ValueError as error:
        log.error("The list for a time without connection cannot be read: %s", type(error).__name__)
        return None


class Keeper:
    """Writes and drops the file in a thread of its own, in order: a slow disk holds up no visitor's touch.

    Only text goes into that thread. A disk that does not take it leaves the kiosk with what it holds in memory.
    """

    def __init__(self, file: Path) -> None:
        """Keep in this file."""
        self._file = file
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="kept list")
        self._last: Future[bool] | None = None

    @property
    def has_failed(self) -> bool:
        """Say whether the disk did not take what was to be kept last."""
        return self._last is not None and self._last.done() and not self._last.result()

    def keep(self, kept: Kept) -> None:
        """Write it to the disk, soon."""
        self._last = self._thread.submit(_keep, self._file, kept.model_dump_json(exclude_none=True))

    def drop(self) -> None:
        """Take it from the disk, after what was to be written before."""
        self._thread.submit(_drop, self._file)

    def close(self) -> None:
        """End, once all is done that was asked for."""
        self._thread.shutdown()


def read(file: Path) -> Kept | None:
    """Read what was kept, or None; whether the list is the server's, `opened` tells."""
    try:
        return Kept.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        log.error("What was kept for a time without connection cannot be read: %s", type(error).__name__)
        return None


def _keep(file: Path, text: str) -> bool:
    try:
        keep_private(file, text)
    except OSError as error:
        log.error("The list for a time without connection cannot be kept: %s", error)
        return False
    return True


def _drop(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        log.error("What was kept for a time without connection cannot be removed: %s", error)
