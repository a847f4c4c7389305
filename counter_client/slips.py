"""The desk printer: a ticket issued at the counter becomes a slip, and the end of its job an event."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from printers import Job, JobState, PrinterSettings, Slip, open_printer
from terminal.texts import Texts
from wire import settings as wire_settings
from wire.messages import Device, Ticket

ENDED = {JobState.CONFIRMED: True, JobState.ASSUMED: True, JobState.UNKNOWN: False, JobState.FAILED: False}


def slip_of(ticket: Ticket, device: Device | None, texts: Texts, language: str) -> Slip:
    """Set a walk-in ticket as a slip in the visitor's language, or in the clerk's where that has no texts."""
    spoken = ticket.language if ticket.language in texts.languages else language

    def say(word: str, **facts: object) -> str:
        return texts.say(spoken, f"slip.{word}", **facts)

    rows = [(say("issued"), texts.stamp(spoken, ticket.issued_at))]
    if ticket.people_ahead is not None:
        rows.append((say("ahead"), str(ticket.people_ahead)))
    return Slip(
        number=ticket.number,
        office=device.branch.name if device else "",
        hall=device.hall.name if device else "",
        service=ticket.service.name,
        rows=tuple(rows),
        prepare=say("prepare", things=ticket.service.prepare) if ticket.service.prepare else "",
        qr=ticket.track_url,
        qr_caption=say("qr"),
    )


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
