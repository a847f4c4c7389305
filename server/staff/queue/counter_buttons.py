"""Which buttons a counter shows: what the server permits now, with the keys of the installed program."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from flask_babel import gettext as _

from server.services.queue.views.counter import CounterShown
from server.services.queue.views.ticket import TicketView
from server.staff.device_names import device_name
from wire.vocabulary import CounterState, Outcome, TicketAction, TicketStatus


@dataclass(slots=True)
class Button:
    """A button and its key: `step` is done at once, `asks` opens the question of that name."""

    text: str
    key: str
    step: str = ""
    asks: str = ""
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Attention:
    """A call for help or a message, and what can be done about it."""

    text: str
    is_call: bool
    button: Button | None = None


def attention(shown: CounterShown, number: int | None) -> list[Attention]:
    """List what wants the clerk's attention, the most urgent first; one key answers the first that can be."""
    found = list(_attention(shown, number))
    first = next((each.button for each in found if each.button and each.button.step in _ANSWERS), None)
    if first is not None:
        first.key = "Ctrl+F7"
    return found


_ANSWERS = frozenset({"help-accept", "read"})


def _attention(shown: CounterShown, number: int | None) -> Iterator[Attention]:
    own = [call for call in shown.help if call.counter == number]
    others = [call for call in shown.help if call.counter != number]
    for call in others:
        if call.accepted_by is None:
            to_call = {"counter": str(call.counter)}
            said = _("Counter %(counter)d calls for help", counter=call.counter)
            yield Attention(said, True, Button(_("I am coming"), "", "help-accept", values=to_call))
    for call in own:
        said = _("You have called for help.")
        if call.accepted_by is not None:
            said = _("%(name)s is coming to help you.", name=call.accepted_by)
        yield Attention(said, True, Button(_("It is over"), "Ctrl+F8", "help-end"))
    for trouble in shown.troubles:
        if trouble.part == "offline":
            device = device_name(trouble.device)
            yield Attention(
                _("%(device)s: numbers given without the server need a decision", device=device), True
            )
    for message in shown.messages:
        said = _("From the supervisor: %(text)s", text=message.text)
        yield Attention(
            said, False, Button(_("I have read it"), "", "read", values={"message": str(message.id)})
        )
    for call in others:
        if call.accepted_by is not None:
            yield Attention(
                _(
                    "Counter %(counter)d called for help: %(name)s is coming",
                    counter=call.counter,
                    name=call.accepted_by,
                ),
                False,
            )


def main(shown: CounterShown, outcomes: tuple[str, ...]) -> Button | None:
    """Return the main button; None where the server permits none of its meanings."""
    ticket, is_open = shown.current, shown.state is CounterState.OPEN
    if ticket is None:
        if is_open:
            return Button(_("Call the next visitor"), "F8", "call-next")
        return Button(_("Open the counter"), "F8", "open")
    of_ticket = {"ticket": str(ticket.id)}
    if ticket.status is TicketStatus.CALLED and TicketAction.START in ticket.actions:
        return Button(_("Start serving"), "F8", "start", values=of_ticket)
    if TicketAction.FINISH not in ticket.actions:
        return None
    finish = of_ticket | {"outcome": usual_outcome(outcomes)}
    if is_open:
        return Button(_("Finish and call next"), "F8", "call-next", values=finish)
    return Button(_("Finish"), "F8", "finish", values=finish)


def usual_outcome(outcomes: tuple[str, ...]) -> str:
    """Return the outcome of the one-key finish: `served`, or the office's first one."""
    return Outcome.SERVED.value if Outcome.SERVED in outcomes or not outcomes else outcomes[0]


def of_ticket(ticket: TicketView | None) -> list[Button]:
    """List what else may be done with the ticket in hand."""
    return [] if ticket is None else [each for each in _all_of(ticket) if each is not None]


def _all_of(ticket: TicketView) -> Iterator[Button | None]:
    of, may = {"ticket": str(ticket.id)}, ticket.actions
    yield Button(_("Call again"), "F9", "recall", values=of) if TicketAction.RECALL in may else None
    yield Button(_("Finish as…"), "F10", asks="outcome") if TicketAction.FINISH in may else None
    yield Button(_("Did not come"), "F11", "no-show", values=of) if TicketAction.NO_SHOW in may else None
    yield Button(_("Set aside"), "F12", "park", values=of) if TicketAction.PARK in may else None
    yield Button(_("Transfer…"), "Ctrl+F12", asks="transfer") if TicketAction.TRANSFER in may else None
    yield Button(_("Undo the call"), "Esc", "put-back", values=of) if TicketAction.PUT_BACK in may else None
    yield Button(_("Withdraw…"), "Ctrl+F11", asks="withdraw") if TicketAction.WITHDRAW in may else None


def of_counter(shown: CounterShown, number: int | None) -> list[Button]:
    """List what may be done with the counter itself."""
    found = []
    if shown.state is CounterState.OPEN:
        found.append(Button(_("Break"), "F5", "pause"))
    elif shown.current is not None or shown.state is CounterState.PAUSED:
        found.append(Button(_("Open"), "F5", "open"))
    if shown.current is None and shown.state is not CounterState.CLOSED:
        found.append(Button(_("Close the counter"), "Ctrl+F5", "close"))
    found.append(Button(_("Issue a ticket…"), "F4", asks="issue"))
    if all(call.counter != number for call in shown.help):
        found.append(Button(_("Call for help"), "Ctrl+F8", "help"))
    return found
