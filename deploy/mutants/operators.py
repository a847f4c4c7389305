"""The faults that are tried: small changes of a module's text, with names that stay when lines move."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

_SWAPPED: dict[type[ast.AST], tuple[str, str]] = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.IsNot: ("is not", "is"),
    ast.NotIn: ("not in", "in"),
    ast.And: ("and", "or"),
    ast.Or: ("or", "and"),
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
}
_EXTREMES = {"min": "max", "max": "min"}
_LOGS = {"log", "logger", "logging"}
_UNTOUCHED_NAMES = {"__all__", "__slots__"}
_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of a module: bytes from `start` to `end` become `text`.

    `scope` is the function or class that it lies in, `change` its lines before and after; where two changes of
    a scope read alike, the later ones are numbered.
    """

    line: int
    scope: str
    change: str
    start: int
    end: int
    text: str

    def applied(self, source: bytes) -> bytes:
        """Return the module's text with the fault in it."""
        return source[: self.start] + self.text.encode() + source[self.end :]


@dataclass(frozen=True, slots=True)
class _Edit:
    start: int
    end: int
    text: str


def mutants_of(source: bytes) -> list[Mutant]:
    """List the faults of a module in the order of its lines.

    Left alone are docstrings, annotations (but for what stands in `Annotated` beside the type), decorators,
    formatted strings, what is logged, `__all__` and `__slots__`.
    """
    found = sorted(_Faults(source).of(ast.parse(source), ()), key=lambda each: (each[1].start, each[1].text))
    alike: Counter[tuple[str, str]] = Counter()
    mutants = []
    for scope, edit in found:
        change = _change(source, edit)
        alike[scope, change] += 1
        nth = alike[scope, change]
        named = change if nth == 1 else f"{change} ({nth})"
        line = source.count(b"\n", 0, edit.start) + 1
        mutants.append(Mutant(line, scope, named, edit.start, edit.end, edit.text))
    return mutants


def _change(source: bytes, edit: _Edit) -> str:
    first = source.rfind(b"\n", 0, edit.start) + 1
    last = source.find(b"\n", edit.end)
    last = len(source) if last < 0 else last
    after = source[first : edit.start] + edit.text.encode() + source[edit.end : last]
    return f"{_short(source[first:last])} → {_short(after)}"


def _short(text: bytes) -> str:
    plain = " ".join(text.decode().split())
    return plain if len(plain) <= _LONGEST_NAME else f"{plain[:80]} … {plain[-30:]}"


class _Faults:
    """The faults of one module, found by walking its tree."""

    def __init__(self, source: bytes) -> None:
        self._source = source
        self._lines = [0]
        for line in source.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))

    def of(self, node: ast.AST, scope: tuple[str, ...]) -> Iterator[tuple[str, _Edit]]:
        """List the faults of a node and of what it holds."""
        for edit in self._edits(node):
            yield ".".join(scope) or "module", edit
        inner = scope
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            inner = (*scope, node.name)
        for child in _looked_at(node):
            yield from self.of(child, inner)

    def _edits(self, node: ast.AST) -> Iterator[_Edit]:
        if isinstance(node, ast.Constant):
            yield from self._constant(node)
        elif isinstance(node, ast.Compare):
            parts = [node.left, *node.comparators]
            for place, operator in enumerate(node.ops):
                yield from self._swap(operator, parts[place], parts[place + 1])
        elif isinstance(node, ast.BoolOp):
            for left, right in zip(node.values, node.values[1:], strict=False):
                yield from self._swap(node.op, left, right)
        elif isinstance(node, ast.BinOp):
            yield from self._swap(node.op, node.left, node.right)
        elif isinstance(node, ast.AugAssign):
            yield from self._swap(node.op, node.target, node.value)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            yield _Edit(self._begin(node), self._begin(node) + len("not "), "")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _EXTREMES:
            yield self._instead(node.func, _EXTREMES[node.func.id])
        elif isinstance(node, ast.If | ast.IfExp):
            yield from (self._instead(node.test, value) for value in ("True", "False"))
        elif isinstance(node, ast.comprehension):
            yield from (self._instead(test, value) for test in node.ifs for value in ("True", "False"))
        elif isinstance(node, ast.Return) and node.value is not None and not _is_plain(node.value):
            yield self._instead(node.value, "None")
        for default in _defaults(node):
            yield self._instead(default, '"x"' if default.value == "" else '""')

    def _constant(self, node: ast.Constant) -> Iterator[_Edit]:
        if isinstance(node.value, bool):
            yield self._instead(node, str(not node.value))
        elif isinstance(node.value, int | float):
            yield from (self._instead(node, repr(node.value + step)) for step in (1, -1))

    def _swap(self, operator: ast.AST, left: ast.expr, right: ast.expr) -> Iterator[_Edit]:
        """Swap an operator, which stands somewhere between its operands."""
        if type(operator) not in _SWAPPED:
            return
        old, new = _SWAPPED[type(operator)]
        pattern = r"\s+".join(map(re.escape, old.split())).encode()
        begins, ends = self._end(left), self._begin(right)
        found = re.search(pattern, self._source[begins:ends])
        if found is not None:
            yield _Edit(begins + found.start(), begins + found.end(), new)

    def _instead(self, node: ast.expr, text: str) -> _Edit:
        return _Edit(self._begin(node), self._end(node), text)

    def _begin(self, node: ast.expr) -> int:
        return self._lines[node.lineno - 1] + node.col_offset

    def _end(self, node: ast.expr) -> int:
        return self._lines[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)


def _looked_at(node: ast.AST) -> Iterator[ast.AST]:
    """List the children of a node in which faults are tried."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield node.args
        yield from node.body
    elif isinstance(node, ast.arguments):
        yield from (default for default in (*node.defaults, *node.kw_defaults) if default is not None)
    elif isinstance(node, ast.ClassDef):
        yield from node.body
    elif isinstance(node, ast.AnnAssign):
        yield from _beside_the_type(node.annotation)
        if node.value is not None:
            yield node.value
    elif not _is_left_alone(node):
        yield from ast.iter_child_nodes(node)


def _is_left_alone(node: ast.AST) -> bool:
    if isinstance(node, ast.Assign):
        return any(isinstance(each, ast.Name) and each.id in _UNTOUCHED_NAMES for each in node.targets)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return isinstance(node.func.value, ast.Name) and node.func.value.id in _LOGS
    # Before Python 3.12 what stands in a formatted string has no place of its own.
    return isinstance(node, ast.JoinedStr)


def _beside_the_type(annotation: ast.expr) -> list[ast.expr]:
    if isinstance(annotation, ast.Subscript) and getattr(annotation.value, "id", "") == "Annotated":
        return annotation.slice.elts[1:] if isinstance(annotation.slice, ast.Tuple) else []
    return []


def _is_plain(value: ast.expr) -> bool:
    """Say whether a returned value is None already, or a truth value, which is a fault of its own."""
    return isinstance(value, ast.Constant) and (value.value is None or isinstance(value.value, bool))


def _defaults(node: ast.AST) -> Iterator[ast.Constant]:
    """List the texts that a function or a frozen value has as defaults."""
    values: list[ast.expr | None] = []
    if isinstance(node, ast.arguments):
        values = [*node.defaults, *node.kw_defaults]
    elif isinstance(node, ast.AnnAssign):
        values = [node.value]
    for each in values:
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each
