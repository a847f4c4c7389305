"""The puzzle: what solves it is taken once, until it is too old; all else is not."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import altcha
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.adapters.challenges import VALID, AltchaChallenges, NoChallenges

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SECRET = bytes(range(32))


class Book:
    """Keeps what was spent."""

    def __init__(self) -> None:
        self.spent: set[str] = set()

    def __call__(self, what: str, _now: datetime) -> bool:
        if what in self.spent:
            return False
        self.spent.add(what)
        return True


@pytest.fixture
def puzzles() -> AltchaChallenges:
    return AltchaChallenges(lambda: [SECRET], 5, Book())


def solve(made: Any) -> str:
    """Solve a puzzle as the widget does."""
    challenge = altcha.Challenge.from_dict(dict(made))
    solution = altcha.solve_challenge(challenge)
    assert solution is not None
    text: str = altcha.Payload(challenge, solution).to_base64()
    return text


def changed(payload: str, **change: Any) -> str:
    """Change what a payload says, as somebody would who would rather not compute."""
    said = json.loads(base64.b64decode(payload))
    for name, value in change.items():
        place, _, field = name.partition("__")
        target = said["challenge"]["parameters"] if place == "parameters" else said[place]
        target[field] = value
    return base64.b64encode(json.dumps(said).encode()).decode()


def test_a_solution_is_taken_once(puzzles: AltchaChallenges) -> None:
    solved = solve(puzzles.new(NOW))
    assert puzzles.solved(solved, NOW)
    assert not puzzles.solved(solved, NOW)


def test_a_solution_is_taken_until_its_time_is_over_by_the_clock_of_the_office(
    puzzles: AltchaChallenges,
) -> None:
    solved, late = solve(puzzles.new(NOW)), solve(puzzles.new(NOW))
    assert puzzles.solved(solved, NOW + VALID)
    assert not puzzles.solved(late, NOW + VALID + timedelta(seconds=1))


def test_what_costs_the_device_hundreds_of_tries_costs_the_server_none(puzzles: AltchaChallenges) -> None:
    counters = []
    for _ in range(30):
        said = json.loads(base64.b64decode(solve(puzzles.new(NOW))))
        counters.append(said["solution"]["counter"])
    assert 100 < sum(counters) / 30 < 412
    assert max(counters) < 512


@pytest.mark.parametrize(
    "change",
    [
        {"solution__derivedKey": "00" * 32},
        {"solution__derivedKey": None},
        {"parameters__cost": 1},
        {"parameters__keyPrefix": ""},
        {"parameters__keySignature": None},
        {"parameters__data": {"until": 4_000_000_000}},
        {"parameters__expiresAt": 4_000_000_000},
        {"challenge__signature": "00" * 32},
        {"challenge__signature": None},
    ],
)
def test_a_changed_puzzle_or_a_guess_is_not_taken(puzzles: AltchaChallenges, change: dict[str, Any]) -> None:
    assert not puzzles.solved(changed(solve(puzzles.new(NOW)), **change), NOW)


def test_a_puzzle_of_another_key_is_not_taken(puzzles: AltchaChallenges) -> None:
    other = AltchaChallenges(lambda: [b"x" * 32], 5, Book())
    assert not puzzles.solved(solve(other.new(NOW)), NOW)


def test_a_solution_that_was_written_in_another_way_is_still_the_same(puzzles: AltchaChallenges) -> None:
    solved = solve(puzzles.new(NOW))
    assert puzzles.solved(solved, NOW)
    again = base64.b64encode(json.dumps(json.loads(base64.b64decode(solved)), indent=1).encode()).decode()
    assert not puzzles.solved(again, NOW)


@given(st.one_of(st.text(), st.binary().map(lambda raw: base64.b64encode(raw).decode())))
def test_nonsense_is_not_taken_and_harms_nobody(text: str) -> None:
    assert not AltchaChallenges(lambda: [SECRET], 5, Book()).solved(text, NOW)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_PARAMETERS = st.fixed_dictionaries(
    dict.fromkeys(("algorithm", "nonce", "salt", "cost"), _JSON),
    optional=dict.fromkeys(("keyPrefix", "keySignature", "data", "expiresAt", "keyLength"), _JSON),
)


@given(_PARAMETERS | _JSON, _JSON, _JSON, _JSON)
def test_payloads_of_the_right_shape_and_wrong_kinds_are_not_taken(a: Any, b: Any, c: Any, d: Any) -> None:
    said = {"challenge": {"parameters": a, "signature": b}, "solution": {"counter": c, "derivedKey": d}}
    payload = base64.b64encode(json.dumps(said).encode()).decode()
    assert not AltchaChallenges(lambda: [SECRET], 5, Book()).solved(payload, NOW)


@pytest.mark.parametrize("depth", [20, 700])
def test_deep_nonsense_is_refused_by_its_length_or_its_form(puzzles: AltchaChallenges, depth: int) -> None:
    payload = base64.b64encode(("[" * depth + "]" * depth).encode()).decode()
    assert not puzzles.solved(payload, NOW)
    assert not puzzles.solved("A" * 100_000, NOW)


def test_the_dummy_takes_anything_that_was_sent() -> None:
    dummy = NoChallenges()
    assert dummy.solved("anything", NOW)
    assert not dummy.solved("", NOW)
    assert dummy.new(NOW)


def test_a_puzzle_of_before_a_change_of_the_key_is_taken_while_that_key_is_held() -> None:
    secrets = [SECRET]
    puzzles = AltchaChallenges(lambda: secrets, 5, Book())
    one, other = solve(puzzles.new(NOW)), solve(puzzles.new(NOW))
    secrets.append(bytes(range(100, 132)))
    assert puzzles.solved(one, NOW)
    del secrets[0]
    assert not puzzles.solved(other, NOW)
    assert puzzles.solved(solve(puzzles.new(NOW)), NOW)
