"""The page on scale adds up: each result follows from the inputs beside it, and what measures them exists."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from bench.__main__ import PARTS

PAGE = (Path(__file__).parents[2] / "docs" / "scale.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(\w+)` \|(?: `([^`]+)` \|)? ([\d .]+) \|", re.M)
CALLS: Mapping[str, Callable[..., float]] = {"ceil": math.ceil, "max": max}
SIGNS: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def value_of(node: ast.expr, known: Mapping[str, float]) -> float:
    """Compute an expression of names, numbers, + * / and the two functions."""
    match node:
        case ast.Constant(value=int() | float() as number):
            return number
        case ast.Name(id=name):
            return known[name]
        case ast.BinOp(left=left, op=op, right=right):
            return SIGNS[type(op)](value_of(left, known), value_of(right, known))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return CALLS[name](*(value_of(each, known) for each in arguments))
    raise ValueError(ast.dump(node))


def wrong(page: str) -> list[str]:
    """Return the results that do not follow from what stands above them, to three digits."""
    known: dict[str, float] = {}
    found = []
    for name, formula, written in ROW.findall(page):
        told = float(written.replace(" ", ""))
        if formula:
            computed = value_of(ast.parse(formula, mode="eval").body, known)
            if not math.isclose(computed, told, rel_tol=0.005):
                found.append(f"{name}: {computed:.4g}, not {told:.4g}")
            known[name] = computed
        else:
            known[name] = told
    return found


def test_every_result_of_the_page_follows_from_its_inputs() -> None:
    rows = ROW.findall(PAGE)
    assert len(rows) == sum(line.startswith("| `") for line in PAGE.splitlines())
    assert sum(bool(formula) for _, formula, _ in rows) > 20
    assert wrong(PAGE) == []


def test_control_an_input_that_changed_is_found() -> None:
    changed = PAGE.replace("| `peak` | 3 |", "| `peak` | 4 |")
    assert changed != PAGE
    assert {each.partition(":")[0] for each in wrong(changed)} >= {"visits_peak", "facts_peak", "phones"}


def test_every_input_is_used() -> None:
    used = {name for _, formula, _ in ROW.findall(PAGE) for name in re.findall(r"[a-z_]\w+", formula)}
    inputs = {name for name, formula, _ in ROW.findall(PAGE) if not formula}
    assert inputs - used == set()


@pytest.mark.parametrize("part", sorted(set(re.findall(r"\./numerek bench ([\w-]+)", PAGE))))
def test_what_measures_a_figure_exists(part: str) -> None:
    assert part in PARTS


def test_every_measured_figure_says_by_what() -> None:
    measured = PAGE.partition("## Measured")[2].partition("## Assumed")[0]
    rows = [line for line in measured.splitlines() if line.startswith("| `")]
    assert len(rows) >= 9
    assert [line for line in rows if "`./numerek bench " not in line] == []
