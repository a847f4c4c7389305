"""What the staff's menu shows of this kiosk, and what it does: the one place for its entries."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QProcess, QTimer
from PySide6.QtNetwork import QAbstractSocket, QNetworkInterface

from kiosk.alone.clerks_list import ClerksList
from kiosk.presenter import Presenter
from kiosk.scanners.scanner import ScannerState
from kiosk.slips import Paper
from kiosk.staff import ScannerTest
from kiosk.staff_menu import Entry, Part, StaffMenu
from terminal.restart import RESTART

log = logging.getLogger(__name__)

_ENDED = QProcess.ExitStatus.NormalExit
SELF_TEST_LIMIT_MS = 15 * 60_000


def parts_of(presenter: Presenter, paper: Paper) -> list[Part]:
    """Tell how printers, scanners, server and network are by now."""
    scanner = presenter.scanner_state
    around = presenter.screen.around
    reachable = around.reachable and not around.alone
    addresses = ", ".join(_addresses())
    return [
        *(Part("printer", state.value, state.can_print) for state in paper.states),
        Part("scanner", scanner.value, scanner is ScannerState.READY),
        Part("server", "ready" if reachable else "no_answer", reachable),
        Part("network", addresses, is_word=False) if addresses else Part("network", "lost", is_well=False),
    ]


def add_entries(
    menu: StaffMenu,
    paper: Paper,
    clerks_list: ClerksList,
    scanner_test: ScannerTest,
    self_test: SelfTest,
    let_go: Callable[[], None],
) -> None:
    """Give the menu what staff can do; `let_go` frees the devices for the self-test, which asks them itself."""

    def print_slip() -> str:
        paper.print_test()
        return "sent"

    def print_list() -> str:
        if not paper.state.can_print:
            return f"state.{paper.state.value}"
        return "list_sent" if clerks_list.print_all() else "list_empty"

    def test_scanner() -> None:
        menu.close()
        scanner_test.open()

    def test_all() -> str:
        let_go()
        menu.is_busy, menu.ended = True, lambda: QCoreApplication.exit(RESTART)
        self_test.run(tested)
        return "testing"

    def tested(is_passed: bool) -> None:
        menu.is_busy = False
        menu.say("passed" if is_passed else "failed")

    menu.entries += [
        Entry("staff_menu.test_slip", print_slip),
        Entry("staff_menu.alone_list", print_list),
        Entry("scanner_test.title", test_scanner),
        Entry("staff_menu.self_test", test_all),
        Entry("staff_menu.restart", lambda: QCoreApplication.exit(RESTART)),
        Entry("staff_menu.end", lambda: QCoreApplication.exit(0)),
    ]


class SelfTest(QObject):
    """The self-test as a program of its own, beside this one, so that the event loop goes on.

    One that does not end within `limit_ms` is ended, and has failed.
    """

    def __init__(
        self, words: Sequence[str], parent: QObject | None = None, limit_ms: int = SELF_TEST_LIMIT_MS
    ) -> None:
        """`words` are those of the command line after the name of Python."""
        super().__init__(parent)
        self._words = list(words)
        self._process = QProcess(self)
        self._process.setProcessChannelMode(QProcess.ProcessChannelMode.ForwardedChannels)
        self._limit = QTimer(self, singleShot=True, interval=limit_ms)
        self._limit.timeout.connect(self._process.kill)
        self._process.finished.connect(self._limit.stop)

    def run(self, done: Callable[[bool], None]) -> None:
        """Start it; `done` is told whether all passed."""
        self._process.finished.connect(lambda code, how: done(code == 0 and how is _ENDED))
        self._process.errorOccurred.connect(lambda error: self._not_started(error, done))
        self._process.start(sys.executable, self._words)
        self._limit.start()

    def _not_started(self, error: QProcess.ProcessError, done: Callable[[bool], None]) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            log.warning("The self-test could not be started: %s", self._process.errorString())
            done(False)


def self_test_words(config: Path | None, out: Path) -> list[str]:
    """Return the command line of the self-test of this kiosk, with its reports in `out`."""
    return ["-m", "kiosk", "--self-test", *(["--config", str(config)] if config else []), "--out", str(out)]


def _addresses() -> list[str]:
    """List under which addresses this machine is in the network."""
    v4 = QAbstractSocket.NetworkLayerProtocol.IPv4Protocol
    found = [address for address in QNetworkInterface.allAddresses() if not address.isLoopback()]
    return [address.toString() for address in found if address.protocol() == v4 and not address.isLinkLocal()]
