"""Each rule finds what falls short of it, and nothing else: a control for every one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.self_test import measures
from kiosk.self_test.measures import Box, Rule, Shown, Target, Text, follows, judge

FIRST = Target("Yes", Box(10, 100, 60, 25), ring=8.0, has_ring=True)
SECOND = Target("No", Box(10, 130, 60, 25), ring=8.0, has_ring=True)
SOUND = Shown(
    "start",
    "pl, larger, normal colours",
    (270, 480),
    700,
    (FIRST, SECOND),
    (Text("Hello", 7.4, 4.6),),
    spoken=("Hello", "Yes", "No"),
    is_larger=True,
)


def broken_rules(shown: Shown) -> set[Rule]:
    return {finding.rule for finding in judge(shown) if not finding.passed}


def test_a_sound_screen_passes_every_rule() -> None:
    findings = list(judge(SOUND))
    assert broken_rules(SOUND) == set()
    every = {each for each in vars(measures).values() if isinstance(each, Rule)}
    assert {finding.rule for finding in findings} == every - {measures.MORE_CONTRAST}
    assert all(rule.clauses and rule.goal for rule in every)


def with_targets(*targets: Target) -> Shown:
    return replace(SOUND, targets=targets)


@pytest.mark.parametrize(
    ("shown", "rule"),
    [
        (with_targets(FIRST, replace(SECOND, box=Box(10, 130, 60, 19))), measures.SIZE),
        (with_targets(FIRST, replace(SECOND, box=Box(10, 127, 60, 25))), measures.GAP),
        (replace(SOUND, bottom_mm=900), measures.REACH),
        (replace(SOUND, bottom_mm=0, panel_mm=(270, 400)), measures.REACH),
        (replace(SOUND, texts=(Text("pale", 8.0, 4.4),)), measures.CONTRAST),
        (replace(SOUND, texts=(Text("pale", 8.0, 6.9),), is_high_contrast=True), measures.MORE_CONTRAST),
        (replace(SOUND, texts=(Text("small", 7.0, 9.0),)), measures.LETTERS),
        (with_targets(SECOND, FIRST), measures.ORDER),
        (with_targets(FIRST, replace(SECOND, ring=2.9)), measures.RING),
        (with_targets(FIRST, replace(SECOND, ring=None)), measures.RING),
        (with_targets(FIRST, replace(SECOND, is_reached_by_arrows=False)), measures.ARROWS),
        (replace(SOUND, unnamed=("Boxes",)), measures.NAMES),
        (replace(SOUND, spoken=()), measures.SPEECH),
        (replace(SOUND, spoken=("Hello", "Yes")), measures.SPEECH),
    ],
)
def test_what_falls_short_is_found(shown: Shown, rule: Rule) -> None:
    assert rule in broken_rules(shown)


def test_letters_are_measured_only_where_they_are_enlarged() -> None:
    small = replace(SOUND, texts=(Text("Hello", 5.0, 9.0),), is_larger=False)
    assert broken_rules(small) == set()


def test_rows_are_read_to_the_side_on_which_their_language_goes_on() -> None:
    left, right = Target("1", Box(0, 0, 20, 20)), Target("2", Box(25, 0, 20, 20))
    assert follows(left, right)
    assert not follows(right, left)
    assert follows(replace(right, to_left=True), replace(left, to_left=True))


def test_gaps_are_measured_between_edges_and_corners() -> None:
    one = Box(0, 0, 20, 20)
    assert one.gap_to(Box(23, 0, 20, 20)) == 3
    assert one.gap_to(Box(23, 24, 20, 20)) == 5
    assert one.gap_to(Box(10, 10, 20, 20)) < 0
