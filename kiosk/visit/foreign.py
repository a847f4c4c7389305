"""What a code is that is not ours, told by the form of its text alone, so that the visitor hears a kind word."""

from __future__ import annotations

import re
from enum import StrEnum


class Foreign(StrEnum):
    """Kinds of codes that people hold up by mistake; the value names the kiosk's sentence about them."""

    IDENTITY_DOCUMENT = "identity_document"
    PAYMENT = "payment"
    HEALTH_CERTIFICATE = "health_certificate"
    TRAVEL_TICKET = "travel_ticket"
    WEB_LINK = "web_link"
    OTHER = "other"


# How the texts of each kind begin, line ends taken out and letters made capital. The first kind that fits counts.
_FORMS = tuple(
    (kind, re.compile(form))
    for kind, form in (
        # ICAO 9303: the lines of a machine-readable zone have 30, 36 or 44 of these characters, filled up with <.
        (Foreign.IDENTITY_DOCUMENT, r"(?=.{0,43}<)[A-Z0-9<]{30,132}$"),
        # The European payment code, the Polish and the Swiss one, EMVCo's, Russia's, and Ukraine's.
        (Foreign.PAYMENT, r"BCD00[12]|\d{0,10}\|[A-Z]{2}\|\d{10,26}\||SPC0[12]00|000201|ST0001[12]\|"),
        (Foreign.PAYMENT, r"HTTPS://(BANK\.GOV\.UA|QR\.BANK\.GOV\.UA)/|BITCOIN:"),
        (Foreign.HEALTH_CERTIFICATE, r"HC1:|SHC:/"),
        # IATA Resolution 792 (a boarding pass) and UIC 918.3 (a railway ticket).
        (Foreign.TRAVEL_TICKET, r"M[1-9][A-Z][A-Z /'-]{19}[E ].{7}[A-Z]{6}|#UT0[12]"),
        (Foreign.WEB_LINK, r"HTTPS?:|WWW\."),
    )
)
_LINE_ENDS = re.compile(r"[\r\n]")
# No form looks further.
_MOST = 256


def kind_of(text: str) -> Foreign:
    """Return what a text is that is no code of ours: by its form, of whatever length and characters."""
    line = _LINE_ENDS.sub("", text[:_MOST]).strip().upper()
    return next((kind for kind, form in _FORMS if form.match(line)), Foreign.OTHER)
