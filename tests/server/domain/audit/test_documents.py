"""The files that are handed out: read as they were written, and each damage told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from server.domain.audit.documents import Alone, DocumentError, GrowthProof, RowProof, read_document
from server.domain.audit.leaves import LeafError, leaf_of, read_leaf
from server.domain.audit.verification import check
from tests.server.domain.audit.made_log import NOON, MadeLog, edited, faults, is_genuine

ONE = MadeLog(1).proof(0, 0)
_HASH = "A" * 43 + "=\n"


def without(text: str, part: str, by: str = "") -> str:
    """Change a text that must be there."""
    assert part in text
    return text.replace(part, by, 1)


def test_a_proof_without_a_path_is_read_too() -> None:
    assert ONE.path == ()
    assert read_document(str(ONE)) == ONE


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (str(ONE).partition("\n\n")[0], "cut"),
        (without(str(ONE), "\nindex 0"), "cut"),
        (without(str(ONE), "\nindex 0", "\nplace 0"), "cut"),
        (without(str(ONE), "\nextra ", "\nmore "), "cut"),
        (without(str(ONE), "\nextra ", "\nextra !"), "row of the proof"),
        (without(str(ONE), "\nextra ", "\nextra ////"), "row of the proof"),
        (without(str(ONE), "index 0", "index \u0661"), "no number"),
        (without(str(ONE), "index 0", "index 12345678901234567"), "no number"),
        ("old 3", "cut"),
        ("old \n\nx", "no number"),
        ("old 3\n" + _HASH * 65 + "\nx", "too long"),
    ],
)
def test_a_damaged_proof_is_told(text: str, why: str) -> None:
    with pytest.raises(DocumentError, match=why):
        read_document(text)


def test_the_longest_proof_is_read() -> None:
    read = read_document("old 1234567890123456\n" + _HASH * 64 + "\nx")
    assert read == GrowthProof(1234567890123456, (bytes(32),) * 64, "x")


def test_a_row_that_names_another_place_than_it_has_is_told() -> None:
    log = MadeLog(3)
    log.leaves[1] = edited(log.leaves[1], n=2)
    assert faults(log.found(log.proof(0, 1))) == ["file 1: the row names another place than it has"]
    assert isinstance(log.proof(0, 1), RowProof)


def test_a_row_has_one_form() -> None:
    at = datetime(2026, 11, 23, 8, 1, 2, tzinfo=UTC)
    leaf = leaf_of(7, "ticket.called", at, {"number": "Ś042", "hall": "A"}, b"", b"")
    rest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert leaf == (
        f'{{"at":"2026-11-23T08:01:02Z","hall":"A","n":7,"number":"Ś042","rest":"{rest}","type":"ticket.called"}}'
    )


def test_a_row_is_as_long_as_2000_signs_and_no_longer() -> None:
    short = '{"n":1,"rest":"' + "0" * (2_000 - 17) + '"}'
    assert len(short) == 2_000
    assert read_leaf(short).place == 1
    with pytest.raises(LeafError):
        read_leaf(short.replace('"}', '0"}'))


@pytest.mark.parametrize("shown", ['"type":"a","at":5', '"type":5,"at":"2026-11-23T08:01:02Z"', '"hall":"A"'])
def test_a_row_that_shows_something_says_what_and_when(shown: str) -> None:
    with pytest.raises(LeafError, match="not what and when"):
        read_leaf(f'{{"n":1,"rest":"",{shown}}}')


def test_a_number_that_is_no_text_is_none() -> None:
    leaf = read_leaf('{"n":1,"rest":"","type":"a","at":"2026-11-23T08:01:02Z","number":5}')
    assert leaf.number is None


def test_the_earlier_day_shows_nothing_about_the_later_one() -> None:
    log = MadeLog(300, 620, 777)
    (fault,) = faults(log.found(log.log(0), log.log(1), Alone(log.note(2))))
    assert fault.startswith("file 3: nothing here shows that it extends file 2")


def test_the_clock_of_who_checks_may_be_five_minutes_slow() -> None:
    log = MadeLog(4)
    early = replace(log.log(0), note=log.signed(replace(log.head(0), day=date(2026, 11, 22))))
    last = datetime(2026, 11, 23, 8, 3, tzinfo=UTC)
    assert faults(log.found(early, now=last - timedelta(minutes=5))) == []
    (fault,) = faults(log.found(early, now=last - timedelta(minutes=5, seconds=1)))
    assert fault.startswith("file 1: row 3 is from the future")


def test_the_branch_of_the_earliest_file_is_that_of_all() -> None:
    ours, theirs = MadeLog(3), MadeLog(3, 6, origin="q.example/opole")
    both = [ours.verifier, theirs.verifier]
    found = check([("theirs", Alone(theirs.note(1))), ("ours", Alone(ours.note(0)))], both, is_genuine, NOON)
    assert faults(found) == ["theirs is of another branch (q.example/opole) than ours"]


def test_each_kind_of_file_is_named_for_what_it_is_and_a_ticket_only_sought_where_rows_are() -> None:
    log = MadeLog(3, 6)
    found = log.found(log.growth(0, 1), log.proof(1, 4), Alone(log.note(0)), ticket="P001")
    assert faults(found) == []
    assert "is signed and grows from 3 to 6 rows" in found[0].text
    assert "is signed: 3 rows" in found[2].text
    assert found[-1].text == "P001: row 4, 2026-11-23 08:04:00 UTC, ticket.called (hall A, service P)"


def test_a_row_that_shows_no_more_than_its_ticket_is_told_without_brackets() -> None:
    log = MadeLog(1)
    log.leaves = ['{"at":"2026-11-23T08:00:00Z","n":0,"number":"P000","rest":"","type":"ticket.called"}']
    assert log.found(log.proof(0, 0), ticket="P000")[-1].text == (
        "P000: row 0, 2026-11-23 08:00:00 UTC, ticket.called"
    )
