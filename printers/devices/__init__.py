"""Ways to a printer: one small link protocol, and addresses that name the device."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Protocol
from urllib.parse import ParseResult, parse_qs, urlparse

ALLOWED = {
    "tcp": "tcp://host:9100",
    "serial": "serial:///dev/ttyUSB0?baud=19200&flow=rtscts",
    "usb": "usb://04b8:0202 or usb://04b8:0202/SERIAL",
    "file": "file:///dev/usb/lp0",
    "cups": "cups://queue",
    "virtual": "virtual: or virtual:9101",
}
VIRTUAL_PORT = 9100
_MODULES = {
    "tcp": "tcp",
    "serial": "serial_line",
    "usb": "usb_bulk",
    "file": "file_node",
    "cups": "cups_queue",
}


class AddressError(ValueError):
    """An address that names no device; the text says what is allowed."""


class LinkError(Exception):
    """The device is gone or cannot be opened; the text says why.

    `nothing_sent` is True when a link that collects a whole job knows that none of it went out.
    """

    def __init__(self, reason: str, *, nothing_sent: bool = False) -> None:
        super().__init__(reason)
        self.nothing_sent = nothing_sent


class Link(Protocol):
    """An open way to a device. `answers` is False where nothing can ever be read."""

    answers: bool

    def write(self, data: bytes, seconds: float) -> int:
        """Hand over bytes within `seconds`; return how many the device took. Raise LinkError when it is gone."""

    def read(self, seconds: float) -> bytes:
        """Return what has come within `seconds`, nothing at a time-out. Raise LinkError when it is gone."""

    def finish(self) -> None:
        """Mark the end of a job, for links that hand over whole jobs. Raise LinkError."""

    def close(self) -> None:
        """Let the device go; never raises."""


Opener = Callable[[str, float], Link]


def open_link(address: str, seconds: float) -> Link:
    """Open the device at `address` within `seconds`; raise AddressError or LinkError."""
    parts = parse_address(address)
    module = import_module(f"printers.devices.{_MODULES[parts.scheme]}")
    link: Link = module.open_at(parts, seconds)
    return link


def parse_address(address: str) -> ParseResult:
    """Return the parts of an address; raise AddressError with what is allowed for a wrong one."""
    try:
        parts = urlparse(address)
        port = parts.port if parts.scheme == "tcp" else None
    except ValueError as error:
        raise _wrong(address, str(error)) from None
    if parts.scheme == "virtual":
        port_text = parts.path or str(VIRTUAL_PORT)
        if not port_text.isdecimal() or not 0 < int(port_text) < 65536:
            raise _wrong(address, "the port is no number", "virtual")
        return urlparse(f"tcp://127.0.0.1:{int(port_text)}")
    if parts.scheme not in _MODULES:
        said = f"the kind {parts.scheme!r} is unknown" if parts.scheme else "it does not begin with a kind"
        raise _wrong(address, said)
    if parts.scheme == "tcp" and (not parts.hostname or port == 0 or parts.path not in ("", "/")):
        raise _wrong(address, "host and port are needed", "tcp")
    if parts.scheme in ("usb", "cups") and not parts.netloc:
        raise _wrong(address, "the name of the device is missing", parts.scheme)
    if parts.scheme in ("serial", "file") and (parts.netloc or not parts.path.startswith("/")):
        raise _wrong(address, "three slashes and a whole path are needed", parts.scheme)
    return parts


def options(parts: ParseResult, allowed: dict[str, str]) -> dict[str, str]:
    """Return the options behind the question mark over their defaults; raise AddressError for an unknown one."""
    given = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
    unknown = sorted(set(given) - set(allowed))
    if unknown:
        raise _wrong(parts.geturl(), f"no such option {unknown[0]!r} ({', '.join(allowed)})", parts.scheme)
    return {**allowed, **given}


def _wrong(address: str, reason: str, kind: str = "") -> AddressError:
    known = ALLOWED[kind] if kind else "; ".join(ALLOWED.values())
    return AddressError(f"printer address {address!r}: {reason}; allowed: {known}")
