"""The clerks' list on paper: tickets that a kiosk gave without the server, so that no counter sees them yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from printers.slip import MOST_ROWS, Slip
from printers.ticket import sentences


@dataclass(frozen=True)
class AloneRow:
    """A ticket of the list: its number, when it was given, and the booked hour if there is one."""

    number: str
    given_at: datetime
    appointment_at: datetime | None = None


def alone_list_slips(
    rows: Sequence[AloneRow], office: str, at: datetime, language: str, zone: ZoneInfo
) -> list[Slip]:
    """Set the list as slips in the office's language, the hour of the list large; none where there is no ticket.

    Each row has the number, and the hour at which it was given; behind it stands a booked hour in brackets.
    """
    say = partial(sentences().say, language)

    def hour(of: datetime) -> str:
        return f"{of.astimezone(zone):%H:%M}"

    def row(ticket: AloneRow) -> tuple[str, str]:
        booked = f" ({hour(ticket.appointment_at)})" if ticket.appointment_at else ""
        return ticket.number, hour(ticket.given_at) + booked

    head = ("", f"{say('issued')} ({say('appointment_at')})")
    pages = [rows[first : first + MOST_ROWS - 1] for first in range(0, len(rows), MOST_ROWS - 1)]
    return [
        Slip(
            number=hour(at),
            office=office,
            service=say("alone_list"),
            rows=(head, *(row(ticket) for ticket in page)),
            lines=(f"{place} / {len(pages)}",) if len(pages) > 1 else (),
            direction="rtl" if say("direction") == "rtl" else "ltr",
            number_size="small",
        )
        for place, page in enumerate(pages, 1)
    ]
