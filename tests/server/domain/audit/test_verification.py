"""Whoever kept a checkpoint finds what was cut, edited, re-ordered, of another branch or from the future."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from server.domain.audit.documents import Alone, DayLog, DocumentError, read_document
from server.domain.audit.leaves import LeafError, leaf_of, read_leaf
from server.domain.audit.notes import Checkpoint
from server.domain.audit.tree import edge_at
from server.domain.audit.verification import check
from tests.server.domain.audit.made_log import NOON, MadeLog, edited, faults, is_genuine, with_leaves

LOG = MadeLog(300, 300, 620, 777)
KEPT = Alone(LOG.note(0))


def test_a_day_is_right_and_extends_what_was_kept() -> None:
    told = [each.text for each in LOG.found(KEPT, LOG.log(2), LOG.log(3))]
    assert faults(LOG.found(KEPT, LOG.log(2), LOG.log(3))) == []
    assert told[0] == f"file 1: is signed: 300 rows (q.example/wroclaw, 2026-11-23, code {LOG.head(0).short})"
    assert told[1].startswith("file 2: 320 rows give the root that was signed (q.example/wroclaw, 2026-11-25")
    assert told[3] == "the checkpoint of 2026-11-25 extends that of 2026-11-23: all its rows are still there"
    assert len(told) == 5


def test_a_day_on_which_nothing_happened_is_right_too() -> None:
    assert faults(LOG.found(KEPT, LOG.log(1), LOG.log(2))) == []
    assert "nothing happened between 2026-11-23 and 2026-11-24" in str(LOG.found(KEPT, Alone(LOG.note(1))))


def parts_of(log: DayLog, *lengths: int) -> list[DayLog]:
    """Cut a day into parts, as a long one is handed out."""
    parts, begin = [], 0
    for length in lengths:
        before = edge_at(log.before_size + begin, LOG._tiles().subtree).hashes
        rows = log.leaves[begin : begin + length]
        parts.append(replace(log, before_size=log.before_size + begin, before=before, leaves=rows))
        begin += length
    return parts


def test_the_parts_of_a_long_day_are_one_day_in_whatever_order_they_come() -> None:
    first, second, third = parts_of(LOG.log(2), 100, 150, 70)
    found = LOG.found(second, KEPT, third, first, ticket="P140")
    assert faults(found) == []
    assert found[0].text.startswith("file 4 and file 1 and file 3: 320 rows give the root that was signed")
    assert found[1].text.startswith("file 2: is signed")
    assert "extends that of 2026-11-23" in found[2].text
    assert [each.text.partition(",")[0] for each in found[3:]] == ["P140: row 420", "P140: row 421"]


def test_parts_of_two_days_are_two_days() -> None:
    early, late = parts_of(LOG.log(2), 100, 220), parts_of(LOG.log(3), 57, 100)
    found = LOG.found(late[1], early[1], early[0], late[0])
    assert faults(found) == []
    assert [each.text.partition(" give")[0] for each in found[:2]] == [
        "file 4 and file 1: 157 rows",
        "file 3 and file 2: 320 rows",
    ]


def test_a_part_that_is_missing_or_changed_is_told() -> None:
    first, second, third = parts_of(LOG.log(2), 100, 150, 70)
    assert faults(LOG.found(first, third)) == ["file 1: the log is cut: it has 100 of 320 rows"]
    assert faults(LOG.found(first, second)) == ["file 1 and file 2: the log is cut: it has 250 of 320 rows"]
    changed = with_leaves(second, *second.leaves[:5], edited(second.leaves[5], rest="00"), *second.leaves[6:])
    (fault,) = faults(LOG.found(first, changed, third))
    assert "the log was edited" in fault
    other = replace(second, note=LOG.note(3))
    assert len(faults(LOG.found(first, other, third))) >= 2, "a part of another day is not of this one"


def test_a_proof_of_growth_links_days_that_lie_apart() -> None:
    assert faults(LOG.found(KEPT, LOG.growth(0, 3))) == []
    (fault,) = faults(LOG.found(KEPT, Alone(LOG.note(3))))
    assert "nothing here shows that it extends file 1" in fault
    assert "no checkpoint of 620 rows" in faults(LOG.found(LOG.growth(2, 3)))[0]
    assert faults(LOG.found(KEPT, LOG.log(3)))[0].endswith("get the proof since 2026-11-23 too")


def test_a_ticket_is_found_with_its_rows_or_told_to_be_missing() -> None:
    told = [each.text for each in LOG.found(LOG.log(2), ticket="P120")]
    assert told[1:] == [
        "P120: row 360, 2026-11-23 14:00:00 UTC, ticket.issued (ahead 2, booked False, hall A, service P)",
        "P120: row 361, 2026-11-23 14:01:00 UTC, ticket.called (hall A, service P)",
    ]
    assert faults(LOG.found(LOG.log(2), ticket="P999")) == [
        "P999: no row of these files is about this ticket"
    ]
    one = LOG.found(LOG.proof(2, 361), ticket="P120")
    assert faults(one) == []
    assert one[0].text.startswith("file 1: row 361 is in the log")


@pytest.mark.parametrize("place", [0, 255, 256, 619])
def test_any_row_is_proved_and_a_changed_one_is_not(place: int) -> None:
    proof = LOG.proof(2, place)
    assert faults(LOG.found(proof)) == []
    forged = replace(proof, leaf=edited(proof.leaf, rest="00"))
    assert faults(LOG.found(forged)) == ["file 1: the path leads to another root"]
    assert len(faults(LOG.found(replace(proof, index=(place + 1) % 620)))) == 1


# --- tampered with ----------------------------------------------------------------------------------------


def tampered(kind: str) -> DayLog:
    """Change a day's rows, and leave the note as it was."""
    log = LOG.log(2)
    rows = list(log.leaves)
    if kind == "tail":
        rows = rows[:-3]
    elif kind == "middle":
        del rows[100]
    elif kind == "edited":
        rows[60] = edited(rows[60], number="P001")
    elif kind == "closed row":
        rows[62] = edited(rows[62], rest="00" * 32)
    elif kind == "re-ordered":
        rows[10], rows[20] = rows[20], rows[10]
    elif kind == "re-ordered and numbered anew":
        rows[10], rows[20] = edited(rows[20], n=310), edited(rows[10], n=320)
    elif kind == "put in":
        rows.insert(5, rows[5])
    elif kind == "exchanged":
        rows[5] = rows[6]
    elif kind == "nonsense":
        rows[5] = "[]"
    return with_leaves(log, *rows)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("tail", "the log is cut: it has 317 of 320 rows"),
        ("middle", "the log is cut: it has 319 of 320 rows"),
        ("edited", "the log was edited: its rows do not give the root that was signed"),
        ("closed row", "the log was edited: its rows do not give the root that was signed"),
        ("re-ordered", "the log was re-ordered: row 320 stands where 310 belongs"),
        ("re-ordered and numbered anew", "the log was edited"),
        ("put in", "the log has 1 rows that were not in it when it was signed"),
        ("exchanged", "the log was edited: row 306 stands where 305 belongs, and not all rows are there"),
        ("nonsense", "row 305 is no row of such a log"),
    ],
)
def test_a_tampered_day_is_told_for_what_it_is(kind: str, words: str) -> None:
    (fault,) = faults(LOG.found(tampered(kind)))
    assert words in fault


