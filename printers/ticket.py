"""A ticket as a slip: what an office rules of its slips, and the words of each language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from printers.slip import MOST_ROWS, NumberSize, Slip
from wire.sentences import Sentences, comma

ROWS = ("appointment_at", "issued", "ahead", "expected")
# Beside these a printer's own free lines must find room.
MOST_FOOT_LINES = MOST_ROWS // 2
_FOLDER = Path(__file__).resolve().parent / "texts"


@dataclass(frozen=True)
class SlipLayout:
    """What an office rules of its slips; texts by language, rows in their order, `cut` None: as is set there."""

    office: Mapping[str, str] = field(default_factory=dict)
    number_size: NumberSize = "usual"
    rows: tuple[str, ...] = ROWS
    hall: bool = True
    service: bool = True
    to_bring: bool = True
    qr: bool = True
    footer: Mapping[str, str] = field(default_factory=dict)
    logo: bool = True
    mark_copies: bool = True
    cut: Literal["full", "part", "none"] | None = None


@dataclass(frozen=True)
class Ticket:
    """What a slip may tell of a ticket; `is_alone`: the kiosk gave it without the server."""

    number: str
    office: str
    hall: str
    service: str
    issued_at: datetime
    prepare: str = ""
    appointment_at: datetime | None = None
    people_ahead: int | None = None
    expected_from: datetime | None = None
    expected_until: datetime | None = None
    not_today: bool = False
    track_url: str = ""
    is_copy: bool = False
    is_alone: bool = False


def languages() -> tuple[str, ...]:
    """List the languages that slips have words in."""
    return tuple(sentences().languages)


@cache
def sentences() -> Sentences:
    """Return what slips say, in all languages."""
    return Sentences(_FOLDER)


def ticket_slip(ticket: Ticket, layout: SlipLayout, language: str, zone: ZoneInfo) -> Slip:
    """Set a ticket as a slip in a language, with hours by the clock of the office (rules.md 20)."""
    say = partial(sentences().say, language)
    found = _rows(ticket, say, zone)
    follows = layout.qr and bool(ticket.track_url)
    alone = (
        (f"{say('alone')}{comma(language)}{ticket.issued_at.astimezone(zone):%H:%M}",)
        if ticket.is_alone
        else ()
    )
    return Slip(
        number=ticket.number,
        office=layout.office.get(language) or ticket.office,
        hall=ticket.hall if layout.hall else "",
        service=ticket.service if layout.service else "",
        rows=tuple(found[name] for name in layout.rows if name in found),
        prepare=say("prepare", things=ticket.prepare) if layout.to_bring and ticket.prepare else "",
        qr=ticket.track_url if follows else "",
        qr_caption=say("follow") if follows else "",
        lines=(*alone, *layout.footer.get(language, "").splitlines())[:MOST_FOOT_LINES],
        copy_mark=say("copy") if ticket.is_copy and layout.mark_copies else None,
        direction="rtl" if say("direction") == "rtl" else "ltr",
        number_size=layout.number_size,
        cut=layout.cut,
        no_logo=not layout.logo,
    )


def _rows(ticket: Ticket, say: Callable[[str], str], zone: ZoneInfo) -> dict[str, tuple[str, str]]:
    """Return the rows that a ticket has, by their names."""

    def hour(at: datetime) -> str:
        return f"{at.astimezone(zone):%H:%M}"

    issued = f"{ticket.issued_at.astimezone(zone).strftime(say('day'))} {hour(ticket.issued_at)}"
    found = {"issued": (say("issued"), issued)}
    if ticket.appointment_at is not None:
        found["appointment_at"] = (say("appointment_at"), hour(ticket.appointment_at))
    if ticket.people_ahead is not None:
        found["ahead"] = (say("ahead"), str(ticket.people_ahead))
    if ticket.expected_from is not None and ticket.expected_until is not None:
        hours = list(dict.fromkeys((hour(ticket.expected_from), hour(ticket.expected_until))))
        if say("direction") == "rtl":
            hours.reverse()  # digits are set from left to right, and the first hour is read first
        found["expected"] = (say("expected"), "–".join(hours))
    elif ticket.not_today:
        found["expected"] = (say("call"), say("not_today"))
    return found
