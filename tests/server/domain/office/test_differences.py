"""What differs between two tables, and parts of tables by dotted names."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from server.domain.office.differences import Difference, differences, digest, part, with_part

KEYS = st.sampled_from("abc")
LEAVES = st.one_of(st.booleans(), st.integers(0, 3), st.lists(st.integers(0, 2), max_size=2))
TABLES = st.recursive(
    st.dictionaries(KEYS, LEAVES, max_size=3),
    lambda inner: st.dictionaries(KEYS, st.one_of(LEAVES, inner), max_size=3),
    max_leaves=6,
)


def test_settings_are_named_with_dots() -> None:
    old: dict[str, Any] = {"names": {"pl": "A"}, "booking": {"moves": 1}, "same": [1]}
    new: dict[str, Any] = {"names": {"pl": "B"}, "walk_in": True, "same": [1]}
    assert differences(old, new) == [
        Difference("names.pl", "A", "B"),
        Difference("booking.moves", 1, None),
        Difference("walk_in", None, True),
    ]


def test_a_part_is_put_in_and_the_rest_stays() -> None:
    value = {"a": 1, "b": {"c": 2, "d": 3}}
    assert part(value, ["a", "b.c", "x.y"]) == {"a": 1, "b.c": 2}
    assert with_part(value, ["a", "b.c"], {"b.c": 5}) == {"b": {"c": 5, "d": 3}}
    assert with_part({"b": {"c": 2}}, ["b.c"], {}) == {}
    assert with_part({}, ["b.c"], {"b.c": 1}) == {"b": {"c": 1}}


@given(TABLES, TABLES)
def test_the_differences_lead_from_one_to_the_other_and_back(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    names = [each.name for each in differences(old, new)]
    if not any(isinstance(value, dict) for value in (*part(old, names).values(), *part(new, names).values())):
        made = with_part(old, names, part(new, names))
        assert differences(made, new) == []


@given(TABLES)
def test_a_part_put_back_changes_nothing(value: dict[str, Any]) -> None:
    names = [each.name for each in differences({}, value)]
    assert with_part(value, names, part(value, names)) == value
    assert digest(value) == digest(dict(reversed(value.items())))
