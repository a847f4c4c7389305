"""Turns the desk's state into sentences: one language, one instant, no widgets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from counter_client import commands
from counter_client.desk import offered
from counter_client.faces import (
    Button,
    DialogFace,
    Header,
    ListFace,
    Pill,
    Row,
    SignInFace,
    TicketFace,
    VerifyLine,
    WindowFace,
)
from counter_client.state import Ask, Choice, Desk, Dialog, DialogKind, Key, Panel, Verify
from terminal.texts import Texts, own_name
from wire.codes import MalformedCode, parse_scan
from wire.messages import CounterSnapshot, ReservationBeside, Ticket, Trouble, WaitingTicket
from wire.vocabulary import CounterState, TicketAction, TicketStatus

SHORTCUTS = {
    Key.MAIN: "F8",
    Key.RECALL: "F9",
    Key.FINISH: "F10",
    Key.NO_SHOW: "F11",
    Key.PARK: "F12",
    Key.TRANSFER: "Ctrl+F12",
    Key.PUT_BACK: "Esc",
    Key.WITHDRAW: "Ctrl+F11",
    Key.VERIFY: "F7",
    Key.PARKED: "F6",
    Key.PAUSE: "F5",
    Key.ISSUE: "F4",
    Key.WAITING: "F3",
    Key.NO_SHOWS: "F2",
    Key.KEYS: "F1",
}
BUTTONS = (
    Key.RECALL,
    Key.FINISH,
    Key.NO_SHOW,
    Key.PARK,
    Key.TRANSFER,
    Key.PUT_BACK,
    Key.WITHDRAW,
    Key.ISSUE,
    Key.PAUSE,
)
HELP = ("main", "recall", "finish", "no_show", "park", "transfer", "withdraw", "verify", "parked", "pause")
HELP_MORE = ("issue", "waiting", "no_shows")
MENU_WORDS = ("mini", "large", "contrast", "language", "keys", "sign_out", "close", "issue")
PANEL_ACTIONS = {
    Panel.WAITING: TicketAction.CALL,
    Panel.PARKED: TicketAction.CALL,
    Panel.NO_SHOWS: TicketAction.REINSTATE,
}


@dataclass(frozen=True)
class Portrait:
    """Paint a desk in words: `say` in one language at one instant of the server's clock."""

    texts: Texts
    language: str
    now: datetime

    def say(self, key: str, **facts: object) -> str:
        """Give one sentence of the texts."""
        return self.texts.say(self.language, key, **facts)

    def window(self, desk: Desk) -> WindowFace:
        """Describe the whole window."""
        said = self.say(f"said.{desk.said.key}", **desk.said.facts) if desk.said else ""
        return WindowFace(
            header=self._header(desk),
            sign_in=self._sign_in(desk, said) if desk.clerk is None else None,
            ticket=self._ticket(desk),
            buttons=self._buttons(desk),
            list=self._list(desk),
            today=self._today(desk.snapshot),
            dialog=self._dialog(desk.dialog, desk.can_print) if desk.dialog else None,
            trouble=self._trouble(desk.snapshot.troubles if desk.snapshot else []),
            said=said,
            said_good=bool(desk.said and desk.said.good),
            waiting=self._waiting(desk.snapshot),
            words=self._words(desk),
        )

    def _words(self, desk: Desk) -> dict[str, str]:
        words = {word: self.say(f"key.{word}") for word in MENU_WORDS}
        return words | {
            "program": self.say("program"),
            "placeholder": self.say("verify.placeholder"),
            "check": self.say("verify.check"),
            "verify": self.say("verify.label"),
            "checklist": self.say("ticket.checklist"),
            "can_sign_out": "yes" if Key.SIGN_OUT in offered(desk) else "",
            "can_close": "yes" if Key.CLOSE in offered(desk) else "",
        }

    def _header(self, desk: Desk) -> Header:
        linked = desk.connected and (desk.clerk is None or desk.fresh)
        pause = self.say("key.pause" if desk.is_open else "key.open") if desk.snapshot else ""
        return Header(
            place=self._place(desk),
            link=self.say("link.here" if linked else "link.gone"),
            is_linked=linked,
            clerk=_short_name(desk.clerk.name) if desk.clerk else "",
            pause=pause,
            is_open=desk.is_open,
        )

    def _place(self, desk: Desk) -> str:
        if desk.snapshot is not None:
            return self.say("place", counter=desk.snapshot.number, hall=desk.snapshot.hall.name)
        if desk.device is not None and desk.device.counter is not None:
            return self.say("place", counter=desk.device.counter, hall=desk.device.hall.name)
        return self.say("program")

    def _sign_in(self, desk: Desk, said: str) -> SignInFace:
        busy = desk.under_way is not None
        others = [language for language in self.texts.languages if language != self.language]
        return SignInFace(
            title=self.say("sign_in.title"),
            place=self._place(desk),
            login=self.say("sign_in.login"),
            password=self.say("sign_in.password"),
            enter=self.say("sign_in.busy" if busy else "sign_in.enter"),
            said=said,
            hint="" if desk.connected else self.say("sign_in.connecting"),
            other_language=own_name(others[0]) if others else "",
            can_enter=desk.connected and not busy,
        )

    # --- the card ------------------------------------------------------------------------------------

    def _ticket(self, desk: Desk) -> TicketFace:
        ticket, snapshot = desk.current, desk.snapshot
        if ticket is None or snapshot is None:
            return self._idle(desk)
        called = ticket.status is TicketStatus.CALLED
        return TicketFace(
            caption=self.say("ticket.called" if called else "ticket.serving"),
            headline=ticket.number,
            is_number=True,
            pill=self._pill(ticket),
            waited=self._waited(ticket),
            facts=self._facts(ticket),
            note=self.say("ticket.note", note=ticket.note) if ticket.note else "",
            verify=self._verify(desk, ticket.reservation) if ticket.reservation else None,
            checklist=tuple(
                (item, (ticket.id, item) in desk.ticked)
                for item in (ticket.reservation.checklist if ticket.reservation else ())
            ),
            ticket=ticket.id,
        )

    def _idle(self, desk: Desk) -> TicketFace:
        snapshot = desk.snapshot
        state = snapshot.state if snapshot else CounterState.CLOSED
        if snapshot is None:
            headline, hint, tone = "…", self.say("link.waiting"), "free"
        elif state is CounterState.OPEN:
            headline, tone = self._waiting(snapshot), "free"
            hint = self.say("idle.hint" if snapshot.waiting_total else "idle.nobody_hint")
        else:
            headline, hint = self.say(f"idle.{state.value}"), self.say(f"idle.{state.value}_hint")
            tone = state.value
        return TicketFace(
            caption=self.say("ticket.none"),
            headline=headline,
            is_number=False,
            pill=Pill(self.say(f"pill.{tone}"), tone),
            hint=hint,
        )

    def _waiting(self, snapshot: CounterSnapshot | None) -> str:
        if snapshot is None:
            return ""
        if snapshot.waiting_total == 0:
            return self.say("idle.nobody")
        return self.texts.say_count(self.language, "idle.waiting", snapshot.waiting_total)

    def _pill(self, ticket: Ticket) -> Pill:
        serving = ticket.status is TicketStatus.SERVING
        since = (ticket.started_at if serving else ticket.called_at) or self.now
        time = _running(self.now - since)
        if serving:
            return Pill(self.say("pill.serving", time=time), "serving")
        return Pill(self.say("pill.called", time=time, count=ticket.call_count), "called")

    def _waited(self, ticket: Ticket) -> str:
        waited = _minutes((ticket.called_at or self.now) - ticket.queued_at)
        parts = [self.say("ticket.waited", minutes=waited)]
        if ticket.appointment_at is not None:
            parts.append(self.say("ticket.appointment", hour=self.texts.hour(ticket.appointment_at)))
        else:
            parts.append(self.say("ticket.issued", hour=self.texts.hour(ticket.issued_at)))
        return " · ".join(parts)

    def _facts(self, ticket: Ticket) -> tuple[tuple[str, str], ...]:
        beside = ticket.reservation
        facts = [(self.say("ticket.service"), ticket.service.name)]
        if beside is None:
            facts.append((self.say("ticket.reservation"), self.say("ticket.without")))
        else:
            facts += [
                (self.say("ticket.reservation"), _code(beside.code)),
                (self.say("ticket.applicant"), beside.applicant or "–"),
                (self.say("ticket.children"), self._children(beside)),
            ]
        facts.append((self.say("ticket.language"), own_name(ticket.language)))
        if ticket.priority is not None:
            facts.append((self.say("ticket.priority"), self.say(f"priority.{ticket.priority.value}")))
        return tuple(facts)

    def _children(self, beside: ReservationBeside) -> str:
        if not beside.children:
            return self.say("ticket.no_children")
        named = ", ".join(f"{child.name}, {child.birth_year}" for child in beside.children)
        return f"{len(beside.children)} ({named})"

    def _verify(self, desk: Desk, beside: ReservationBeside) -> VerifyLine:
        if beside.confirmation_verified:
            return VerifyLine("verified", self.say("verify.verified"))
        if desk.under_way is not None and desk.under_way.command.ask is Ask.VERIFY:
            return VerifyLine("busy", self.say("verify.busy"))
        if desk.verify is Verify.IDLE:
            return VerifyLine("ask", "")
        return VerifyLine(desk.verify.value, self.say(f"verify.{desk.verify.value}"))

    # --- what can be done ----------------------------------------------------------------------------

    def _buttons(self, desk: Desk) -> tuple[Button, ...]:
        keys, main = offered(desk), commands.main_of(desk)
        buttons = []
        if main is not None:
            label, short = self.say(f"main.{main.value}"), self.say(f"main_short.{main.value}")
            buttons.append(Button(Key.MAIN, label, short, SHORTCUTS[Key.MAIN], desk.is_ready))
        with_ticket = desk.current is not None
        for key in BUTTONS:
            if key not in keys or (with_ticket and key in (Key.ISSUE, Key.PAUSE)):
                continue
            word = "open" if key is Key.PAUSE and not desk.is_open else key.value
            label = self.say(f"key.{word}")
            buttons.append(Button(key, label, label, SHORTCUTS[key], desk.is_ready))
        return tuple(buttons)

    # --- the lists -----------------------------------------------------------------------------------

    def _list(self, desk: Desk) -> ListFace:
        snapshot, panel = desk.snapshot, desk.panel
        counts = {Panel.WAITING: 0, Panel.PARKED: 0, Panel.NO_SHOWS: 0}
        if snapshot is not None:
            counts = {
                Panel.WAITING: snapshot.waiting_total,
                Panel.PARKED: len(snapshot.parked),
                Panel.NO_SHOWS: len(snapshot.no_shows),
            }
        rows = tuple(self._row(row, desk) for row in desk.rows)
        left_out = counts[panel] - len(rows)
        can_pick = any(PANEL_ACTIONS[panel] in row.actions for row in desk.rows)
        return ListFace(
            tabs=tuple((one, self.say(f"list.{one.value}", count=count)) for one, count in counts.items()),
            panel=panel,
            rows=rows,
            empty="" if rows else self.say(f"list.nobody_{panel.value}"),
            more=self.say("list.more", count=left_out) if left_out > 0 and rows else "",
            hint=self.say(f"list.pick_{panel.value}") if can_pick else "",
        )

    def _row(self, row: WaitingTicket, desk: Desk) -> Row:
        names = (
            {s.code: s.name for s in (*desk.snapshot.services, *desk.snapshot.transfer_services)}
            if (desk.snapshot)
            else {}
        )
        waited = _minutes(self.now - row.queued_at)
        late = (
            desk.panel is Panel.WAITING
            and desk.snapshot is not None
            and waited > desk.snapshot.figures.target_wait_minutes
        )
        name = names.get(row.service, row.service)
        hour = f"{self.texts.hour(row.appointment_at)} · " if row.appointment_at else ""
        priority = self.say("list.priority") if row.priority else ""
        return Row(
            id=row.id,
            number=row.number,
            detail=hour + name,
            extra=" · ".join(part for part in (priority, row.note or "") if part),
            wait=self.say("minutes", minutes=waited),
            late=self.say("list.late") if late else "",
        )

    def _today(self, snapshot: CounterSnapshot | None) -> tuple[tuple[str, str], ...]:
        if snapshot is None:
            return ()
        figures, none = snapshot.figures, self.say("today.none")
        mean = figures.mean_service_seconds
        share = figures.within_target_share
        return (
            (self.say("today.served"), str(figures.served)),
            (self.say("today.mean"), none if mean is None else f"{mean // 60}:{mean % 60:02d}"),
            (self.say("today.no_show"), str(figures.no_show)),
            (
                self.say("today.target", minutes=figures.target_wait_minutes),
                none if share is None else f"{round(share * 100)} %",
            ),
        )

    # --- questions -----------------------------------------------------------------------------------

    def _dialog(self, dialog: Dialog, can_print: bool) -> DialogFace:
        if dialog.kind is DialogKind.KEYS:
            lines = [(SHORTCUTS[Key(word)], self.say(f"keys.{word}")) for word in (*HELP, *HELP_MORE)]
            lines += [("Esc", self.say("keys.escape")), ("Ctrl+M", self.say("keys.mini"))]
            return DialogFace(
                self.say("dialog.keys"), "", tuple(lines), self.say("dialog.close"), is_choice=False
            )
        if dialog.kind is DialogKind.ISSUED and dialog.issued is not None:
            words = ["dialog.print", "dialog.done"] if can_print else ["dialog.done"]
            lines = [(str(place), self.say(word)) for place, word in enumerate(words, start=1)]
            hint = self.say("dialog.issued_hint")
            number = dialog.issued.number
            title, foot = self.say("dialog.issued"), self.say("dialog.foot")
            return DialogFace(title, hint, tuple(lines), foot, number=number)
        title = self.say(f"dialog.{dialog.kind.value}", number=dialog.number)
        hinted = dialog.kind in (DialogKind.REASON, DialogKind.WITHDRAW)
        return DialogFace(
            title=title,
            hint=self.say(f"dialog.{dialog.kind.value}_hint") if hinted else "",
            lines=tuple(
                (str(place) if place < 10 else "", self._choice(choice))
                for place, choice in enumerate(dialog.choices, start=1)
            ),
            foot=self.say("dialog.foot_arrows" if len(dialog.choices) > 9 else "dialog.foot"),
            note=self.say("dialog.note") if dialog.kind is DialogKind.TRANSFER else None,
        )

    def _choice(self, choice: Choice) -> str:
        if choice.kind == "counter":
            state = self.say(f"state.{choice.shown}")
            return f"{self.say('counter', counter=choice.value)} – {state}"
        if choice.shown is not None:
            return f"{choice.value} · {choice.shown}"
        key = f"{choice.kind}.{choice.value}"
        # An office may have outcomes of its own, which come without a sentence of ours.
        return self.say(key) if self.texts.has(self.language, key) else choice.value.replace("_", " ")

    def _trouble(self, troubles: list[Trouble]) -> str:
        if not troubles:
            return ""
        first = troubles[0]
        hour = self.texts.hour(first.since)
        line = self.say("trouble.line", device=first.device, words=self._trouble_words(first), hour=hour)
        if len(troubles) == 1:
            return line
        return f"{line}, {self.texts.say_count(self.language, 'trouble.more', len(troubles) - 1)}"

    def _trouble_words(self, trouble: Trouble) -> str:
        for key in (f"{trouble.part}_{trouble.state}", f"printer_{trouble.state}", trouble.part, "other"):
            if self.texts.has(self.language, f"trouble.{key}"):
                return self.say(f"trouble.{key}")
        return self.say("trouble.other")


def _running(length: timedelta) -> str:
    seconds = max(0, int(length.total_seconds()))
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60:02d}:{rest % 60:02d}"


def _minutes(length: timedelta) -> int:
    return max(0, int(length.total_seconds()) // 60)


def _short_name(name: str) -> str:
    first, _, rest = name.partition(" ")
    return f"{first[:1]}. {rest}" if rest else name


def _code(code: str | None) -> str:
    if code is None:
        return "–"
    try:
        parsed = parse_scan(code)
    except MalformedCode:
        return code
    return getattr(parsed, "shown", code)
