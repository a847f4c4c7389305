"""The kiosk's paper: a ticket becomes a slip, and what the printer says becomes events."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from kiosk.screens.look import Place
from kiosk.visit.effects import PrintSlip
from kiosk.visit.events import Printed, PrinterBack, PrinterTrouble
from printers import Job, JobState, PrinterSettings, PrinterState, Slip, open_printer
from printers.ticket import SlipLayout, Ticket, ticket_slip
from terminal.texts import Texts
from wire import messages
from wire import settings as wire_settings

DONE = (JobState.CONFIRMED, JobState.ASSUMED)
BROKEN = (JobState.FAILED, JobState.UNKNOWN)
USUAL = SlipLayout()


def slip_of(order: PrintSlip, place: Place, texts: Texts, layout: SlipLayout = USUAL) -> Slip:
    """Set a ticket as the office's slip in the visitor's language (rules.md 20)."""
    ticket = order.ticket
    told = Ticket(
        number=ticket.number,
        office=place.office,
        hall=place.hall,
        service=ticket.service.name,
        prepare=ticket.service.prepare or "",
        issued_at=ticket.issued_at,
        appointment_at=ticket.appointment_at,
        people_ahead=ticket.people_ahead,
        expected_from=ticket.expected_from,
        expected_until=ticket.expected_until,
        not_today=ticket.not_today,
        track_url=ticket.track_url or "",
        is_copy=order.copy,
    )
    return ticket_slip(told, layout, order.language, texts.zone)


def layout_of(settings: messages.SlipSettings) -> SlipLayout:
    """Take what the office rules of its slips out of what the server tells."""
    said = settings.model_dump()
    return SlipLayout(**said | {"rows": tuple(said["rows"])})


def printer_settings(table: wire_settings.PrinterSettings) -> PrinterSettings:
    """Take the printer's settings out of the table of config.toml; raise SettingsError."""
    return PrinterSettings(
        device=table.device,
        profile=table.profile,
        width_dots=table.width_dots,
        completion=table.completion,
        cut=table.cut,
        text=table.text,
        native_qr=table.native_qr,
        logo=str(table.logo) if table.logo else None,
        free_lines=table.free_lines,
    )


class Paper(QObject):
    """The printer in the event loop: `happened` carries Printed and PrinterTrouble, `state_changed` its state.

    A slip is in trouble as soon as the printer cannot go on with it: the visitor is not left waiting for the
    end of the spooler's patience. If it comes out after all, that is told too; if it is lost, PrinterBack comes
    once as soon as the printer can print again.
    """

    happened = Signal(object)
    state_changed = Signal(str)
    _job_heard = Signal(object, str)
    _state_heard = Signal(str)

    def __init__(self, settings: PrinterSettings) -> None:
        """Start the spooler. Raises AddressError for an address that names no device."""
        super().__init__()
        self.state = PrinterState.DISCONNECTED
        self._asks: dict[Job, int] = {}
        # Emitted in the spooler's thread, received in the event loop's.
        self._job_heard.connect(self._job_changed)
        self._state_heard.connect(self._printer_changed)
        self._spooler = open_printer(
            settings,
            on_job=lambda job, state: self._job_heard.emit(job, state.value),
            on_state=lambda state, _: self._state_heard.emit(state.value),
        )

    def print(self, ask: int, slip: Slip) -> None:
        """Print a slip; what becomes of it is told under its `ask`."""
        self._asks[self._spooler.print(slip)] = ask
        if not self.state.can_print:
            self.happened.emit(PrinterTrouble(ask))

    def forget(self) -> None:
        """Let go of the slips of a visitor: nothing more is told of them."""
        self._asks.clear()

    def close(self) -> None:
        """Let the printer go."""
        self._spooler.close()

    def _job_changed(self, job: Job, state: str) -> None:
        ask = self._asks.get(job)
        if ask is None:
            return
        if state in DONE:
            del self._asks[job]
            self.happened.emit(Printed(ask))
        elif state in BROKEN:
            self.happened.emit(PrinterTrouble(ask))
            self._give_back_lost()

    def _printer_changed(self, state: str) -> None:
        self.state = PrinterState(state)
        if not self.state.can_print:
            for ask in list(self._asks.values()):
                self.happened.emit(PrinterTrouble(ask))
        self.state_changed.emit(state)
        self._give_back_lost()

    def _give_back_lost(self) -> None:
        """Tell of each lost slip once that it can be printed anew; nobody is told of a visitor who has gone."""
        if not self.state.can_print:
            return
        for job in [job for job in self._asks if job.is_lost]:
            ask = self._asks.pop(job)
            self.happened.emit(PrinterBack(ask, nothing_sent=job.state is JobState.FAILED))
