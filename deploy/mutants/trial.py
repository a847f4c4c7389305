"""One trial: a child of this process runs tests over a module in which a fault was put before they import it."""

from __future__ import annotations

import gc
import importlib
import importlib.abc
import json
import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from multiprocessing.connection import wait
from multiprocessing.context import ForkProcess
from pathlib import Path

import hypothesis
import pytest

# What a run without faults may be multiplied by, so that a busy machine ends nothing but endless loops.
_CPU_FACTOR, _CPU_SECONDS = 5, 10
_WALL_FACTOR, _WALL_SECONDS = 20, 120
_MEMORY = 4 << 30
_NOTICED = frozenset({pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED})
_FORK = multiprocessing.get_context("fork")


class Verdict(Enum):
    """What came of a trial."""

    KILLED = "killed"
    ENDED = "ended by its limit"
    SURVIVED = "survived"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a run without a fault tells: seconds of the processor and by the clock that a trial may take.

    `seconds` are those that each test took, by its name: trials begin with the quickest.
    """

    cpu: int
    wall: float
    seconds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trial:
    """A module's text with a fault in it, and the tests that must notice."""

    root: Path
    module: Path
    source: bytes
    tests: tuple[str, ...]
    rehearsal: Rehearsal


class TestsFail(Exception):
    """The tests fail without any fault."""


def rehearsed(root: Path, tests: Sequence[str], note: Path) -> Rehearsal:
    """Run tests without a fault: tell what they take, and load the libraries that they need.

    What is loaded here, before the fork, no trial has to load again. `note` is a file to write to.
    """
    began = time.monotonic()
    child = _started(_rehearse, root, tests, note)
    child.join()
    if child.exitcode != 0:
        raise TestsFail(f"they fail without any fault: {' '.join(tests)}\n{_said(note).read_text()}")
    told = json.loads(note.read_text())
    for name in told["libraries"]:
        with suppress(Exception):
            importlib.import_module(name)
    gc.freeze()
    taken = time.monotonic() - began
    cpu = int(_CPU_SECONDS + _CPU_FACTOR * told["cpu_seconds"])
    return Rehearsal(cpu, _WALL_SECONDS + _WALL_FACTOR * taken, told["seconds"])


def verdicts(trials: Iterable[Trial], at_once: int) -> Iterator[tuple[int, Verdict]]:
    """Hold trials, some at once; give the place of each with what came of it, as they end."""
    waiting = enumerate(trials)
    running: dict[ForkProcess, tuple[int, float]] = {}
    try:
        while True:
            while len(running) < at_once and (after := next(waiting, None)) is not None:
                place, trial = after
                running[_started(_hold, trial)] = place, time.monotonic() + trial.rehearsal.wall
            if not running:
                return
            wait([child.sentinel for child in running], timeout=1)
            now = time.monotonic()
            for child in [each for each, (_, ends) in running.items() if not each.is_alive() or now >= ends]:
                place, _ = running.pop(child)
                yield place, _verdict(_ended(child))
    finally:
        for child in running:
            _ended(child)


def _started(target: Callable[..., None], *arguments: object) -> ForkProcess:
    child = _FORK.Process(target=target, args=arguments)
    child.start()
    return child


def _ended(child: ForkProcess) -> int | None:
    child.kill()
    child.join()
    return child.exitcode


def _verdict(exit_code: int | None) -> Verdict:
    if exit_code == 0:
        return Verdict.SURVIVED
    if exit_code is not None and exit_code < 0:
        return Verdict.ENDED
    return Verdict.KILLED if exit_code in _NOTICED else Verdict.BROKEN


def _said(note: Path) -> Path:
    return note.with_suffix(".log")


def _rehearse(root: Path, tests: Sequence[str], note: Path) -> None:
    _send_output_to(_said(note))
    order = _Order({})
    status = _run_tests(root, tests, order, told="short")
    used = resource.getrusage(resource.RUSAGE_SELF)
    ours = {file.name for file in root.iterdir() if file.is_dir()} - {"wire"}
    libraries = sorted(name for name in sys.modules if name.partition(".")[0].strip("_") not in ours)
    told = {"cpu_seconds": used.ru_utime + used.ru_stime, "libraries": libraries, "seconds": order.seconds}
    note.write_text(json.dumps(told))
    sys.exit(status)


def _hold(trial: Trial) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (trial.rehearsal.cpu, trial.rehearsal.cpu))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _send_output_to(Path(os.devnull))
    sys.meta_path.insert(0, _Exchange(trial))
    sys.exit(_run_tests(trial.root, trial.tests, _Order(trial.rehearsal.seconds)))


def _send_output_to(file: Path) -> None:
    log = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for stream in (1, 2):
        os.dup2(log, stream)


class _Exchange(importlib.abc.MetaPathFinder):
    """Finds the module with its fault instead of the one on disk."""

    def __init__(self, trial: Trial) -> None:
        self._name = ".".join(trial.module.with_suffix("").parts)
        self._loader = _Faulty(self._name, str(trial.root / trial.module))
        self._loader.source = trial.source

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Find the one module."""
        if fullname != self._name:
            return None
        return spec_from_file_location(fullname, self._loader.path, loader=self._loader)


class _Faulty(SourceFileLoader):
    """Loads a module from a text in memory."""

    source = b""

    def get_code(self, fullname: str) -> object:  # type: ignore[override]
        """Compile the text."""
        return compile(self.source, self.path, "exec", dont_inherit=True)


def _run_tests(root: Path, tests: Sequence[str], order: _Order, told: str = "no") -> int:
    """Run tests of plain values: without the project's fixtures and without plugins, up to the first failure."""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    options = ("-x", "-q", "-s", "--noconftest", "--assert=plain", f"--tb={told}", "-m", "not long")
    quiet = ("-p", "no:cacheprovider", "-W", "ignore::pytest.PytestConfigWarning")
    files = [str(root / test) for test in tests]
    return pytest.main([*options, *quiet, f"--rootdir={root}", *files], plugins=[order])


class _Order:
    """Has the quickest tests run first, and properties tried with the same examples each time.

    Of an example that fails no smaller one is looked for.
    """

    def __init__(self, seconds: Mapping[str, float]) -> None:
        self.seconds = dict(seconds)

    def pytest_configure(self) -> None:
        """Set Hypothesis before any test is read."""
        hypothesis.settings.register_profile(
            "mutants",
            deadline=None,
            derandomize=True,
            database=None,
            phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        hypothesis.settings.load_profile("mutants")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Put the tests that cost most to the end, in steps so coarse that chance decides little."""
        items.sort(key=lambda item: int(10 * self.seconds.get(item.nodeid, 0)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what a test took."""
        if report.when == "call":
            self.seconds[report.nodeid] = report.duration
