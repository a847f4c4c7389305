"""The run: tries each fault of the modules in scope, says what came of them, and names those nobody noticed."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from deploy.mutants.operators import Mutant, mutants_of
from deploy.mutants.page import PAGE, Named, equivalents, not_noticed, write_not_noticed
from deploy.mutants.scope import NotInScope, modules_below, tests_of
from deploy.mutants.trial import Rehearsal, TestsFail, Trial, Verdict, rehearsed, verdicts

ROOT = Path(__file__).resolve().parents[2]


@dataclass(slots=True)
class _Module:
    """A module under trial: its text, its faults, its tests, and what came of the faults that are judged."""

    path: Path
    source: bytes
    mutants: list[Mutant]
    tests: tuple[str, ...]
    found: Counter[Verdict] = field(default_factory=Counter)


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Try the faults; return 1 when one survives that docs/mutants.md does not name, 2 when nobody can tell."""
    chosen = _parser().parse_args(arguments)
    os.chdir(root)
    sys.path.insert(0, str(root))
    try:
        modules = [_module(root, path, chosen.every) for path in modules_below(root, chosen.paths)]
        return _run(root, [module for module in modules if module.mutants], chosen.at_once, chosen.note)
    except (NotInScope, TestsFail) as error:
        print(f"numerek test --mutants: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="numerek test --mutants", description=__doc__)
    parser.add_argument("paths", nargs="*", metavar="PATH", help="modules or folders (all in scope)")
    parser.add_argument("--at-once", type=int, default=os.cpu_count() or 1, help="how many trials at once")
    parser.add_argument(
        "--every", type=int, default=1, metavar="N", help="try each Nth fault of a module only"
    )
    parser.add_argument("--note", action="store_true", help=f"write what no test notices into {PAGE}")
    return parser


def _run(root: Path, modules: list[_Module], at_once: int, note: bool) -> int:
    began = time.monotonic()
    explained = equivalents(root)
    named = {_named(*each): _place(*each) for each in _tried(root, modules, at_once, explained.keys())}
    unnoticed = [each for each in named if each not in explained]
    if note:
        tried = {_named(module.path, mutant) for module in modules for mutant in module.mutants}
        write_not_noticed(root, (not_noticed(root) - tried) | set(unnoticed))
    known = not_noticed(root)
    unknown = [each for each in unnoticed if each not in known]
    for each in sorted(unnoticed):
        print(f"{named[each]}{' (not noticed yet)' if each in known else ''}")
    total = sum((module.found for module in modules), Counter[Verdict]())
    minutes = (time.monotonic() - began) / 60
    print(f"{len(modules)} modules, {total.total()} faults in {minutes:.1f} min: {_told(total)}", end="; ")
    print(f"in {PAGE} {len(named) - len(unnoticed)} of them change nothing", end=", ")
    print(f"{len(unnoticed) - len(unknown)} are not noticed yet; {len(unknown)} to look at")
    return 2 if total[Verdict.BROKEN] else int(bool(unknown))


def _tried(
    root: Path, modules: list[_Module], at_once: int, explained: Collection[Named]
) -> list[tuple[Path, Mutant]]:
    """Try all faults, telling what comes of them; return those that survived."""
    rehearsals = _rehearsals(root, modules)
    jobs = [(module, mutant) for module in modules for mutant in module.mutants]
    survivors = []
    for place, verdict in verdicts((_trial(root, *job, rehearsals) for job in jobs), at_once):
        module, mutant = jobs[place]
        module.found[verdict] += 1
        if verdict is Verdict.SURVIVED:
            survivors.append((module.path, mutant))
        if verdict in (Verdict.SURVIVED, Verdict.BROKEN) and _named(module.path, mutant) not in explained:
            print(f"  {verdict.value}: {_place(module.path, mutant)}", flush=True)
        if module.found.total() == len(module.mutants):
            print(f"{module.path}: {len(module.mutants)} faults, {_told(module.found)}", flush=True)
    return survivors


def _trial(root: Path, module: _Module, mutant: Mutant, rehearsals: dict[frozenset[str], Rehearsal]) -> Trial:
    source = mutant.applied(module.source)
    return Trial(root, module.path, source, module.tests, rehearsals[frozenset(module.tests)])


def _module(root: Path, path: Path, every: int) -> _Module:
    source = (root / path).read_bytes()
    return _Module(path, source, mutants_of(source)[::every], tests_of(root, path))


def _rehearsals(root: Path, modules: list[_Module]) -> dict[frozenset[str], Rehearsal]:
    """Run each set of tests once without a fault."""
    found: dict[frozenset[str], Rehearsal] = {}
    with tempfile.TemporaryDirectory() as folder:
        for module in modules:
            tests = frozenset(module.tests)
            if tests not in found:
                found[tests] = rehearsed(root, module.tests, Path(folder) / "note")
    return found


def _named(path: Path, mutant: Mutant) -> Named:
    return Named(str(path), mutant.scope, mutant.change)


def _place(path: Path, mutant: Mutant) -> str:
    return f"{path}:{mutant.line}: {mutant.scope}: {mutant.change}"


def _told(found: Counter[Verdict]) -> str:
    return ", ".join(f"{found[verdict]} {verdict.value}" for verdict in Verdict if found[verdict])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
