"""Each day of a branch is signed once it is over, and whoever keeps that finds what was changed later."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from server.domain.audit.documents import Alone, DayLog
from server.domain.audit.notes import read_checkpoint, read_note
from server.services.audit import growth, publication, signing
from server.services.audit.checking import check_log
from server.services.audit.signing import change_key, prove
from server.services.context import RuleBroken
from server.store.facts import GENESIS, NewFact, chain, facts_after, verify_chain
from server.store.queries import audit
from server.store.queries.audit import KeyRow
from server.store.store import Store
from server.store.tables import AuditCheckpoint, AuditKey, AuditTile, AuditTree, Fact, Setting
from tests.server.at_once import at_once
from tests.server.portal.addresses import print_of
from tests.server.sample_office import SampleOffice
from tests.server.services.audit.proved import MONDAY, TUESDAY, WEDNESDAY, Proved, faults, night_after


@pytest.fixture
def proved(office: SampleOffice) -> Proved:
    """Give an office with a busy Monday that is not over."""
    made = Proved(office)
    made.busy_day(MONDAY)
    office.wait_until_sealed()
    return made


def two_days(proved: Proved) -> Alone:
    """Sign Monday and Tuesday; return what somebody kept of Monday."""
    proved.prove(night_after(MONDAY))
    kept = Alone(proved.note(MONDAY))
    proved.busy_day(TUESDAY)
    proved.office.wait_until_sealed()
    proved.prove(night_after(TUESDAY))
    return kept


# --- signing ----------------------------------------------------------------------------------------------


def test_a_day_is_signed_when_it_is_over_and_not_before(proved: Proved) -> None:
    assert proved.prove() == 0
    assert proved.prove(night_after(MONDAY, minutes=4)) == 0
    assert proved.office.rows(AuditCheckpoint) == []
    assert proved.prove(night_after(MONDAY)) == 2
    head = read_checkpoint(read_note(proved.note()).text)
    assert (head.origin, head.day) == ("numerek.test/wroclaw", MONDAY)
    own = [fact for fact in proved.office.facts() if fact.branch_id == proved.branch_id]
    assert head.size == len(own) > 8
    before = print_of(proved.office)
    assert proved.prove() == 0
    assert print_of(proved.office) == before, "what is not due does not write"


def test_who_has_only_the_files_finds_the_day_right_and_each_ticket_in_it(proved: Proved) -> None:
    numbers = [fact.data["number"] for fact in proved.office.facts("ticket.issued")]
    kept = two_days(proved)
    assert faults(proved.found(kept, proved.log(MONDAY), proved.log(TUESDAY))) == []
    for number in numbers:
        assert faults(proved.found(proved.log(MONDAY), ticket=number)) == []
    told = [each.text for each in proved.found(proved.log(MONDAY), ticket=numbers[0])]
    kinds = ["ticket.issued", "ticket.called", "ticket.started", "ticket.finished"]
    assert [kind in line for kind, line in zip(kinds, told[1:], strict=True)] == [True] * 4


def test_the_log_of_a_day_has_nobody_in_it(proved: Proved) -> None:
    proved.office.clock.set("11:00")
    proved.office.book("P", "11:30", name="Marker Markiewicz")
    proved.office.arrive("P", "11:20")
    proved.office.wait_until_sealed()
    two_days(proved)
    log = proved.log(MONDAY)
    assert isinstance(log, DayLog)
    shown = [json.loads(leaf) for leaf in log.leaves]
    assert {name for row in shown for name in row} == {
        *("n", "rest", "type", "at", "number", "hall", "service", "ahead", "booked"),
    }
    assert "Mark" not in "".join(log.leaves)
    assert {row.get("type", "")[:7] for row in shown} == {"", "ticket."}
    assert [row["booked"] for row in shown if row.get("type") == "ticket.issued"] == [False] * 4 + [True]


def test_every_row_is_proved_and_a_later_day_begins_with_an_earlier_one(proved: Proved) -> None:
    kept = two_days(proved)
    branch = proved.branch_id
    head = read_checkpoint(read_note(proved.note()).text)
    for place in range(head.size):
        proof = proved.read(lambda s, c, p=place: publication.row_proof(s, c, branch, TUESDAY, p))
        assert faults(proved.found(proof)) == []
    grown = proved.read(lambda s, _: publication.growth_proof(s, branch, MONDAY, TUESDAY))
    assert faults(proved.found(kept, grown)) == []
    for wrong in (-1, head.size):
        with pytest.raises(RuleBroken):
            proved.read(lambda s, c, p=wrong: publication.row_proof(s, c, branch, TUESDAY, p))
    for since, day in ((TUESDAY, MONDAY), (MONDAY, WEDNESDAY)):
        with pytest.raises(RuleBroken):
            proved.read(lambda s, _, a=since, b=day: publication.growth_proof(s, branch, a, b))


def test_days_without_a_server_are_signed_later_one_by_one(proved: Proved) -> None:
    proved.prove(night_after(MONDAY))
    assert proved.prove(night_after(MONDAY + timedelta(days=4))) == 8
    listed = proved.read(lambda s, _: publication.days(s, proved.branch_id, 3))
    assert [each.day.day for each in listed] == [27, 26, 25]
    assert [each.rows for each in listed] == [0, 0, 0]
    every = proved.read(lambda s, _: publication.days(s, proved.branch_id, 30))
    assert every[-1].rows == every[-1].size == listed[0].size
    assert faults(proved.found(proved.log(MONDAY), proved.log(WEDNESDAY))) == []


def test_a_clock_that_went_back_signs_nothing_twice(proved: Proved) -> None:
    proved.prove(night_after(TUESDAY))
    assert proved.prove(night_after(MONDAY)) == 0
    assert {row.day for row in proved.office.rows(AuditCheckpoint)} == {TUESDAY}


def test_two_servers_sign_a_day_once_and_grow_one_tree(proved: Proved) -> None:
    other = Store(proved.office.url) if not proved.office.store.sqlite else proved.office.store
    proved.office.clock.set(night_after(MONDAY))
    context = proved.office.runtime.context()
    try:
        at_once(4, lambda place: prove((proved.office.store, other)[place % 2], context))
        proved.prove()
    finally:
        if other is not proved.office.store:
            other.close()
    assert len(proved.office.rows(AuditCheckpoint)) == 2
    assert len(proved.office.rows(AuditKey)) == 1
    assert faults(proved.found(proved.log(MONDAY))) == []
    assert proved.read(check_log).wrong is None


def test_a_server_that_comes_second_makes_no_second_key(
    proved: Proved, monkeypatch: pytest.MonkeyPatch
) -> None:
    proved.office.clock.set(night_after(MONDAY))
    looked = [audit.keys, lambda session: []]  # the second server looked before the first one wrote
    monkeypatch.setattr(
        audit, "keys", lambda session: (looked.pop() if len(looked) > 1 else looked[0])(session)
    )
    first = KeyRow(1, b"theirs", b"sealed", proved.office.clock.now(), None)
    proved.office.store.write(lambda session: audit.add_key(session, first))
    assert [
        row.public_key for row in signing._keys(proved.office.store, proved.office.runtime.context())
    ] == [b"theirs"]
    assert len(proved.office.rows(AuditKey)) == 1


def test_a_long_log_grows_page_by_page_and_is_signed_when_it_is_whole(
    proved: Proved, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growth, "_FACTS_AT_ONCE", 3)
    monkeypatch.setattr(growth, "_PAGES_AT_ONCE", 2)
    proved.office.clock.set(night_after(MONDAY))
    looks = 0
    while proved.prove() == 0:
        looks += 1
        assert looks < 50
    assert looks >= 1
    assert faults(proved.found(proved.log(MONDAY))) == []
    assert len(proved.office.rows(AuditTile, AuditTile.branch_id == proved.branch_id)) == 1


def test_a_log_that_is_too_long_is_handed_out_in_parts(
    proved: Proved, monkeypatch: pytest.MonkeyPatch
) -> None:
    proved.prove(night_after(MONDAY))
    rows = read_checkpoint(read_note(proved.note()).text).size
    monkeypatch.setattr(publication, "MOST_ROWS", 3)
    with pytest.raises(RuleBroken, match="log_too_long"):
        proved.log(MONDAY)
    parts = proved.read(lambda s, _: publication.days(s, proved.branch_id, 30))[0].parts
    assert parts == -(-rows // 3) > 2
    logs = [proved.log(MONDAY, part) for part in range(1, parts + 1)]
    assert faults(proved.found(*reversed(logs))) == []
    (fault,) = faults(proved.found(*logs[:-1]))
    assert "the log is cut" in fault
    for missing in (0, parts + 1):
        with pytest.raises(RuleBroken):
            proved.log(MONDAY, missing)
    monkeypatch.setattr(publication, "MOST_ROWS", rows)
    assert proved.log(MONDAY) == proved.log(MONDAY, 1)
    assert proved.read(lambda s, _: publication.days(s, proved.branch_id, 30))[0].parts == 1


def test_what_was_not_signed_is_not_there(proved: Proved) -> None:
    for ask in (lambda: proved.note(), lambda: proved.note(MONDAY), lambda: proved.log(MONDAY)):
        with pytest.raises(RuleBroken):
            ask()
    assert proved.read(lambda s, _: publication.keys(s, proved.branch_id)) == []


def test_the_board_shows_the_code_of_the_last_signed_day(proved: Proved) -> None:
    def shown(door: str = "board:wroclaw") -> object:
        # The shared look is kept for some seconds.
        proved.office.clock.advance(seconds=6)
        return proved.office.door(door).get("/boards/A").get_json().get("checkpoint")

    assert shown() is None
    proved.prove(night_after(MONDAY))
    first = read_checkpoint(read_note(proved.note()).text).short
    assert shown() == {"day": "2026-11-23", "code": first}
    proved.busy_day(TUESDAY)
    proved.office.wait_until_sealed()
    assert shown() == {"day": "2026-11-23", "code": first}, "today is not signed yet"
    proved.prove(night_after(TUESDAY))
    second = read_checkpoint(read_note(proved.note()).text).short
    assert shown() == {"day": "2026-11-24", "code": second} != {"day": "2026-11-24", "code": first}
    (listed, _) = proved.read(lambda s, _: publication.days(s, proved.branch_id, 2))
    assert listed.short == second, "the public page has the same"
    assert any(f"code {second}" in each.text for each in proved.found(proved.log(TUESDAY))), "and the check"
    proved.office.set_policy(board_shows_checkpoint=False)
    assert shown() is None


# --- keys -------------------------------------------------------------------------------------------------


def test_a_new_key_is_introduced_by_the_old_one(proved: Proved) -> None:
    proved.prove(night_after(MONDAY))
    old = proved.key()
    proved.office.store.write(lambda s: change_key(s, proved.office.runtime.context()))
    proved.prove(night_after(TUESDAY))
    proved.prove(night_after(WEDNESDAY))
    new = proved.key()
    assert new != old
    for day, known in ((MONDAY, {old}), (TUESDAY, {old, new}), (WEDNESDAY, {new})):
        for key in (old, new):
            assert (faults(proved.found(Alone(proved.note(day)), key=key)) == []) == (key in known)


def test_the_private_key_lies_sealed(proved: Proved) -> None:
    proved.prove(night_after(MONDAY))
    (row,) = proved.office.rows(AuditKey)
    seed = proved.office.runtime.context().keys.open(row.sealed_seed, signing.bound_to(row.public_key))
    assert seed not in row.sealed_seed
    assert seed.hex() not in str(proved.log(MONDAY))


# --- tampered with ----------------------------------------------------------------------------------------


@pytest.fixture
def signed(proved: Proved) -> tuple[Proved, Alone]:
    """Give an office with two signed days, and what somebody kept of the first."""
    return proved, two_days(proved)


def chain_anew(session: Any) -> None:
    """Make the whole chain of hashes anew, as an insider with the database can."""
    previous = GENESIS
    for number, fact in enumerate(facts_after(session, 0, 10_000), 1):
        body: Any = NewFact(fact.type, fact.at, fact.branch_id, fact.data)  # type: ignore[arg-type]
        previous = chain(previous, number, body)
        row = update(Fact).where(Fact.feed_number == fact.feed_number)
        session.execute(row.values(feed_number=number, chain_hash=previous))


def cut_tail(session: Any) -> None:
    last = session.execute(select(Fact.feed_number).order_by(Fact.feed_number.desc()).limit(1)).scalar_one()
    session.execute(delete(Fact).where(Fact.feed_number > last - 2))


def cut_out(session: Any) -> None:
    called = session.execute(
        select(Fact.id).where(Fact.type == "ticket.called").order_by(Fact.id).limit(1)
    ).scalar_one()
    session.execute(delete(Fact).where(Fact.id == called))
    chain_anew(session)


def edit(session: Any) -> None:
    fact = session.execute(
        select(Fact).where(Fact.type == "ticket.called").order_by(Fact.id).limit(1)
    ).scalar_one()
    fact.data = fact.data | {"number": "P999"}
    session.flush()
    chain_anew(session)


def reorder(session: Any) -> None:
    one, other = session.execute(
        select(Fact).where(Fact.type == "ticket.issued").order_by(Fact.id).limit(2)
    ).scalars()
    one.data, other.data = other.data, one.data
    session.flush()
    chain_anew(session)


def edit_what_is_closed(session: Any) -> None:
    fact = session.execute(
        select(Fact).where(Fact.type == "ticket.called").order_by(Fact.id).limit(1)
    ).scalar_one()
    fact.data = fact.data | {"clerk": 1}
    session.flush()
    chain_anew(session)


TAMPERINGS = (cut_tail, cut_out, edit, reorder, edit_what_is_closed)


@pytest.mark.parametrize("tamper", TAMPERINGS)
def test_what_an_insider_changed_is_found_though_the_chain_of_hashes_fits(
    signed: tuple[Proved, Alone], tamper: Any
) -> None:
    proved, _kept = signed
    assert proved.read(check_log).wrong is None
    proved.office.store.write(tamper)
    assert proved.office.store.read(verify_chain) is None, "the control: the chain alone does not notice"
    day = TUESDAY if tamper is cut_tail else MONDAY
    assert proved.read(check_log).wrong == (proved.branch_id, day)
    found = faults(proved.found(proved.log(day)))
    assert any(word in found[0] for word in ("cut", "edited", "re-ordered")), found


@pytest.mark.parametrize("tamper", TAMPERINGS[1:])
def test_an_insider_who_signs_all_anew_is_found_by_whoever_kept_a_checkpoint(
    signed: tuple[Proved, Alone], tamper: Any
) -> None:
    proved, kept = signed
    key = proved.key()

    def all_anew(session: Any) -> None:
        tamper(session)
        for table in (AuditCheckpoint, AuditTile, AuditTree):
            session.execute(delete(table))
        session.execute(delete(Setting).where(Setting.name == "audited_feed_number"))

    proved.office.store.write(all_anew)
    # On the first night it signs as the last day whatever there is.
    assert proved.prove(night_after(MONDAY)) == 2
    assert proved.prove(night_after(TUESDAY)) == 2
    later = proved.log(TUESDAY)
    assert proved.read(check_log).wrong is None
    assert faults(proved.found(later, key=key)) == [], "the control: by itself it looks right"
    assert len(faults(proved.found(kept, later, key=key))) == 1
