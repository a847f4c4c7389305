"""docs/mutants.md keeps step with the code: each row of its two tables names a fault that a run would try."""

from __future__ import annotations

from pathlib import Path

from deploy.mutants.operators import mutants_of
from deploy.mutants.page import PAGE, Named, equivalents, not_noticed, write_not_noticed
from deploy.mutants.scope import modules_below
from tests.house.tracked import ROOT


def strangers(named: list[Named]) -> list[Named]:
    """Find rows whose module is not in scope, or whose fault cannot be made there any more."""
    known = {
        Named(str(module), mutant.scope, mutant.change)
        for module in modules_below(ROOT, [])
        if str(module) in {each.module for each in named}
        for mutant in mutants_of((ROOT / module).read_bytes())
    }
    return [each for each in named if each not in known]


def test_each_row_is_a_fault_that_can_still_be_made() -> None:
    assert strangers([*equivalents(ROOT), *not_noticed(ROOT)]) == []


def test_every_row_of_the_page_is_read_and_no_fault_stands_there_twice() -> None:
    rows = [line for line in (ROOT / PAGE).read_text("utf-8").splitlines() if line.startswith("| `")]
    assert len(rows) == len(equivalents(ROOT).keys() | not_noticed(ROOT)) > 0


def test_each_row_of_what_changes_nothing_says_why() -> None:
    assert [named for named, reason in equivalents(ROOT).items() if len(reason.split()) < 3] == []


def test_what_is_not_noticed_yet_stands_as_a_run_writes_it(tmp_path: Path) -> None:
    copy = tmp_path / PAGE
    copy.parent.mkdir()
    copy.write_text((ROOT / PAGE).read_text("utf-8"), "utf-8")
    write_not_noticed(tmp_path, not_noticed(ROOT))
    assert copy.read_text("utf-8") == (ROOT / PAGE).read_text("utf-8")


def test_a_row_whose_text_is_gone_is_found() -> None:
    gone = Named("server/domain/queue/order.py", "rank", "x < y → x <= y")
    elsewhere = Named("server/domain/queue/gone.py", "rank", "x < y → x <= y")
    assert strangers([gone, elsewhere]) == [gone, elsewhere]
