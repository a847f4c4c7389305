"""The story's third part: paper, server and people fail, and the hall goes on."""

from __future__ import annotations

import time

from PySide6.QtCore import QTimer

from deploy.demo.offscreen.record import Record
from deploy.demo.offscreen.stage import Stage
from deploy.demo.offscreen.visitors import printed
from deploy.demo.offscreen.waiting import NotSeen, until
from kiosk.visit.events import Press
from kiosk.visit.screens import SlipState, Start, StillThere, TicketShown

PAPER_LEFT_DOTS = 260
CALLING_COUNTER = 10


def paper_runs_out(stage: Stage, record: Record) -> None:
    """The paper ends in mid-slip: the number stands, staff are told, and after the refill there is a copy."""
    kiosk, counter, machine = stage.kiosk, stage.counter, stage.printer.machine
    kiosk.go_home()
    before = len(machine.slips)
    machine.set(paper_left=PAPER_LEFT_DOTS)
    kiosk.enter_code(stage.folder.admitted("P")[2]["code"])
    kiosk.until_shows(TicketShown)
    took = until(lambda: _slip(stage) is SlipState.TROUBLE, "the kiosk tells that the slip is missing")
    record.say(f"paper out in mid-slip -> told on the kiosk after {took:.0f} ms, the number stands")
    record.picture(kiosk.window, "kiosk-paper-out")
    told = until(lambda: counter.has_trouble("printer"), "the counter's trouble line")
    record.say(f"-> told at the counter after {told:.0f} ms more")
    record.picture(counter.window, "counter-printer-trouble")
    machine.set(paper="in", paper_left=None)
    if len(machine.wait_for_slips(before + 1, 10)) <= before:
        raise NotSeen("the slip that was held comes out after the refill")
    until(lambda: not counter.has_trouble("printer"), "the trouble is over", 15)
    until(lambda: kiosk.running.paper.state.can_print, "the printer is ready again")
    if _slip(stage) is SlipState.TROUBLE:
        kiosk.touch(Press.COPY)
    else:
        kiosk.go_home()
        kiosk.enter_code(stage.folder.admitted("P")[2]["code"])
        kiosk.until_shows(TicketShown)
    printed(stage, record, before + 2, copy=True)
    record.say("paper refilled -> the held slip came out, and a copy that says so")
    kiosk.go_home()


def somebody_leaves(stage: Stage, record: Record) -> None:
    """Somebody leaves the kiosk in the middle of a code."""
    kiosk, pictures = stage.kiosk, record
    kiosk.touch(Press.RESERVATION)
    kiosk.type("12")

    def watch(screen: object) -> None:
        if isinstance(screen, StillThere):
            kiosk.running.presenter.shown.disconnect(watch)
            # In a moment: the window hears of the screen after this.
            QTimer.singleShot(100, lambda: pictures.picture(kiosk.window, "kiosk-still-there"))
            pictures.say("nobody goes on at the kiosk -> it asks whether more time is needed")

    kiosk.running.presenter.shown.connect(watch)


def nobody_comes_back(stage: Stage, record: Record) -> None:
    """Nobody goes on at the kiosk: it has warned, and goes back to the start; nothing of the visit stays."""
    kiosk = stage.kiosk
    until(lambda: isinstance(kiosk.screen, Start), "the kiosk goes back to its start", 40)
    if not list(record.folder.glob("*-kiosk-still-there.png")):
        raise NotSeen("the kiosk warned before it went back")


def server_dies(stage: Stage, record: Record) -> None:
    """The server is killed: each program says so, and catches up when it is back, announcing nothing twice."""
    kiosk, board, counter = stage.kiosk, stage.board, stage.counter
    clerk = stage.clerk_at(CALLING_COUNTER)
    announced = [call.id for call in board.announced]
    stage.kill_server()
    killed = time.perf_counter()
    until(lambda: kiosk.screen.around.alone, "the kiosk goes on alone", 25)
    record.say(f"server killed -> the kiosk goes on alone after {time.perf_counter() - killed:.1f} s")
    record.picture(kiosk.window, "kiosk-alone")
    until(lambda: board.face.sign, "the board's sign of a lost connection", 15)
    record.picture(board.view, "board-connection-lost")
    until(lambda: not counter.desk.connected, "the counter tells the lost connection", 15)
    record.picture(counter.window, "counter-connection-lost")
    ready = stage.restart_server()
    status, answer = stage.ask("POST", f"/api/v1/counters/{CALLING_COUNTER}/call-next", clerk, {})
    if status != 200:
        raise NotSeen(f"counter {CALLING_COUNTER} calls somebody, not {status}")
    number, back = answer["ticket"]["number"], time.perf_counter()
    until(lambda: board.shown() == number, f"the board catches up with the call of {number}", 25)
    until(lambda: not board.face.sign, "the board's sign is gone", 25)
    record.say(f"server ready again after {ready:.1f} s; {number} called at once")
    record.say(f"-> on the board {time.perf_counter() - back:.1f} s later")
    ids = [call.id for call in board.announced]
    if ids[: len(announced)] != announced or len(ids) != len(set(ids)):
        raise NotSeen("the board announces each call once, also over a restart")
    until(lambda: counter.desk.is_ready, "the counter is in touch again", 25)
    until(lambda: isinstance(kiosk.screen, Start) and not kiosk.screen.around.alone, "the kiosk is back", 25)
    record.picture(board.view, "board-caught-up")
    record.picture(counter.window, "counter-caught-up")
    record.picture(kiosk.window, "kiosk-back")


def _slip(stage: Stage) -> SlipState | None:
    screen = stage.kiosk.screen
    return screen.slip if isinstance(screen, TicketShown) else None
