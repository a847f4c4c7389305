"""`numerek test --mutants`: which faults are tried, and that one is noticed, listed or ended as it should be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.mutants import scope
from deploy.mutants.operators import mutants_of

ROOT = Path(__file__).resolve().parents[2]
MODULE = "server/domain/queue/rule.py"
TESTS = "tests/server/domain/queue/test_rule.py"

RUN = """
import sys
from pathlib import Path
from deploy.mutants.__main__ import main
sys.exit(main(sys.argv[2:], Path(sys.argv[1])))
"""
HOLD = """
import json, sys
from pathlib import Path
from deploy.mutants.trial import Rehearsal, Trial, verdicts
root, sources = Path(sys.argv[1]), json.loads(sys.argv[2])
sys.path.insert(0, sys.argv[1])
rehearsal = Rehearsal(cpu=5, wall=float(sys.argv[3]))
trials = [Trial(root, Path("MODULE"), source.encode(), ("TESTS",), rehearsal) for source in sources]
found = dict(verdicts(trials, 2))
print(json.dumps([found[place].name for place in range(len(sources))]))
""".replace("MODULE", MODULE).replace("TESTS", TESTS)


def changes(source: str) -> list[str]:
    return [f"{mutant.scope}: {mutant.change}" for mutant in mutants_of(source.encode())]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a < b", ["a <= b"]),
        ("a >= b", ["a > b"]),
        ("a == b", ["a != b"]),
        ("(a) < (b)", ["(a) <= (b)"]),
        ("a <= b < c", ["a < b < c", "a <= b <= c"]),
        ("a is not b", ["a is b"]),
        ("a not in b", ["a in b"]),
        ("a and b and c", ["a or b and c", "a and b or c"]),
        ("a or b", ["a and b"]),
        ("not a", ["a"]),
        ("a + b", ["a - b"]),
        ("a - b", ["a + b"]),
        ("a * b", ["a / b"]),
        ("a / b", ["a * b"]),
        ("a[7]", ["a[6]", "a[8]"]),
        ("0.5", ["-0.5", "1.5"]),
        ("True", ["False"]),
        ("min(a, b)", ["max(a, b)"]),
        ("a if b else c", ["a if False else c", "a if True else c"]),
        ("[a for a in b if c]", ["[a for a in b if False]", "[a for a in b if True]"]),
        ("'zażółć' < b", ["'zażółć' <= b"]),
    ],
)
def test_an_expression_has_these_faults(before: str, after: list[str]) -> None:
    assert changes(f"x = {before}") == [f"module: x = {before} → x = {each}" for each in after]


def test_statements_and_defaults_have_faults_that_are_named_by_their_function() -> None:
    source = (
        'class A:\n    n: int = 2\n    def f(self, kind="k"):\n        if self.n:\n            return kind\n'
    )
    assert changes(source) == [
        "A: n: int = 2 → n: int = 1",
        "A: n: int = 2 → n: int = 3",
        'A.f: def f(self, kind="k"): → def f(self, kind=""):',
        "A.f: if self.n: → if False:",
        "A.f: if self.n: → if True:",
        "A.f: return kind → return None",
    ]


def test_a_bound_beside_a_type_has_faults() -> None:
    assert changes("a: Annotated[int, number(b, 7)] = c") == [
        f"module: a: Annotated[int, number(b, 7)] = c → a: Annotated[int, number(b, {each})] = c"
        for each in (6, 8)
    ]


def test_changes_that_read_alike_are_numbered() -> None:
    assert changes("def f():\n    g(1)\n    g(1)\n")[2:] == ["f: g(1) → g(0) (2)", "f: g(1) → g(2) (2)"]


@pytest.mark.parametrize(
    "source",
    [
        '"""One of 7."""',
        "a: Literal[7] = b",
        "def f(a: Literal[7]) -> Literal[7]: ...",
        "@cache(maxsize=7)\ndef f(): ...",
        "__all__ = (7,)",
        "class A:\n    __slots__ = (7,)",
        "log.info(7)",
        'a = f"{b + 7}"',
        "def f():\n    return None",
        "a = 'a text'",
    ],
)
def test_what_says_nothing_about_a_rule_is_left_alone(source: str) -> None:
    assert changes(source) == []


def test_a_fault_is_put_where_it_was_found() -> None:
    source = "# zażółć\nx = [\n    a < b,\n]\n".encode()
    (mutant,) = mutants_of(source)
    assert mutant.line == 3
    assert mutant.applied(source).decode() == "# zażółć\nx = [\n    a <= b,\n]\n"


def test_every_module_in_scope_has_tests() -> None:
    assert [each for each in scope.modules_below(ROOT, []) if not scope.tests_of(ROOT, each)] == []


def test_every_fault_can_be_compiled() -> None:
    for module in scope.modules_below(ROOT, ["server/domain/queue"]):
        source = (ROOT / module).read_bytes()
        for mutant in mutants_of(source):
            compile(mutant.applied(source), str(module), "exec", dont_inherit=True)


def test_paths_choose_modules_and_the_tests_of_a_module_come_first() -> None:
    assert scope.modules_below(ROOT, ["kiosk/flow.py"]) == [Path("kiosk/flow.py")]
    assert len(scope.modules_below(ROOT, ["server/domain"])) > 20
    assert scope.tests_of(ROOT, Path("server/domain/queue/walk_in.py"))[0] == (
        "tests/server/domain/queue/test_walk_in.py"
    )
    with pytest.raises(scope.NotInScope):
        scope.modules_below(ROOT, ["server/domain", "server/app.py"])


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Give a house with one rule, and tests that notice one of its two edges."""
    files = {
        MODULE: "def in_time(minutes, lead):\n    return minutes >= lead\n",
        TESTS: (
            "from server.domain.queue.rule import in_time\n"
            "def test_in_time():\n"
            "    assert in_time(15, 15)\n"
            "    assert not in_time(14, 15)\n"
        ),
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    for folder in ("server", "server/domain", "server/domain/queue"):
        (tmp_path / folder / "__init__.py").touch()
    return tmp_path


def started(script: str, house: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, str(house), *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=110,
    )


def test_faults_that_tests_notice_are_killed(house: Path) -> None:
    done = started(RUN, house, MODULE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{MODULE}: 2 faults, 2 killed" in done.stdout


def test_a_fault_that_no_test_notices_is_listed_until_the_page_explains_it(house: Path) -> None:
    tests = house / TESTS
    tests.write_text(tests.read_text().replace("in_time(15, 15)", "in_time(16, 15)"))
    done = started(RUN, house, "server/domain")
    assert done.returncode == 1, done.stdout + done.stderr
    change = "return minutes >= lead → return minutes > lead"
    assert f"{MODULE}:2: in_time: {change}\n" in done.stdout
    assert "1 killed, 1 survived; in docs/mutants.md 0 of them change nothing" in done.stdout
    (house / "docs").mkdir()
    (house / "docs/mutants.md").write_text(f"| `{MODULE}` | `in_time` | `{change}` | it makes no odds |\n")
    done = started(RUN, house, "server/domain")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 of them change nothing, 0 are not noticed yet; 0 to look at" in done.stdout


def test_faults_that_nobody_notices_yet_are_noted_counted_and_taken_out_again(house: Path) -> None:
    tests, page = house / TESTS, house / "docs/mutants.md"
    right = tests.read_text()
    tests.write_text(right.replace("in_time(15, 15)", "in_time(16, 15)"))
    page.parent.mkdir()
    empty = "# Page\n\n| module | in | change |\n|---|---|---|\n\nThe end.\n"
    page.write_text(empty)
    assert started(RUN, house, MODULE).returncode == 1
    done = started(RUN, house, MODULE, "--note")
    assert done.returncode == 0, done.stdout + done.stderr
    change = "return minutes >= lead → return minutes > lead"
    row = f"| `{MODULE}` | `in_time` | `{change}` |"
    assert page.read_text() == empty.replace("---|\n", f"---|\n{row}\n")
    done = started(RUN, house, MODULE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{MODULE}:2: in_time: {change} (not noticed yet)\n" in done.stdout
    assert "0 of them change nothing, 1 are not noticed yet; 0 to look at" in done.stdout
    tests.write_text(right)
    assert started(RUN, house, MODULE, "--note").returncode == 0
    assert page.read_text() == empty


def test_of_many_faults_each_nth_can_be_tried(house: Path) -> None:
    done = started(RUN, house, MODULE, "--every", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{MODULE}: 1 faults, 1 killed" in done.stdout


def test_an_endless_loop_and_an_endless_wait_are_ended_by_their_limit(house: Path) -> None:
    right = (house / MODULE).read_text()
    endless = "def in_time(minutes, lead):\n    while True: pass\n"
    done = started(HOLD, house, json.dumps([endless, right]), "100")
    assert done.stdout.splitlines()[-1] == '["ENDED", "SURVIVED"]', done.stdout + done.stderr
    asleep = "import time\ndef in_time(minutes, lead):\n    time.sleep(1000)\n"
    done = started(HOLD, house, json.dumps([asleep]), "3")
    assert done.stdout.splitlines()[-1] == '["ENDED"]', done.stdout + done.stderr


def test_a_fault_that_stops_the_import_is_killed(house: Path) -> None:
    done = started(HOLD, house, json.dumps(["1 / 0\n"]), "100")
    assert done.stdout.splitlines()[-1] == '["KILLED"]', done.stdout + done.stderr


def test_without_a_fault_the_tests_must_pass_and_a_stranger_is_told(house: Path) -> None:
    (house / TESTS).write_text("def test_never():\n    raise ValueError('never')\n")
    done = started(RUN, house)
    assert done.returncode == 2
    assert f"they fail without any fault: {TESTS}" in done.stderr
    assert "test_never" in done.stderr
    done = started(RUN, house, "server/app.py")
    assert (done.returncode, done.stdout) == (2, "")
    assert "server/app.py: no module there is tried" in done.stderr
