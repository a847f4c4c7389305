"""A slip as a picture for a page: the printers' own layout draws it, the same dots as on paper."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from printers.layout import preview
from printers.ticket import SlipLayout, Ticket, ticket_slip

# Two dots of the printer are shown as one of the screen: nearly as large as on paper.
_DOTS_A_PIXEL = 2


@dataclass(frozen=True, slots=True)
class SlipPicture:
    """A picture by its source, and its size on the screen."""

    source: str
    width: int
    height: int


def draw(ticket: Ticket, layout: SlipLayout, language: str, zone: ZoneInfo, dots: int) -> SlipPicture:
    """Draw the slip of a ticket on a paper that is so many dots wide."""
    picture, kept = preview(ticket_slip(ticket, layout, language, zone), dots), io.BytesIO()
    picture.save(kept, "PNG")
    source = f"data:image/png;base64,{base64.b64encode(kept.getvalue()).decode()}"
    return SlipPicture(source, picture.width // _DOTS_A_PIXEL, picture.height // _DOTS_A_PIXEL)
