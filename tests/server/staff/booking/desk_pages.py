"""The pages of the desks, each with something on it."""

from __future__ import annotations

from datetime import timedelta

from tests.server.sample_office import SampleOffice
from tests.server.staff.booking.scene import DAY, DESK, TOMORROW_TEN, VERIFICATION, Scene


def addresses(office: SampleOffice) -> dict[str, str]:
    """Fill the office and return the addresses of the pages by names."""
    scene = Scene(office)
    scene.rule(ask_legal_stay=False, most_children=2)
    question = {"key": "case", "label": {"pl": "Numer sprawy", "en": "Case number"}}
    scene.rule("K", verification_required=True, questions=[question])
    booked = scene.book(children=[{"name": "Ola Kowalska", "birth_year": 2019}])
    for place in range(6):
        scene.book(
            hour=TOMORROW_TEN + timedelta(minutes=30 * place),
            name=f"Jan Nowak-{'ABCDEF'[place]}owski",
            birth_date=f"198{place}-01-01",
            document=f"ZZ {place}000",
        )
    pending = scene.book("K")
    gone = scene.book(name="Ewa Odwołana", birth_date="1970-01-01", document="EE 1")
    office.set_reservation(gone, status="cancelled", ended_at=office.clock.now(), reason="visitor_asked")
    return {
        "day": f"{DESK}?day={DAY}",
        "empty": f"{DESK}?day=2026-12-20",
        "card": f"{DESK}/{booked}",
        "card-pending": f"{DESK}/{pending}",
        "card-cancelled": f"{DESK}/{gone}",
        "contact": f"{DESK}/{booked}/contact",
        "move": f"{DESK}/{booked}/move",
        "new-service": f"{DESK}/new",
        "new": f"{DESK}/new?service=L",
        "suspicious": f"{DESK}/suspicious",
        "import": f"{DESK}/import",
        "close": f"{DESK}/close?day={DAY}",
        "verification": VERIFICATION,
        "verification-deadline": f"{VERIFICATION}?order=deadline",
        "print": f"{DESK}/print?day={DAY}",
    }
