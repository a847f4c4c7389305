"""The first screens: with or without a reservation, and the code."""

from __future__ import annotations

import math
from collections.abc import Hashable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QWidget

from kiosk.screens.icons import Icon, QrCode
from kiosk.screens.lens import HINTS, Lens, LensView
from kiosk.screens.look import Look, short_time
from kiosk.screens.page import Page, Seen
from kiosk.screens.parts import BOLD, DEMI, NORMAL, Card, Ink, Tile, Words, key, offer_tile
from kiosk.visit.events import Digit, Press
from kiosk.visit.screens import CodeEntry, Mistake, Screen, Start
from kiosk.visit.surroundings import Surroundings, is_open
from wire.sentences import comma

GROUPS = (3, 6)
DIGITS = 9
MOST_CALLED = 2
HALL_CODE, WIDE_HALL_CODE = 210, 330
# Stands for an address until there is one: its code is as large.
_AS_LONG = "https://numerek.example.pl/w/ff-1c8a3b2-0123456789abcdefghijkl"


class StartPage(Page):
    """With a reservation or without."""

    caption = "caption.start"

    def build(self, seen: Seen) -> None:
        """Show the two ways in, and the rule that costs people their visit when they miss it."""
        assert isinstance(seen.screen, Start)
        around = seen.screen.around
        self.title(self.say("start.title"))
        if around.alone:
            self.news.append(self.words(self.told, self.say("start.alone"), Ink(34, DEMI, "ink_soft")))
        for number, counter in around.called[:MOST_CALLED]:
            called = self.say("start.called_alone", number=number, counter=counter)
            self.news.append(self.words(self.told, called, Ink(40, BOLD)))
        have = [self.say("start.have_code"), self.say("start.have_code_more")]
        self.add(offer_tile(self.look, "primary", Press.RESERVATION, have, "scan"))
        walk_in = [self.say("start.walk_in"), *_walk_in_lines(self.look, around)]
        self.add(offer_tile(self.look, "plain", Press.WALK_IN, walk_in, "ticket"))
        lead = Lead(self.look, self.look.say_count("start.lead", around.office.check_in_lead_minutes))
        self.has_foot = True
        if self.look.is_wide:
            self.done.addStretch()
        self.done.addWidget(lead)
        if around.hall_code is not None:
            self._add_hall_code()

    def _add_hall_code(self) -> None:
        """Add the code for phones in a quiet corner; its place stays the same while there is none."""
        corner = HallCode(self.look, self.say("start.paperless"))
        if self.look.is_wide:
            self.told.addStretch(1)
            self.told.addWidget(corner)
        else:
            self.done.addWidget(corner)
        self.refreshers.append(lambda seen: corner.show_address(seen.screen.around.hall_code or ""))


def _walk_in_lines(look: Look, around: Surroundings) -> list[str]:
    """Name the services without a reservation, and how long people wait for them."""
    offers = [offer for offer in around.offers if is_open(offer)]
    if not offers:
        return [look.say("start.no_walk_in")] if around.offers else []
    lines = [comma(look.language).join(look.service_name(offer) for offer in offers)]
    waits = [offer.wait_minutes for offer in offers if offer.wait_minutes is not None]
    if waits and not any(waits):
        lines.append(look.say("start.now"))
    elif waits and min(waits) == max(waits):
        lines.append(look.say("start.wait", minutes=waits[0]))
    elif waits:
        lines.append(look.say("start.wait_range", least=min(waits), most=max(waits)))
    return lines


class HallCode(QWidget):
    """A small QR that leads a phone to a ticket without paper, and one line that says so."""

    def __init__(self, look: Look, text: str) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.px(28))
        self.code = QrCode(look, _AS_LONG, WIDE_HALL_CODE if look.is_wide else HALL_CODE)
        row.addWidget(self.code)
        row.addWidget(Words(look, text, Ink(34, NORMAL, "ink_soft")), 1)
        policy = self.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)

    def show_address(self, address: str) -> None:
        """Show the code of an address, or nothing."""
        if address and address != self.code.text:
            self.code.show_text(address)
        self.setVisible(bool(address))


class Lead(QWidget):
    """A rule set apart by a bar at its edge; its one bold word comes from the texts, never from outside."""

    def __init__(self, look: Look, text: str) -> None:
        super().__init__()
        self._look = look
        row = QHBoxLayout(self)
        row.setContentsMargins(0, look.px(8), 0, look.px(8))
        row.addSpacing(look.px(36))  # for the bar, on the side where lines begin
        row.addWidget(Words(look, text, Ink(34, NORMAL, "ink_soft"), markup=True))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bar."""
        bar = self._look.px(8)
        left = 0 if self.isLeftToRight() else self.width() - bar
        QPainter(self).fillRect(left, 0, bar, self.height(), self._look.color("primary"))


class Boxes(QLabel):
    """Nine boxes for the digits, in threes; the next one is marked."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.digits = ""
        self.is_wrong = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return a row as high as a key, and never less than its digits need: letters have a least size."""
        least = QFontMetricsF(self._look.font(64, BOLD)).capHeight() * 1.6 + 8
        return QSize(self._look.px(700), max(self._look.px(126), math.ceil(least)))

    def fields(self) -> list[QRectF]:
        """Return where the boxes are."""
        gap, dash = self._look.px(12), self._look.px(34)
        wide = (self.width() - gap * (DIGITS - 1 - len(GROUPS)) - dash * len(GROUPS)) / DIGITS
        fields, x = [], 0.0
        for place in range(DIGITS):
            x += 0 if place == 0 else dash if place in GROUPS else gap
            fields.append(QRectF(x, 0, wide, self.height()).adjusted(4, 4, -4, -4))
            x += wide
        return fields

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw boxes, digits and dashes; digits run from left to right in every script."""
        look, painter = self._look, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(look.font(64, BOLD))
        radius, fields = look.px(18), self.fields()
        for place, field in enumerate(fields):
            is_next = place == len(self.digits)
            tint = "bad" if self.is_wrong else "primary" if place <= len(self.digits) else "line"
            painter.setPen(QPen(look.color(tint), look.px(7 if is_next else 4)))
            painter.setBrush(look.color("paper"))
            painter.drawRoundedRect(field, radius, radius)
            if place < len(self.digits):
                painter.setPen(look.color("ink"))
                painter.drawText(field, Qt.AlignmentFlag.AlignCenter, self.digits[place])
            if place in GROUPS:
                middle = (fields[place - 1].right() + field.left()) / 2
                half, thick = look.px(7), look.px(7)
                y = self.height() / 2 - thick / 2
                painter.fillRect(QRectF(middle - half, y, 2 * half, thick), look.color("ink_soft"))
        painter.end()


