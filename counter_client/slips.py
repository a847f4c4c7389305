"""The desk printer: a ticket issued at the counter becomes a slip, and the end of its job an event."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from printers import Job, JobState, PrinterSettings, Slip, open_printer
from printers import ticket as printed
from terminal.texts import Texts
from wire import settings as wire_settings
from wire.messages import Device, Ticket

ENDED = {JobState.CONFIRMED: True, JobState.ASSUMED: True, JobState.UNKNOWN: False, JobState.FAILED: False}


def slip_of(ticket: Ticket, device: Device | None, texts: Texts, language: str) -> Slip:
    """Set a walk-in ticket as the office's slip in the visitor's language, else in the clerk's."""
    told = printed.Ticket(
        number=ticket.number,
        office=device.branch.name if device else "",
        hall=device.hall.name if device else "",
        service=ticket.service.name,
        prepare=ticket.service.prepare or "",
        issued_at=ticket.issued_at,
        people_ahead=ticket.people_ahead,
        expected_from=ticket.expected_from,
        expected_until=ticket.expected_until,
        not_today=ticket.not_today,
        track_url=ticket.track_url,
    )
    layout = printed.SlipLayout(**device.settings.slip.model_dump()) if device else printed.SlipLayout()
    spoken = ticket.language if ticket.language in printed.languages() else language
    return printed.ticket_slip(told, layout, spoken, texts.zone)


class DeskPrinter(QObject):
    """A printer at the counter; `ended(number, printed)` comes once for each slip, in the Qt event loop."""

    ended = Signal(str, bool)

    def __init__(self, settings: wire_settings.PrinterSettings) -> None:
        """Start the spooler. Raises AddressError or SettingsError for a device that cannot be."""
        super().__init__()
        self._told: set[int] = set()
        self._spooler = open_printer(
            PrinterSettings(
                device=settings.device,
                profile=settings.profile,
                width_dots=settings.width_dots,
                completion=settings.completion,
                cut=settings.cut,
                text=settings.text,
                native_qr=settings.native_qr,
                logo=str(settings.logo) if settings.logo else None,
                free_lines=settings.free_lines,
            ),
            on_job=self._heard,
        )

    def print(self, slip: Slip) -> None:
        """Queue a slip."""
        self._spooler.print(slip)

    def close(self) -> None:
        """Let the printer go."""
        self._spooler.close()

    def _heard(self, job: Job, state: JobState) -> None:
        # Runs in the spooler's thread: the signal carries it over. A late report must not tell it twice.
        if state in ENDED and id(job) not in self._told:
            self._told.add(id(job))
            self.ended.emit(job.number, ENDED[state])
