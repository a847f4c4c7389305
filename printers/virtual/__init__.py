"""A printer without hardware: ESC/POS bytes come by TCP or PTY, PNG goes out, faults as told."""

from printers.virtual.machine import Machine
from printers.virtual.ports import PtyPort, VirtualPrinter

__all__ = ["Machine", "PtyPort", "VirtualPrinter"]
