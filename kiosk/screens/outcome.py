"""How a visit at the kiosk ends: the number, or why there is none and what to do."""

from __future__ import annotations

from datetime import timedelta

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout

from kiosk.screens.icons import Icon, QrCode
from kiosk.screens.look import Look, keep_together, short_time
from kiosk.screens.page import Page, Seen
from kiosk.screens.parts import (
    BOLD,
    DEMI,
    NORMAL,
    RIGHT,
    Card,
    Ink,
    Line,
    Number,
    Words,
    fact_cell,
    fact_row,
    key,
)
from kiosk.visit.events import Press
from kiosk.visit.refusals import MALFORMED, NOT_KNOWN_HERE, PAUSED, PRESS_OF, ways_on
from kiosk.visit.screens import Refused, Screen, SlipState, TicketShown
from wire.messages import Ticket
from wire.vocabulary import Refusal, TicketStatus

ROWS: dict[str, tuple[str, ...]] = {
    Refusal.OTHER_BRANCH: ("branch", "day"),
    Refusal.OTHER_DAY: ("appointment_at", "service"),
    Refusal.TOO_EARLY: ("appointment_at", "check_in_from", "now"),
    Refusal.TOO_LATE: ("appointment_at", "check_in_until", "now"),
    Refusal.LAPSED: ("appointment_at", "check_in_until", "now"),
    Refusal.OTHER_SERVICE: ("service", "appointment_at"),
    Refusal.SERVICE_STOPPED: ("service", "appointment_at"),
    Refusal.CLOSED: ("service", "opens_at", "now"),
    Refusal.NOT_OFFERED: ("service",),
    Refusal.LIMIT_REACHED: ("service",),
    Refusal.UNLIKELY_TODAY: ("service",),
    Refusal.CANCELLED: ("appointment_at",),
    Refusal.REJECTED: ("appointment_at",),
    Refusal.NOT_VERIFIED: ("appointment_at",),
    Refusal.TICKET_NO_SHOW: ("number", "called_at", "now"),
    Refusal.TICKET_FINISHED: ("number", "finished_at"),
    Refusal.TICKET_WITHDRAWN: ("number",),
    NOT_KNOWN_HERE: ("listed_at",),
}


# What nobody at this kiosk can mend any more.
FINAL = frozenset(
    {
        *(Refusal.CANCELLED, Refusal.REJECTED, Refusal.TOO_LATE, Refusal.LAPSED),
        Refusal.SERVICE_STOPPED,
        *(Refusal.TICKET_NO_SHOW, Refusal.TICKET_FINISHED, Refusal.TICKET_WITHDRAWN),
    }
)
TIMED = frozenset({Refusal.TOO_EARLY, Refusal.OTHER_DAY, Refusal.CLOSED, PAUSED})


class TicketPage(Page):
    """The number, huge; it stands whatever the printer does."""

    ground = "ok_paper"
    has_header = False
    lowers_answers = False

    def build(self, seen: Seen) -> None:
        """Show number, facts, what happens with the paper, and the code for the phone."""
        screen, look = seen.screen, self.look
        assert isinstance(screen, TicketShown)
        is_trouble = screen.slip is SlipState.TROUBLE
        centre = Qt.AlignmentFlag.AlignHCenter
        self.told.addWidget(Icon(look, "check", 130, "paper", "ok", disc=True), 0, centre)
        self.words(self.told, self.say("ticket.title"), Ink(64, BOLD), centred=True)
        self.told.addWidget(Number(look, screen.ticket.number))
        is_called = screen.ticket.status == TicketStatus.CALLED and screen.ticket.counter is not None
        if is_called:
            go = self.say("ticket.go_now", counter=screen.ticket.counter)
            self.words(self.told, go, Ink(50, BOLD), centred=True)
        elif screen.reinstated:
            self.words(self.told, self.say("ticket.reinstated"), Ink(34, DEMI), centred=True)
        elif screen.repeat:
            hour = look.hour(screen.ticket.issued_at)
            self.words(self.told, self.say("ticket.repeat", hour=hour), Ink(34, DEMI), centred=True)
        elif screen.alone and not is_trouble:
            hour = look.hour(screen.ticket.issued_at)
            self.words(self.told, self.say("ticket.alone", hour=hour), Ink(34, DEMI), centred=True)
        self.done.addWidget(_ticket_card(look, screen.ticket, seen))
        ink = Ink(40, DEMI, "bad") if is_trouble else Ink(40)
        is_in_vain = screen.ticket.not_today and screen.slip is SlipState.PRINTED
        advice = self.say("ticket.ask_staff" if is_in_vain else f"ticket.{screen.slip}")
        if screen.elsewhere and not is_trouble and not is_in_vain:
            advice = self.say("ticket.other_printer")
        if is_trouble and screen.alone:
            advice = self.say("ticket.alone_trouble", hour=look.hour(screen.ticket.issued_at))
        if is_trouble or not is_called:
            self.news.append(self.words(self.done, advice, ink, centred=True))
        if screen.ticket.track_url:
            self.done.addWidget(QrCode(look, screen.ticket.track_url, 290), 0, centre)
            self.words(self.done, self.say("ticket.follow"), Ink(30, tint="ink_soft"), centred=True)
        self.done.addStretch()
        if is_trouble:
            self.add(key(look, self.say("ticket.copy"), Press.COPY, "outline", step=40))
        self.add(key(look, self.say("ticket.finish"), Press.HOME, "ok", step=50))


