"""`python -m tests.journeys.kiosk_in_a_namespace FOLDER URL`: a kiosk that a test works by lines on its input.

Each line is a command, answered by a line of JSON: `ready`; `take CODE`, a visitor who shows a code and takes the
paper; `look`, how it is; `list`, ask for the list; `halt WHAT`, tell `sent` beside that once a path was asked for
that ends so; `forget`, a fault: no key that was asked in vain goes into an entry.
"""

from __future__ import annotations

import json
import select
import sys
from pathlib import Path
from typing import Any

from deploy.demo.folder import DemoFolder
from deploy.demo.offscreen.programs import Kiosk
from deploy.demo.offscreen.waiting import until
from kiosk.visit.screens import Refused, SlipState, TicketShown
from kiosk.visit.steps import plain
from printers.virtual import VirtualPrinter
from terminal.client import Request

PATIENCE_S = 60.0
LINE_PORT = 8765


class ByHand:
    """The kiosk, its printer, and what the test has said of it."""

    def __init__(self, folder: Path, base_url: str) -> None:
        demo = DemoFolder(folder)
        self.printer = VirtualPrinter(folder=demo.slips)
        demo.prepare(base_url, self.printer.address)
        config = demo.config.read_text().replace("[kiosk]\n", f"[kiosk]\nline_port = {LINE_PORT}\n")
        demo.config.write_text(config)
        self.kiosk = Kiosk(demo.config)
        self.presenter = self.kiosk.running.presenter
        self.standby = self.presenter._standby
        self.halts_at = ""
        client, send = self.presenter._client, self.presenter._client.send

        def sent(request: Request, *callbacks: Any) -> Any:
            sending = send(request, *callbacks)
            if self.halts_at and request.path.partition("?")[0].endswith(self.halts_at):
                self.halts_at = ""
                say("sent")
            return sending

        client.send = sent

    def run(self) -> None:
        """Do what is said until there is no more."""
        while True:
            until(lambda: select.select([sys.stdin], [], [], 0)[0], "a command", 600)
            line = sys.stdin.readline().split()
            if not line:
                return
            say(getattr(self, line[0])(*line[1:]))

    def ready(self) -> str:
        """Have it at its start with its server, its paper and its list."""
        until(self._is_heard, "server", PATIENCE_S)
        until(lambda: self.kiosk.running.paper.state.can_print, "printer", PATIENCE_S)
        until(lambda: self.standby.desk.is_open, "list", PATIENCE_S)
        self.kiosk.go_home()
        return "ready"

    def take(self, code: str) -> str | None:
        """Show a code; return the number on the paper, None without one."""
        self.kiosk.enter_code(code)
        until(lambda: isinstance(plain(self.kiosk.screen), TicketShown | Refused), "an answer", PATIENCE_S)
        until(self._is_over, "the slip", PATIENCE_S)
        last = plain(self.kiosk.screen)
        told = last.ticket.number if isinstance(last, TicketShown) else None
        self.kiosk.go_home()
        return told

    def _is_heard(self) -> bool:
        around = self.kiosk.screen.around
        return bool(around.offers) and around.reachable and not around.alone

    def _is_over(self) -> bool:
        screen = plain(self.kiosk.screen)
        return not isinstance(screen, TicketShown) or screen.slip is SlipState.PRINTED

    def look(self) -> dict[str, object]:
        """Tell how it is."""
        pending = self.standby.journal.pending()
        listed = self.standby.desk.listed
        return {
            "alone": self.kiosk.screen.around.alone,
            "unsent": [each.number for each in pending],
            "asked": [each.number for each in pending if each.asked],
            "called": self.kiosk.screen.around.called,
            "listed": listed.made_at.isoformat() if listed else None,
        }

    def list(self) -> str:
        """Ask for the list, the whole of it."""
        self.standby._known.etag = ""
        self.standby._ask()
        return "asked"

    def halt(self, what: str) -> str:
        """Tell as soon as something is sent."""
        self.halts_at = what
        return "will"

    def forget(self) -> str:
        """Let no entry have the key that was asked in vain."""
        desk, answer = self.standby.desk, self.standby.desk.answer
        desk.answer = lambda question, _: answer(question, None)
        return "forgets"


def say(what: object) -> None:
    """Answer a line of JSON."""
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    ByHand(Path(sys.argv[1]), sys.argv[2]).run()
