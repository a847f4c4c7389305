"""Another key: what an old one made is read, made anew in batches, and holds its key as long as needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from server.services.guard import limits
from server.services.privacy import hanging
from server.services.privacy.hanging import hanging_on, reseal
from server.services.privacy.key_watch import follow_keys
from server.services.queue.views.offline_list import line_key
from server.store.key_file import add_key, create_key_file, drop_key, load_key_file
from server.store.queries import office as office_rows
from tests.server.sample_office import SampleOffice
from tests.server.services.privacy.under_keys import UnderKeys, unread


@pytest.fixture
def under(office: SampleOffice) -> Iterator[UnderKeys]:
    """Give the sample office on each database, with keys that may be changed."""
    made = UnderKeys(office)
    yield made
    made.restore()


def test_what_can_be_made_anew_outlives_its_key(under: UnderKeys) -> None:
    things = under.remade()
    assert unread(things) == set()
    under.rotate()
    assert unread(things) == set()
    assert hanging_on(under.store, under.keys, under.old, under.context.now)["reservations"] == 1
    done = reseal(under.store.write, under.keys)
    assert (done["reservations"], done["accounts"], done["second factors"]) == (1, 1, 1)
    assert unread(things) == set()
    under.forget()
    assert unread(things) == set()


def test_nothing_is_read_without_its_key(under: UnderKeys) -> None:
    # The control: each thing of the inventory hangs on its key, else the tests beside this one show nothing.
    things = under.remade() + under.held()
    under.rotate()
    under.forget()
    assert unread(things) == {thing.name for thing in things}


def test_what_nobody_can_make_anew_is_read_and_holds_its_key(under: UnderKeys) -> None:
    things = under.held()
    assert unread(things) == set()
    under.office.clock.advance(minutes=5)
    under.rotate()
    assert unread(things) == set()
    reseal(under.store.write, under.keys)
    assert unread(things) == set()
    under.office.clock.advance(minutes=1)
    found = hanging_on(under.store, under.keys, under.old, under.context.now)
    assert found == {
        "recovery codes": 10 - 3,
        "answers of commands": 3,
        "codes of devices": 1,
        "activation codes": 1,
        "links to questions": 1,
        "links of tickets": 1,
        "links of visits": 1,
    }


def test_a_key_on_which_nothing_hangs_may_go(under: UnderKeys) -> None:
    under.rotate()
    assert hanging_on(under.store, under.keys, under.old, under.context.now) == {}


def test_a_reseal_that_was_cut_is_done_to_its_end(under: UnderKeys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hanging, "AT_ONCE", 2)
    codes = [under.office.book("P", "12:00")["code"] for _ in range(7)]
    under.rotate()
    left = iter(range(3))

    def cut(work: Callable[[Session], Any]) -> Any:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return under.store.write(work)

    with pytest.raises(KeyboardInterrupt):
        reseal(cut, under.keys)
    keys = hanging_on(under.store, under.keys, under.old, under.context.now)["persons' keys"]
    assert 0 < keys < 7
    assert all(under._found(code) for code in codes)
    done = reseal(under.store.write, under.keys)
    assert (done["persons' keys"], done["reservations"]) == (keys, 7)
    assert reseal(under.store.write, under.keys).total() == 0
    under.forget()
    assert all(under._found(code) for code in codes)


def test_a_row_that_changed_meanwhile_is_left_to_who_changed_it(under: UnderKeys) -> None:
    booked = under.office.book("P", "12:00")["id"]
    under.rotate()
    row = {"id": booked, "code_hash": b"what it was before"}
    put = hanging.sealed.put
    table = hanging.Reservation
    assert not under.store.write(
        lambda session: put(session, table, booked, {"code_hash": row["code_hash"]}, {"code_hash": b"new"})
    )
    assert under.office.reservation(booked).code_hash != b"new"


def test_a_second_visit_is_noticed_whichever_key_knew_the_first(under: UnderKeys) -> None:
    person = {"name": "Ala Nowak", "birth_date": "1980-02-03"}
    under.office.book("P", "12:00", **person)
    under.rotate()
    hour = under.office.rows(hanging.Reservation)[0].appointment_at
    again = under.office.integrator.post("/reservations", under.office.wish("P", hour, **person))
    assert again.get_json()["reason"] == "already_booked"


def test_what_was_spent_stays_spent(under: UnderKeys) -> None:
    assert under.write(limits.spend, "challenge", "a puzzle")
    under.rotate()
    assert not under.write(limits.spend, "challenge", "a puzzle")
    assert under.write(limits.spend, "challenge", "another")


def test_kiosks_and_counters_know_each_other_all_day_and_the_next_one(under: UnderKeys) -> None:
    branch = under.context.office.branch_named("wroclaw")
    assert branch is not None
    today = line_key(under.context, branch)
    blind = under.keys.blind
    under.rotate()
    assert line_key(under.context, branch) == today
    under.office.clock.advance(days=1)
    tomorrow = line_key(under.context, branch)
    under.forget()
    assert line_key(under.context, branch) == tomorrow != today
    assert under.keys.blind == blind


class TwoServers:
    """Two servers on one database, each with a key file of its own."""

    def __init__(self, office: SampleOffice, folder: Path) -> None:
        self.office = office
        self.files = folder / "one.key", folder / "two.key"
        create_key_file(self.files[0])
        self.copy()
        self.rings = [load_key_file(each) for each in self.files]
        office.store.write(lambda session: office_rows.keep_key_check(session, self.rings[0]))

    def copy(self) -> None:
        """Give the second server the first one's file, as an operator does."""
        text = self.files[0].read_bytes()
        self.files[1].unlink(missing_ok=True)
        self.files[1].touch(0o600)
        self.files[1].write_bytes(text)

    def look(self) -> list[str]:
        """Let both follow their files; tell what each lacks."""
        context = self.office.runtime.context()
        for ring in (*self.rings, self.rings[0], self.rings[1]):
            follow_keys(self.office.store, replace(context, keys=ring))
        return [ring.lack(context.now) for ring in self.rings]