def office_signs_again(leaves: list[str]) -> MadeLog:
    """Make the log of an office that changed its rows, and signs what they are now."""
    log = MadeLog(300, 620)
    log.leaves, log.sizes = leaves, (300, len(leaves))
    return log


def dishonest() -> dict[str, list[str]]:
    rows = MadeLog(620).leaves
    swapped = list(rows)
    swapped[7], swapped[9] = edited(rows[9], n=7), edited(rows[7], n=9)
    return {
        "edited": [edited(rows[0], number="P777"), *rows[1:]],
        "re-ordered": swapped,
        "cut in the middle": [edited(leaf, n=place) for place, leaf in enumerate(rows[:5] + rows[6:])],
    }


@pytest.mark.parametrize("kind", ["edited", "re-ordered", "cut in the middle"])
def test_who_kept_yesterdays_checkpoint_finds_what_the_office_changed_before_it(kind: str) -> None:
    office = office_signs_again(dishonest()[kind])
    later = office.log(1)
    assert faults(office.found(later)) == [], "by itself the new day looks right"
    (fault,) = faults(office.found(KEPT, later))
    assert "does not begin with the rows of 2026-11-23: they were cut, edited or re-ordered" in fault
    (fault,) = faults(office.found(KEPT, office.growth(0, 1)))
    assert "does not begin with" in fault


def test_who_kept_yesterdays_checkpoint_finds_a_tail_that_was_cut_off() -> None:
    office = MadeLog(300, 280)
    office.leaves = MadeLog(300).leaves
    (fault,) = faults(office.found(KEPT, Alone(office.note(1))))
    assert "the log was cut: 2026-11-24 has 20 rows less than 2026-11-23 had" in fault


def test_two_stories_about_one_day_are_found() -> None:
    other = office_signs_again(dishonest()["edited"])
    assert "two different checkpoints of 2026-11-23" in faults(LOG.found(KEPT, Alone(other.note(0))))[0]
    same_size = replace(other.head(0), day=LOG.head(1).day)
    (fault,) = faults(LOG.found(KEPT, Alone(LOG.signed(same_size))))
    assert "as many rows, but other ones" in fault


def test_another_branch_is_told() -> None:
    elsewhere = MadeLog(300, 620, origin="q.example/opole")
    (fault,) = faults(LOG.found(KEPT, elsewhere.log(1)))
    assert "the checkpoint of another branch: of q.example/opole, and the key of q.example/wroclaw" in fault
    both = [LOG.verifier, elsewhere.verifier]
    found = check([("a", KEPT), ("b", elsewhere.log(1))], both, is_genuine, NOON)
    assert "is of another branch" in faults(found)[0]
    assert len(faults(found)) == 1


