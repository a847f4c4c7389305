"""Printers on USB without a kernel driver: the two bulk endpoints of the printer class (pyusb)."""

from __future__ import annotations

import contextlib
import re
from typing import Any
from urllib.parse import ParseResult

from printers.devices import AddressError, LinkError

_NAME = re.compile(r"([0-9a-fA-F]{4}):([0-9a-fA-F]{4})")


class UsbLink:
    """A claimed interface with its endpoints."""

    def __init__(self, device: Any, out_end: Any, in_end: Any) -> None:
        self._device, self._out, self._in = device, out_end, in_end
        self.answers = in_end is not None

    def write(self, data: bytes, seconds: float) -> int:
        import usb.core

        taken, packet = 0, self._out.wMaxPacketSize
        # One packet a call: a packet that times out has not been taken, so that the count stays exact.
        while taken < len(data):
            try:
                taken += self._out.write(data[taken : taken + packet], timeout=_milliseconds(seconds))
            except usb.core.USBTimeoutError:
                break
            except usb.core.USBError as error:
                raise LinkError(f"the USB printer is gone: {error}") from None
        return taken

    def read(self, seconds: float) -> bytes:
        import usb.core

        if self._in is None:
            return b""
        try:
            return bytes(self._in.read(self._in.wMaxPacketSize, timeout=_milliseconds(seconds)))
        except usb.core.USBTimeoutError:
            return b""
        except usb.core.USBError as error:
            raise LinkError(f"the USB printer is gone: {error}") from None

    def finish(self) -> None:
        """Nothing to do: the bytes are on their way."""

    def close(self) -> None:
        import usb.core
        import usb.util

        with contextlib.suppress(usb.core.USBError):
            usb.util.dispose_resources(self._device)


def _milliseconds(seconds: float) -> int:
    # 0 would mean for ever.
    return max(1, round(seconds * 1000))


def open_at(parts: ParseResult, seconds: float) -> UsbLink:
    """Claim the printer `vendor:product[/serial]`; raise AddressError or LinkError."""
    import usb.core
    import usb.util

    name = _NAME.fullmatch(parts.netloc)
    if name is None:
        raise AddressError(f"printer address {parts.geturl()!r}: two four-digit hex numbers are needed")
    wanted: dict[str, Any] = {"idVendor": int(name[1], 16), "idProduct": int(name[2], 16)}
    if serial_number := parts.path.strip("/"):
        wanted["serial_number"] = serial_number
    try:
        device = usb.core.find(**wanted)
        if device is None:
            raise LinkError(f"no USB device {parts.netloc} is plugged in")
        interface = _printer_interface(device)
        number = interface.bInterfaceNumber
        with contextlib.suppress(NotImplementedError):
            if device.is_kernel_driver_active(number):
                device.detach_kernel_driver(number)
        usb.util.claim_interface(device, number)
    except (usb.core.USBError, usb.core.NoBackendError, ValueError) as error:
        raise LinkError(f"the USB printer {parts.netloc} cannot be opened: {error}") from None
    ends = {usb.util.endpoint_direction(end.bEndpointAddress): end for end in interface}
    return UsbLink(device, ends[usb.util.ENDPOINT_OUT], ends.get(usb.util.ENDPOINT_IN))


def _printer_interface(device: Any) -> Any:
    """Return the interface of the printer class, else the first with a way out."""
    import usb.util

    interfaces = list(device.get_active_configuration())
    interfaces.sort(key=lambda interface: interface.bInterfaceClass != 7)
    for interface in interfaces:
        if any(
            usb.util.endpoint_direction(end.bEndpointAddress) == usb.util.ENDPOINT_OUT for end in interface
        ):
            return interface
    raise LinkError("the USB device has no way out: it is no printer")
