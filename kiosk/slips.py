"""The kiosk's paper: a ticket becomes a slip, and what the printer says becomes events."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from kiosk.consumables import Consumables
from kiosk.screens.look import Place
from kiosk.visit.effects import PrintSlip
from kiosk.visit.events import OtherPrinter, Printed, PrinterBack, PrinterTrouble
from printers import Job, JobState, PrinterPair, PrinterSettings, PrinterState, Slip, open_printer
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
        is_alone=order.alone,
    )
    return ticket_slip(told, layout, order.language, texts.zone)


def layout_of(settings: messages.SlipSettings) -> SlipLayout:
    """Take what the office rules of its slips out of what the server tells."""
    said = settings.model_dump()
    return SlipLayout(**said | {"rows": tuple(said["rows"])})


def second_printer(table: wire_settings.KioskSettings) -> PrinterSettings | None:
    """Take the settings of the second printer, None where there is none; raise SettingsError."""
    return printer_settings(table.second_printer) if table.second_printer.device else None


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
    """The kiosk's printer, or its two, in the event loop: `happened` carries what becomes of slips.

    `state_changed` carries the state of the printer that would print now, at each change of either.

    A slip is in trouble as soon as the printer cannot go on with it: the visitor is not left waiting for the
    end of the spooler's patience. If it comes out after all, that is told too; if it is lost, PrinterBack comes
    once as soon as the printer can print again.
    """

    happened = Signal(object)
    state_changed = Signal(str)
    _job_heard = Signal(object, str)
    _state_heard = Signal(str)

    def __init__(
        self,
        settings: PrinterSettings,
        second: PrinterSettings | None = None,
        consumables: Consumables | None = None,
    ) -> None:
        """Start the spoolers. Raises AddressError for an address that names no device."""
        super().__init__()
        self.consumables = consumables
        self.state = PrinterState.DISCONNECTED
        self._asks: dict[Job, int] = {}
        # As far as it was told here: the jobs themselves change in the spooler's thread.
        self._lost: set[Job] = set()
        # Emitted in the spooler's thread, received in the event loop's.
        self._job_heard.connect(self._job_changed)
        self._state_heard.connect(self._printer_changed)

        def on_job(job: Job, state: JobState) -> None:
            self._job_heard.emit(job, state.value)

        def on_state(state: PrinterState, detail: str) -> None:
            self._state_heard.emit(state.value)

        self._spooler = (
            PrinterPair(settings, second, on_job, on_state)
            if second
            else open_printer(settings, on_job, on_state)
        )

    def print(self, ask: int, slip: Slip) -> None:
        """Print a slip; what becomes of it is told under its `ask`."""
        job = self._spooler.print(slip)
        self._asks[job] = ask
        if job.place:
            self.happened.emit(OtherPrinter(ask))
        if not self.state.can_print:
            self.happened.emit(PrinterTrouble(ask))

    @property
    def states(self) -> tuple[PrinterState, ...]:
        """Return how each of the kiosk's printers is."""
        return self._spooler.states

    def print_test(self) -> None:
        """Print the test slip, of which no visitor is told."""
        from printers.__main__ import TEST_SLIP

        self._spooler.print(TEST_SLIP)

    def forget(self) -> None:
        """Let go of the slips of a visitor: nothing more is told of them."""
        self._asks.clear()
        self._lost.clear()

    def close(self) -> None:
        """Let the printer go."""
        self._spooler.close()

    def _job_changed(self, job: Job, state: str) -> None:
        if state == JobState.SENT:
            self._count(job)
        ask = self._asks.get(job)
        if ask is None:
            return
        if state == JobState.QUEUED:
            # It went over from one printer to the other.
            self.happened.emit(OtherPrinter(ask, bool(job.place)))
        elif state in DONE:
            del self._asks[job]
            self.happened.emit(Printed(ask))
        elif state in BROKEN:
            self.happened.emit(PrinterTrouble(ask))
            if job.is_lost:
                self._lost.add(job)
                self._give_back_lost()

    def _printer_changed(self, state: str) -> None:
        self.state = PrinterState(state)
        if self.consumables is not None:
            self.consumables.became(self.states)
        if not self.state.can_print:
            for ask in list(self._asks.values()):
                self.happened.emit(PrinterTrouble(ask))
        self.state_changed.emit(state)
        self._give_back_lost()

    def _count(self, job: Job) -> None:
        """Count the paper of a slip, and have it reported at once when the roll comes near its end."""
        if self.consumables is not None:
            before = self.consumables.words()
            self.consumables.printed(job.place, job.millimetres)
            if self.consumables.words() != before:
                self.state_changed.emit(self.state.value)

    def _give_back_lost(self) -> None:
        """Tell of each lost slip once that it can be printed anew; nobody is told of a visitor who has gone."""
        if not self.state.can_print:
            return
        lost, self._lost = self._lost & self._asks.keys(), set()
        for job in lost:
            self.happened.emit(PrinterBack(self._asks.pop(job), nothing_sent=job.state is JobState.FAILED))