def test_what_another_key_signed_is_told() -> None:
    forger = MadeLog(300, secret=bytes(range(1, 33)))
    assert "nobody whose key is known" in faults(LOG.found(Alone(forger.note(0))))[0]
    changed = LOG.note(0).replace("\n300\n", "\n301\n")
    assert "is false" in faults(LOG.found(Alone(changed)))[0]


def test_what_is_from_the_future_is_told() -> None:
    early = datetime(2026, 11, 23, 9, 59, tzinfo=UTC)
    assert "the checkpoint is from the future" in faults(LOG.found(KEPT, now=early))[0]
    assert faults(LOG.found(KEPT, now=early + timedelta(minutes=2))) == []
    ahead = Checkpoint("q.example/wroclaw", 300, LOG.head(0).root, date(2026, 11, 22))
    rows = replace(LOG.log(0), note=LOG.signed(ahead))
    (fault,) = faults(LOG.found(rows, now=datetime(2026, 11, 23, 8, 30, tzinfo=UTC)))
    assert fault == "file 1: row 36 is from the future: 2026-11-23 08:36 UTC"


# --- as files -----------------------------------------------------------------------------------------------


def test_each_document_is_the_same_after_it_was_written_and_read() -> None:
    for document in (LOG.proof(2, 361), LOG.growth(0, 3)):
        assert read_document(str(document)) == document
    assert read_document(json.dumps(LOG.log(2).as_json(), ensure_ascii=False)) == LOG.log(2)
    assert read_document(LOG.note(1)) == Alone(LOG.note(1))
    assert str(LOG.proof(2, 361)).startswith("c2sp.org/tlog-proof@v1\nextra ")


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(LOG.log(0).as_json())[:-100],
        json.dumps(LOG.log(0).as_json() | {"format": "other"}),
        json.dumps(LOG.log(0).as_json() | {"leaves": [1]}),
        json.dumps(LOG.log(0).as_json() | {"first": "0"}),
        json.dumps(LOG.log(2).as_json() | {"before": ["x"]}),
        str(LOG.proof(2, 361))[:60],
        str(LOG.proof(2, 361)).replace("index 361", "index x"),
        str(LOG.proof(2, 361)).replace("extra ey", "extra !"),
        str(LOG.growth(0, 3)).replace("old 300", "old -1"),
        "old 3\n" + "A" * 43 + "=\n",
        "old 3\n" + ("A" * 43 + "=\n") * 65 + "\nx",
        "{" * 100_000,
    ],
)
def test_a_damaged_file_is_told(text: str) -> None:
    with pytest.raises(DocumentError):
        read_document(text)


def test_the_hashes_before_a_day_have_to_fit() -> None:
    assert "do not fit" in faults(LOG.found(replace(LOG.log(2), before=())))[0]


# --- rows ---------------------------------------------------------------------------------------------------


def test_a_row_shows_the_queue_and_nobody_in_it() -> None:
    data = {
        **{"ticket": 4711, "number": "P042", "hall": "A", "service": "P", "ahead": 3, "lane": "priority"},
        **{"device": 5, "clerk": 9, "user": 8, "reason": "health", "language": "uk", "counter": 7, "call": 6},
        **{"outcome": "served", "appointment_at": "2026-11-23T09:00:00+01:00", "note": "x"},
    }
    at = datetime(2026, 11, 23, 8, 1, 2, 345_678, tzinfo=UTC)
    shown = json.loads(leaf_of(7, "ticket.issued", at, data, b"all of it", b"blind"))
    assert shown.pop("rest") == hashlib.sha256(b"blindall of it").hexdigest()
    assert shown == {
        **{"n": 7, "type": "ticket.issued", "at": "2026-11-23T08:01:02Z"},
        **{"number": "P042", "hall": "A", "service": "P", "ahead": 3, "booked": True},
    }
    called = json.loads(leaf_of(7, "ticket.called", at, data | {"out_of_order": True}, b"", b""))
    assert set(called) == {"n", "rest", "type", "at", "number", "hall", "service", "out_of_order"}


@pytest.mark.parametrize("kind", ["clerk.signed_in", "reservation.held", "user.changed", "counter.paused"])
def test_a_row_about_anything_else_shows_only_that_it_is_there(kind: str) -> None:
    leaf = leaf_of(7, kind, NOON, {"clerk": 9, "number": "P1", "user": 3}, b"row", b"blind")
    assert set(json.loads(leaf)) == {"n", "rest"}
    assert read_leaf(leaf).at is None


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "[]", "{}", '{"n":1}', '{"n":"1","rest":""}', '{"n":true,"rest":""}'),
        '{"n":1,"rest":"","number":"P1"}',
        '{"n":1,"rest":"","type":"a","at":"yesterday"}',
        '{"n":1,"rest":"' + "0" * 3_000 + '"}',
        "[" * 1_900,
    ],
)
def test_a_line_that_is_no_row_is_told(text: str) -> None:
    with pytest.raises(LeafError):
        read_leaf(text)
