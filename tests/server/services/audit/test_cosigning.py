"""What witnesses hand in is checked and kept once, and each day is told to those who want to hear of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.domain.audit import cosignatures, notes
from server.domain.audit.documents import Alone
from server.domain.audit.notes import KeyKind, Verifier
from server.domain.audit.verification import check
from server.services.audit import cosigning, publication
from server.services.context import RuleBroken
from server.services.ports import NotDelivered
from server.store.signature import is_signed
from server.store.tables import AuditCheckpoint, AuditCosignature, AuditTelling
from server.workers.webhook_worker import WebhookWorker
from tests.server.at_once import at_once
from tests.server.sample_office import SampleOffice
from tests.server.services.audit.proved import MONDAY, TUESDAY, Proved, faults, night_after

URL = "https://witness.example/add"


class Someone:
    """A witness with a key."""

    def __init__(self, name: str = "witness.example/w1", seed: int = 7) -> None:
        self.secret = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        public = self.secret.public_key().public_bytes_raw()
        self.key = Verifier(name, public, KeyKind.COSIGNATURE)

    def line(self, note: str, at: datetime) -> str:
        """Write the line of a co-signature."""
        seconds = int(at.timestamp())
        value = self.secret.sign(cosignatures.signed_text(notes.read_note(note).text, seconds))
        return cosignatures.cosignature(self.key, seconds, value)

    def cosigned(self, note: str, at: datetime) -> str:
        """Return a note with what this witness signs of it."""
        return note + self.line(note, at)


WITNESS, OTHER = Someone(), Someone("other.example/w", 9)


@pytest.fixture
def proved(office: SampleOffice) -> Proved:
    """Give an office with one signed day and two witnesses, one of whom is told."""
    made = Proved(office)
    office.set_policy(witnesses=[f"{WITNESS.key} {URL}", str(OTHER.key)])
    made.busy_day(MONDAY)
    office.wait_until_sealed()
    made.prove(night_after(MONDAY))
    return made


def hand_in(proved: Proved, text: str, day: date = MONDAY) -> list[str]:
    context = proved.office.runtime.context()
    branch = context.office.branches[proved.branch_id]
    kept = proved.office.store.write(lambda session: cosigning.hand_in(session, context, branch, day, text))
    return [each.name for each in kept]


def refused(proved: Proved, text: str, day: date = MONDAY) -> str:
    with pytest.raises(RuleBroken) as told:
        hand_in(proved, text, day)
    assert proved.office.rows(AuditCosignature) == []
    return told.value.reason


def test_what_a_witness_signs_is_kept_shown_and_given_on(proved: Proved) -> None:
    now = proved.office.clock.now()
    ours = proved.note()
    assert hand_in(proved, WITNESS.cosigned(ours, now)) == ["witness.example/w1"]
    assert hand_in(proved, OTHER.cosigned(ours, now)) == ["other.example/w"]
    (day,) = proved.read(lambda s, _: publication.days(s, proved.branch_id, 5))
    assert [name for name, _ in day.cosigned] == ["witness.example/w1", "other.example/w"]
    given = proved.note()
    assert given == ours + WITNESS.line(ours, now) + OTHER.line(ours, now)
    known = [notes.read_verifier(proved.key())]
    for document in (Alone(given), proved.log(MONDAY)):
        found = check([("x", document)], known, is_signed, now, witnesses=[WITNESS.key, OTHER.key])
        assert faults(found) == []
        assert "co-signed this on" in found[1].text
    (fault,) = faults(check([("x", Alone(ours))], known, is_signed, now, witnesses=[WITNESS.key]))
    assert "has not co-signed this" in fault


def test_who_comes_twice_or_four_times_at_once_is_kept_once(proved: Proved) -> None:
    now = proved.office.clock.now()
    ours = proved.note()
    first = WITNESS.cosigned(ours, now)
    at_once(4, lambda _: hand_in(proved, first))
    assert hand_in(proved, WITNESS.cosigned(ours, now + timedelta(seconds=9))) == ["witness.example/w1"]
    (row,) = proved.office.rows(AuditCosignature)
    assert row.signed_at == now.replace(microsecond=0)
    assert proved.note() == first


def test_both_in_one_note_are_kept(proved: Proved) -> None:
    now = proved.office.clock.now()
    note = OTHER.cosigned(WITNESS.cosigned(proved.note(), now), now)
    assert sorted(hand_in(proved, note)) == ["other.example/w", "witness.example/w1"]


def test_bad_input_is_told_and_not_kept(proved: Proved) -> None:
    now, ours = proved.office.clock.now(), proved.note()
    good = WITNESS.cosigned(ours, now)
    stranger, thief = Someone("stranger.example/x", 11), Someone(seed=12)
    forged = notes.signature_line(
        notes.Signature(
            WITNESS.key.name,
            WITNESS.key.key_id,
            notes.read_note(thief.cosigned(ours, now)).signatures[-1].value,
        )
    )
    elsewhere = ours.replace("numerek.test/wroclaw\n", "numerek.test/legnica\n", 1)
    head = notes.read_checkpoint(notes.read_note(ours).text)
    edited = ours.replace(f"\n{head.size}\n", f"\n{head.size + 1}\n")
    for text, reason in (
        ("", "bad_note"),
        (good[:-1], "bad_note"),
        (good[:40], "bad_note"),
        ("\x00" + good, "bad_note"),
        (WITNESS.cosigned(elsewhere, now), "other_log"),
        (WITNESS.cosigned(edited, now), "other_checkpoint"),
        (edited + WITNESS.line(ours, now), "other_checkpoint"),
        (ours + WITNESS.line(edited, now), "false_cosignature"),
        (ours + forged, "false_cosignature"),
        (stranger.cosigned(ours, now), "unknown_witness"),
        (thief.cosigned(ours, now), "unknown_witness"),
        (ours, "unknown_witness"),
        (WITNESS.cosigned(ours, now + timedelta(minutes=6)), "from_the_future"),
        (WITNESS.cosigned(ours, now - timedelta(minutes=6)), "before_the_checkpoint"),
    ):
        assert refused(proved, text) == reason, text
    assert refused(proved, good, TUESDAY) == "not_found"
    proved.office.set_policy(witnesses=[])
    assert refused(proved, good) == "unknown_witness"


def test_another_branchs_checkpoint_is_not_of_this_one(proved: Proved) -> None:
    legnica = proved.office.runtime.office.current().branch_named("legnica")
    assert legnica is not None
    theirs = proved.office.rows(AuditCheckpoint, AuditCheckpoint.branch_id == legnica.id)
    for row in theirs:
        assert refused(proved, WITNESS.cosigned(row.note, proved.office.clock.now())) == "other_log"
    assert theirs


# --- told -------------------------------------------------------------------------------------------------


class Line:
    """An address that answers as it is told, and keeps what came."""

    def __init__(self, *answers: int | str) -> None:
        self.answers, self.came = list(answers), []

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """Answer."""
        self.came.append((url, body.decode()))
        answer = self.answers.pop(0) if self.answers else 200
        if isinstance(answer, str):
            raise NotDelivered(answer, retry=True)
        return answer


def told(proved: Proved, line: Line) -> int:
    return WebhookWorker(proved.office.store, proved.office.runtime.context, line).send_due()


def test_each_day_is_told_once_to_who_has_an_address(proved: Proved) -> None:
    line = Line()
    assert [told(proved, line) for _ in range(3)] == [1, 0, 0]
    assert line.came == [(URL, proved.note())]
    proved.busy_day(TUESDAY)
    proved.office.wait_until_sealed()
    proved.prove(night_after(TUESDAY))
    assert told(proved, line) == 1
    assert line.came[1:] == [(URL, proved.note(TUESDAY))]


def test_who_does_not_answer_is_tried_again_with_pauses(proved: Proved) -> None:
    line = Line("no_connection", 500, 302, 204)
    tries: list[Any] = []
    for _ in range(400):
        before = len(line.came)
        if told(proved, line):
            break
        if len(line.came) > before:
            tries.append(proved.office.one(AuditTelling).tries)
        proved.office.clock.advance(seconds=30)
    assert tries == [1, 2, 3]
    row = proved.office.one(AuditTelling)
    assert (row.day, row.tries) == (MONDAY, 0)


def test_two_workers_tell_it_once(proved: Proved) -> None:
    line = Line()
    at_once(4, lambda _: told(proved, line))
    assert len(line.came) == 1
