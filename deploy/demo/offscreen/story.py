"""The whole main job, played and watched: `numerek demo --headless`."""

from __future__ import annotations

import logging
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import qInstallMessageHandler

from deploy.demo.children import ChildFailed
from deploy.demo.offscreen import clerk, mishaps, visitors, web
from deploy.demo.offscreen.phone import browser_errors, has_browser
from deploy.demo.offscreen.record import Record
from deploy.demo.offscreen.stage import Stage
from deploy.demo.offscreen.waiting import NotSeen

log = logging.getLogger(__name__)

Step = Callable[[Stage, Record], None]
STEPS: tuple[Step, ...] = (
    *web.STEPS,
    visitors.opens,
    visitors.scans,
    visitors.types,
    visitors.walk_in,
    visitors.other_service,
    visitors.refusals,
    visitors.mistakes,
    clerk.signs_in,
    mishaps.paper_runs_out,
    mishaps.somebody_leaves,
    clerk.calls,
    clerk.serves,
    clerk.verifies,
    clerk.sorts_out,
    clerk.follows,
    mishaps.nobody_comes_back,
    mishaps.server_dies,
)
IDLE_SECONDS = 30


def play(out: Path) -> int:
    """Run through the story in a folder of its own; return 0 when all of it was seen to happen, else 1."""
    qInstallMessageHandler(lambda kind, context, text: log.debug(text))
    record = Record(out)
    data = Path(tempfile.mkdtemp(prefix="numerek-demo-"))
    began = time.perf_counter()
    steps = _steps(record)
    failed = _play(steps, data, record)
    if failed:
        record.say(f"NOT SEEN. {failed}")
        for kept in (data / "logs").glob("*.log"):
            shutil.copy(kept, out / kept.name)
    else:
        record.say(f"all {len(steps)} parts of the story were seen, in {time.perf_counter() - began:.0f} s")
    shutil.rmtree(data, ignore_errors=True)
    return 1 if failed else 0


def _steps(record: Record) -> tuple[Step, ...]:
    """Return the parts that this machine can play."""
    if has_browser():
        return STEPS
    record.say("No Chromium and Playwright here (numerek setup --test): the booking pages are left out.")
    return tuple(step for step in STEPS if step not in web.STEPS)


def _play(steps: tuple[Step, ...], data: Path, record: Record) -> str:
    """Return what was not seen, or an empty text."""
    failures: tuple[type[Exception], ...] = (NotSeen, ChildFailed, OSError, *browser_errors())
    sentence = "The server starts with the sample branch."
    stage = None
    try:
        record.say(sentence)
        stage = Stage(data, idle_seconds=IDLE_SECONDS)
        for step in steps:
            sentence = (step.__doc__ or "").strip()
            record.say(sentence)
            step(stage, record)
    except failures as missed:
        return f"{sentence} {missed}"
    finally:
        if stage is not None:
            stage.close()
    return ""