def test_a_server_with_the_old_file_says_so_before_it_is_too_late(
    office: SampleOffice, tmp_path: Path
) -> None:
    office.store.write(
        lambda session: session.query(office_rows.Setting).filter_by(name="key_check").delete()
    )
    two = TwoServers(office, tmp_path)
    first, second = two.rings
    assert two.look() == ["", ""]
    new = add_key(two.files[0], office.clock.now() + timedelta(minutes=10))
    office.store.write(lambda session: office_rows.tell_next_key(session, new))
    assert two.look() == ["", "next_missing"]
    # It needs no look to know when that is: it has been told the instant.
    assert second.lack(new.used_from or office.clock.now()) == "missing"
    # Not in use yet: whatever the first one makes, the second one reads.
    assert second.open(first.seal(b"x", b"y"), b"y") == b"x"
    office.clock.advance(minutes=10)
    assert two.look() == ["", "missing"]
    two.copy()
    assert two.look() == ["", ""]
    assert first.check == second.check == new.check
    assert second.open(first.seal(b"x", b"y"), b"y") == b"x"


def test_a_server_that_has_not_the_key_in_use_is_not_ready(one_office: SampleOffice) -> None:
    keys = one_office.runtime.keys
    try:
        keys.lacking_from = one_office.clock.now() + timedelta(minutes=1)
        assert one_office.door().get("//readyz").get_json()["parts"]["keys"] == "next_missing"
        assert one_office.runtime.leadership.leads()
        one_office.clock.advance(minutes=1)
        answer = one_office.door().get("//readyz")
        assert (answer.status_code, answer.get_json()["facts"]["missing"]) == (503, ["keys"])
        assert not one_office.runtime.leadership.leads()
    finally:
        keys.lacking_from = None


def test_a_key_that_was_dropped_is_forgotten_by_a_server_that_runs(
    one_office: SampleOffice, tmp_path: Path
) -> None:
    file = tmp_path / "numerek.key"
    old = create_key_file(file).in_use
    ring = load_key_file(file)
    sealed, blind = ring.seal(b"x", b"y"), ring.blind
    add_key(file, one_office.clock.now())
    context = replace(one_office.runtime.context(), keys=ring)
    one_office.store.write(
        lambda session: session.query(office_rows.Setting).filter_by(name="key_check").delete()
    )
    assert follow_keys(one_office.store, context) == 1
    assert ring.open(sealed, b"y") == b"x"
    drop_key(file, old.id)
    follow_keys(one_office.store, context)
    assert [key.id for key in ring.keys] != [old.id]
    assert len(ring.keys) == 1
    assert ring.blind == blind
