"""The command line of the room: print a test slip, ask a printer how it is, run a virtual one."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from printers import JobState, PrinterSettings, SettingsError, Slip, SlipError, Spooler, open_printer
from printers.devices import AddressError, LinkError, open_link
from printers.session import Session
from printers.settings import TextKind

if TYPE_CHECKING:
    from PIL import Image

TEST_SLIP = Slip(
    number="P042",
    office="Numerek",
    hall="Test · Próba · Проба · Thử · تجربة · ტესტი",
    service="ąćęłńóśźż – їєґ – ướễ – سلام – ქართული",
    rows=(
        ("Wizyta", "10:00"),
        ("Візит", "10:00"),
        ("Giờ hẹn", "10:00"),
        ("الموعد", "10:00"),
        ("ვიზიტი", "10:00"),
    ),
    prepare="Every letter stands whole, both rules run from edge to edge, and a phone reads the code.",
    qr="https://example.org/t/test",
    qr_caption="https://example.org/t/test",
)
OWN_LETTERS_SLIP = Slip(
    number="P043",
    office="Numerek",
    service="Zażółć gęślą jaźń – ĄĆĘŁŃÓŚŹŻ",
    rows=(("Wizyta", "10:00"), ("Visit", "10:00")),
    prepare="These are the printer's own letters. Where one is wrong or missing, set text to raster.",
)


def main(arguments: list[str] | None = None) -> int:
    """Run a command; return 0 when all is well, 1 for a printer in trouble, 2 for a wrong call."""
    chosen = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO if chosen.verbose else logging.WARNING, format="%(message)s")
    try:
        return int(chosen.run(chosen))
    except (AddressError, SettingsError, SlipError) as error:
        print(error, file=sys.stderr)
        return 2
    except (LinkError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="numerek printer", description=__doc__)
    parser.add_argument("--verbose", action="store_true", help="say every change")
    commands = parser.add_subparsers(required=True, metavar="test|status|virtual")
    test = commands.add_parser("test", help="print a test slip")
    status = commands.add_parser("status", help="ask the printer how it is")
    for command in (test, status):
        command.add_argument(
            "--device", required=True, help="tcp://host:9100, serial:///dev/ttyUSB0, usb://..."
        )
        command.add_argument("--profile", default="default", help="a python-escpos profile")
        command.add_argument("--width", type=int, default=0, help="dots; 576 is 80 mm, 384 is 58 mm paper")
    test.add_argument(
        "--text", choices=get_args(TextKind), default="auto", help="letters of the printer's own, or drawn"
    )
    test.add_argument("--slip", type=Path, help="a slip as JSON in place of the test slip")
    test.add_argument("--png", type=Path, help="keep what is printed as a picture, too")
    test.set_defaults(run=_test)
    status.set_defaults(run=_status, text="auto")
    virtual = commands.add_parser("virtual", help="run a printer without hardware")
    virtual.add_argument("--port", type=int, default=9100, help="0: any free one")
    virtual.add_argument("--control", type=int, help="also take command lines on this port")
    virtual.add_argument("--out", type=Path, default=Path("slips"), help="folder for PNG and .escpos files")
    virtual.add_argument("--width", type=int, default=576, help="dots")
    virtual.add_argument("--profile", default="default", help="the model that it is")
    virtual.set_defaults(run=_virtual)
    return parser


def _settings(chosen: argparse.Namespace) -> PrinterSettings:
    return PrinterSettings(chosen.device, profile=chosen.profile, width_dots=chosen.width, text=chosen.text)


def _test(chosen: argparse.Namespace) -> int:
    """Print a slip; behind the test slip, which is drawn, one in the printer's own letters if it has any."""
    from printers.encode import own_page

    settings = _settings(chosen)
    slips = [Slip.from_json(chosen.slip.read_text("utf-8"))] if chosen.slip else [TEST_SLIP]
    if not chosen.slip and own_page(OWN_LETTERS_SLIP, settings):
        slips.append(OWN_LETTERS_SLIP)
    if chosen.png:
        _picture(slips, settings).save(chosen.png)
    spooler = open_printer(settings)
    try:
        return max([_print(spooler, slip, settings) for slip in slips])
    finally:
        spooler.close()


def _print(spooler: Spooler, slip: Slip, settings: PrinterSettings) -> int:
    from printers.encode import own_page

    job = spooler.print(slip)
    state = job.wait(settings.start_seconds + 2 * settings.job_seconds)
    page = own_page(slip, settings)
    kind = f"its own letters ({page})" if page else "drawn"
    print(f"{slip.number}, {kind}: {state}: {job.detail or spooler.model or 'the slip went out'}")
    return 0 if state in (JobState.CONFIRMED, JobState.ASSUMED) else 1


def _picture(slips: list[Slip], settings: PrinterSettings) -> Image.Image:
    """Return what a printer makes of the slips, one under the other."""
    from PIL import Image

    from printers.encode import encode, width_dots
    from printers.virtual.paper import slips as printed

    width = width_dots(settings)
    jobs = [printed(encode(slip, settings), width, settings.profile) for slip in slips]
    papers = [paper for job in jobs for paper in job]
    picture = Image.new("1", (width, sum(paper.height for paper in papers)), 255)
    top = 0
    for paper in papers:
        picture.paste(paper, (0, top))
        top += paper.height
    return picture


def _status(chosen: argparse.Namespace) -> int:
    settings = _settings(chosen)
    session = Session(open_link(settings.device, settings.start_seconds), settings)
    try:
        state = session.check()
    finally:
        session.close()
    print(f"{state}{f' ({session.model})' if session.model else ''}")
    return 0 if state.can_print else 1


def _virtual(chosen: argparse.Namespace) -> int:
    from printers.profiles import check
    from printers.virtual import VirtualPrinter
    from printers.virtual.console import HELP, ControlPort, obey

    check(chosen.profile)
    model = {} if chosen.profile == "default" else {"model": chosen.profile}
    with VirtualPrinter(
        chosen.port, chosen.out, width=chosen.width, profile=chosen.profile, **model
    ) as printer:
        print(f"virtual printer on {printer.address}, slips go to {chosen.out}", flush=True)
        control = ControlPort(printer, chosen.control) if chosen.control is not None else None
        print(f"control port {control.port}: {HELP}" if control else HELP, flush=True)
        for line in sys.stdin:
            print(obey(printer, line), flush=True)
        # Without a terminal, as a service, the input is at its end at once.
        printer.wait()
    return 0


if __name__ == "__main__":
    # A shell starts what it puts into the background with SIGINT ignored, and Python leaves that as it is.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    sys.exit(main())