def _ticket_card(look: Look, ticket: Ticket, seen: Seen) -> Card:
    card = Card(look)
    facts = [("service", keep_together(ticket.service.name))]
    if ticket.appointment_at:
        facts.append(("appointment_at", look.moment(ticket.appointment_at, seen.now)))
    if ticket.people_ahead is not None:
        facts.append(("ahead", look.say_count("ticket.people", ticket.people_ahead)))
    if ticket.expected_from and ticket.expected_until:
        facts.append(("expected", look.span(ticket.expected_from, ticket.expected_until)))
    elif ticket.not_today:
        facts.append(("expected", look.say("ticket.not_today")))
    if len(facts) % 2:
        facts.append(("issued", look.hour(ticket.issued_at)))
    grid = QGridLayout()
    grid.setHorizontalSpacing(look.px(36))
    grid.setVerticalSpacing(look.px(20))
    for place, (name, value) in enumerate(facts):
        grid.addLayout(fact_cell(look, look.say(f"ticket.{name}"), value), place // 2, place % 2)
        grid.setColumnStretch(place % 2, 1)
    card.lines.addLayout(grid)
    return card


class RefusedPage(Page):
    """Why there is no ticket: what happened, the facts, and what can be done next.

    Red with a cross is for what cannot be mended here; all else is calm, and the way on is the largest thing.
    """

    has_header = False

    @classmethod
    def ground_of(cls, screen: Screen) -> str:
        """Return red for what is final."""
        is_final = isinstance(screen, Refused) and screen.reason in FINAL and not screen.shows_booking_qr
        return "bad_paper" if is_final else "mist"

    def build(self, seen: Seen) -> None:
        """Show the reason, its facts, and a tile for each thing that can be done here now."""
        screen, look = seen.screen, self.look
        assert isinstance(screen, Refused)
        if screen.shows_booking_qr and screen.around.office.portal_url:
            self._build_booking(screen.around.office.portal_url)
            return
        office = screen.around.office
        is_final, size = screen.reason in FINAL, 130 if look.is_wide else 200
        if is_final:
            self.told.addWidget(Icon(look, "cross", size, "paper", "bad", disc=True))
        else:
            icon = "clock" if screen.reason in TIMED else "info"
            self.told.addWidget(Icon(look, icon, size, "on_deep", "primary", disc=True))
        self.title(self.say(f"refused.{screen.reason}.title"))
        rows = _rows(look, screen, seen)
        if rows:
            self.told.addWidget(_facts_card(look, rows, is_final=is_final))
        if screen.reason == PAUSED:
            self._add_countdown()
        for text in _bodies(look, screen):
            self.words(self.told, text)
        self.words(self.done, self.say("refused.what_next"), Ink(40, DEMI))
        for place, way in enumerate(ways_on(screen)):
            text = self.say(f"refused.way.{way}")
            if place == 0:
                tile = self.add(key(look, text, PRESS_OF[way], "dark" if is_final else "primary", step=50))
            else:
                tile = self.add(key(look, text, PRESS_OF[way], "outline", step=40))
            if not look.is_wide:
                tile.setMinimumHeight(look.px(200 if place == 0 else 150))
        counter = office.help_counter
        helped = (
            self.say("refused.help_counter", counter=counter) if counter else self.say("refused.help_staff")
        )
        if look.is_wide:
            self.foot(helped)
        else:
            self.has_foot = True
            self.words(self.done, helped, Ink(34, NORMAL, "ink_soft"))

    def _build_booking(self, address: str) -> None:
        self.lowers_answers = False
        centre = Qt.AlignmentFlag.AlignHCenter
        if not self.look.is_wide:
            self.told.addSpacing(self.look.px(160))
        self.words(self.told, self.say("refused.booking_title"), Ink(64, BOLD), centred=True)
        self.told.addWidget(QrCode(self.look, address, 620 if self.look.is_wide else 800), 0, centre)
        self.words(self.done, address, Ink(40, DEMI), centred=True)

    def _add_countdown(self) -> None:
        card, time = Card(self.look), Words(self.look, "", Ink(40, BOLD), RIGHT)
        row = QHBoxLayout()
        row.addWidget(Words(self.look, self.say("refused.paused_time"), Ink(40)), 1)
        row.addWidget(time)
        time.setWordWrap(False)
        card.lines.addLayout(row)
        self.told.addWidget(card)
        self.refreshers.append(lambda seen: time.setText(short_time(seen.screen.around.typing_paused_s)))


def lead_minutes(screen: Refused) -> int:
    """Return how long before the visit a ticket had to be taken: what counts for it, or the branch's."""
    hour, until = screen.facts.appointment_at, screen.facts.check_in_until
    told = (hour - until) // timedelta(minutes=1) if hour and until else 0
    return told if told > 0 else screen.around.office.check_in_lead_minutes


def _bodies(look: Look, screen: Refused) -> tuple[str, ...]:
    """Explain a refusal; for a code that is not ours, what it was, then what ours is and where it stands."""
    body = _body(look, screen)
    if screen.reason != MALFORMED:
        return (body,)
    ours = (look.say("refused.malformed_code.body"), look.say("refused.malformed_code.where"))
    return ours if body in ours else (body, *ours)


def _body(look: Look, screen: Refused) -> str:
    """Explain a refusal: in a sentence of its own for a reason that the server told, if there is one."""
    if screen.reason == Refusal.TOO_LATE:
        return look.say_count("refused.too_late.body", lead_minutes(screen))
    own = f"refused.{screen.reason}.{screen.facts.why}"
    has_own = screen.facts.why and look.texts.has(look.language, own)
    return look.say(own if has_own else f"refused.{screen.reason}.body")


def _rows(look: Look, screen: Refused, seen: Seen) -> list[tuple[str, str]]:
    """Return the facts that this reason shows, as far as the server told them: name and value."""
    facts, rows = screen.facts, []
    for name in ROWS.get(screen.reason, ()):
        if name == "now":
            rows.append((name, look.hour(facts.now or seen.now)))
        elif name == "service" and facts.service:
            rows.append((name, look.service_name(screen.around.offer(facts.service), facts.service)))
        elif name == "number" and facts.number:
            rows.append((name, facts.number))
        elif name == "branch" and facts.branch:
            rows.append((name, facts.branch))
        elif name == "day" and facts.day:
            rows.append(("appointment_at", keep_together(look.texts.date(look.language, facts.day))))
        elif name.endswith(("_at", "_from", "_until")) and getattr(facts, name):
            rows.append((name, look.moment(getattr(facts, name), facts.now or seen.now)))
    return rows if rows and rows[0][0] != "now" else []


def _facts_card(look: Look, rows: list[tuple[str, str]], *, is_final: bool) -> Card:
    card = Card(look)
    for place, (name, value) in enumerate(rows):
        if place:
            card.lines.addWidget(Line(look))
        tint = "bad" if name == "now" and is_final else "ink"
        card.lines.addLayout(fact_row(look, look.say(f"refused.fact.{name}"), value, tint))
    return card
