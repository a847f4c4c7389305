"""The story's beginning: a visitor books on the web, and is the first to come to the kiosk."""

from __future__ import annotations

import zxingcpp
from PIL import Image

from deploy.demo.offscreen.phone import NARROW, WIDE
from deploy.demo.offscreen.record import Record
from deploy.demo.offscreen.stage import Stage
from deploy.demo.offscreen.waiting import NotSeen

_ADDRESS = "olena.kovalenko@example.org"
_SERVICE = "wroclaw/N"


def chooses(stage: Stage, record: Record) -> None:
    """On the web, with a phone: from the start page to a service, a day and an hour."""
    phone = stage.phone
    phone.open("/pl/")
    record.page(phone.page, "web-start")
    phone.follow("/services")
    phone.follow(f"/services/{_SERVICE}")
    record.page(phone.page, "web-service")
    phone.follow(f"/book/{_SERVICE}")
    record.page(phone.page, "web-calendar")
    with phone.page.expect_navigation():
        phone.page.locator("main table a").first.click()
    record.page(phone.page, "web-hours")


def books(stage: Stage, record: Record) -> None:
    """Details, a look at all of it, and the code from the letter: the visit is booked, its QR on the phone."""
    phone = stage.phone
    # Not the first hour: while the forms are filled in, its lead time may run out.
    phone.page.locator("main input[name=hour]").nth(1).check()
    phone.send()
    phone.must_be_at("/details")
    phone.fill(given_names="Olena", surname="Kovalenko", document="FA1002003")
    phone.fill_date("birth_date", "3", "4", "1988")
    record.page(phone.page, "web-details")
    phone.send()
    phone.must_be_at("/contact")
    phone.fill(email=_ADDRESS)
    phone.send()
    phone.must_be_at("/check")
    record.page(phone.page, "web-check")
    phone.send()
    phone.must_be_at("/activate")
    phone.fill(code=phone.letter(_ADDRESS, r"\b(\d{3} ?\d{3})\b"))
    record.page(phone.page, "web-activation")
    phone.send()
    with Image.open(record.page(phone.page, "web-confirmation")) as page:
        codes = [code.text for code in zxingcpp.read_barcodes(page) if code.text.startswith("NQ1:")]
    if len(codes) != 1:
        raise NotSeen(f"the confirmation has one QR that a reader reads, not {len(codes)}")
    stage.booked_qr = codes[0]
    record.say("booked: the QR of this page is the one that the kiosk will see")


def looks_at_a_draw(stage: Stage, record: Record) -> None:
    """The last draw: its result stands there for all, and what is needed to compute it again."""
    phone = stage.phone
    record.page(phone.open("/pl/draws"), "web-draws")
    phone.hold(WIDE)
    phone.follow("#again")
    record.page(phone.page, "web-draw-result-wide")
    phone.hold(NARROW)


def reads_on_a_wide_screen(stage: Stage, record: Record) -> None:
    """The same pages on a wide screen, and in Ukrainian on the phone."""
    phone = stage.phone
    record.page(phone.open("/uk/services/wroclaw/L"), "web-service-uk")
    phone.hold(WIDE)
    record.page(phone.open("/pl/"), "web-start-wide")
    record.page(phone.open(f"/pl/book/{_SERVICE}"), "web-calendar-wide")
    phone.hold(NARROW)


STEPS = (chooses, books, looks_at_a_draw, reads_on_a_wide_screen)
