"""Paper: a slip becomes dots, dots become ESC/POS bytes, a spooler brings them to a printer and watches it."""

from printers.failover import PrinterPair
from printers.jobs import Job, JobState
from printers.settings import PrinterSettings, SettingsError
from printers.slip import Slip, SlipError
from printers.spooler import Spooler, open_printer
from printers.status import PrinterState

__all__ = [
    "Job",
    "JobState",
    "PrinterPair",
    "PrinterSettings",
    "PrinterState",
    "SettingsError",
    "Slip",
    "SlipError",
    "Spooler",
    "open_printer",
]