class CodePage(Page):
    """The scanner, or nine digits."""

    caption = "caption.code"

    @classmethod
    def key(cls, screen: Screen) -> Hashable:
        """Build anew for another service or office only: the digits move within the page."""
        assert isinstance(screen, CodeEntry)
        return (screen.service, screen.around.office)

    def build(self, seen: Seen) -> None:
        """Show how to scan, the boxes, and the keypad."""
        assert isinstance(seen.screen, CodeEntry)
        around = seen.screen.around
        self.title(self.say("code.title"))
        if seen.screen.service:
            name = self.look.service_name(around.offer(seen.screen.service), seen.screen.service)
            self.words(self.told, self.say("code.service", service=name), Ink(34, DEMI, "ink_soft"))
        self._add_scanner(seen.lens)
        self.boxes = Boxes(self.look)
        beside_keys = self.told if self.look.is_wide else self.done
        beside_keys.addWidget(self.boxes)
        self.notice = self.words(beside_keys, "", Ink(30, DEMI, "bad"))
        self.news.append(self.notice)
        self.notice.setMinimumHeight(self.look.px(2.5 * 30 * self.look.letters))
        self._add_keypad()
        counter = around.office.help_counter
        line = self.say("code.no_code", counter=counter) if counter else self.say("code.no_code_no_counter")
        self.foot(line)
        self.refreshers.append(self._show_code)

    def _add_scanner(self, lens: Lens | None) -> None:
        """Say how to scan; before a camera people see themselves, and whether the code was seen."""
        card, row = Card(self.look), QHBoxLayout()
        row.setSpacing(self.look.px(36))
        card.lines.addLayout(row)
        if lens is None:
            row.addWidget(Icon(self.look, "scan", 130, "primary", "mist"))
            row.addWidget(Words(self.look, self.say("code.scan"), Ink(34)), 1)
        else:
            view, hint = LensView(self.look, lens), Words(self.look, "", Ink(34, DEMI, "primary"))
            # Its room is there before it is: nothing moves while somebody aims.
            for key in HINTS.values():
                hint.setText(self.say(key))
                hint.setMinimumHeight(max(hint.minimumHeight(), hint.heightForWidth(self.look.px(800))))
            hint.setText("")
            view.answered.connect(lambda key: hint.setText(self.say(key) if key else ""))
            row.addWidget(view)
            row.addWidget(Words(self.look, self.say("lens.how"), Ink(34)), 1)
            card.lines.addWidget(hint)
        self.told.addWidget(card)

    def _add_keypad(self) -> None:
        pad = QWidget()
        pad.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # as on every telephone, in every script
        grid = QGridLayout(pad)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(self.look.gap_px(20))
        keys = [key(self.look, digit, Digit(digit), step=64) for digit in "123456789"]
        keys.append(key(self.look, self.say("code.erase"), Press.ERASE, step=40, icon="erase"))
        keys.append(key(self.look, "0", Digit("0"), step=64))
        keys.append(key(self.look, self.say("code.next"), Press.NEXT, "primary", step=40))
        for place, tile in enumerate(keys):
            tile.setMinimumHeight(self.look.key_px(140))
            grid.addWidget(self.touch(tile), place // 3, place % 3)
            grid.setColumnStretch(place % 3, 1)
        self.keys: list[Tile] = keys
        self.done.addWidget(pad)

    def _show_code(self, seen: Seen) -> None:
        screen = seen.screen
        assert isinstance(screen, CodeEntry)
        paused_s = screen.around.typing_paused_s
        self.boxes.digits, self.boxes.is_wrong = screen.digits, screen.mistake is Mistake.MISTYPED
        self.boxes.setAccessibleName(self.say("code.boxes", digits=" ".join(screen.digits)))
        self.boxes.update()
        for tile in self.keys:
            tile.setEnabled(not paused_s)
        self.notice.setText(_notice(self.look, screen))


def _notice(look: Look, screen: CodeEntry) -> str:
    if screen.around.typing_paused_s:
        return look.say("code.paused", time=short_time(screen.around.typing_paused_s))
    if screen.mistake is Mistake.MISTYPED:
        return look.say("code.mistyped")
    if screen.mistake is Mistake.INCOMPLETE:
        return look.say("code.incomplete", missing=DIGITS - len(screen.digits))
    return ""
