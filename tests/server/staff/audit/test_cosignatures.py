"""The page of co-signatures: who may hand one in, what is kept, and what is told of each that is wrong."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest

from server.domain.audit import notes
from server.services.access import users
from server.services.audit.cosigning import MOST_BYTES
from server.store.tables import AuditCheckpoint, AuditCosignature
from tests.server.sample_office import SampleOffice
from tests.server.services.audit.proved import MONDAY, Proved, night_after
from tests.server.services.audit.test_cosigning import OTHER, WITNESS, Someone
from tests.server.staff.people import Colleague, People
from wire.vocabulary import Role

PAGE = "/staff/at/wroclaw/co-signatures"


@pytest.fixture
def proved(office: SampleOffice) -> Proved:
    """Give an office with one signed day and two witnesses."""
    made = Proved(office)
    office.set_policy(witnesses=[f"{WITNESS.key} witness@example.org", str(OTHER.key)])
    made.busy_day(MONDAY)
    office.wait_until_sealed()
    made.prove(night_after(MONDAY))
    return made


@pytest.fixture
def auditor(proved: Proved, people: People) -> Colleague:
    """Sign an auditor in who reads English."""
    return english(proved.office, people.signed_in(Role.AUDITOR))


def english(office: SampleOffice, colleague: Colleague) -> Colleague:
    office.store.write(lambda session: users.speak(session, colleague.user_id, "en"))
    return colleague


def hand_in(colleague: Colleague, text: str) -> tuple[int, str]:
    answer = colleague.post(PAGE, {"text": text})
    return answer.status, answer.words


@pytest.mark.parametrize(
    ("role", "status"),
    [
        *((Role.MANAGER, 200), (Role.AUDITOR, 200)),
        *((Role.SUPERVISOR, 403), (Role.CLERK, 403), (Role.ADMINISTRATOR, 403)),
    ],
)
def test_managers_and_auditors_open_it(people: People, role: Role, status: int) -> None:
    assert people.signed_in(role).get(PAGE).status == status


def test_without_witnesses_and_signed_days_it_says_so(office: SampleOffice, people: People) -> None:
    words = english(office, people.signed_in(Role.MANAGER)).get(PAGE).words
    assert "The settings of the branch name no witness yet." in words
    assert "No day of this branch was signed yet." in words


def test_it_shows_witnesses_and_days_and_is_reached_from_the_statistics(auditor: Colleague) -> None:
    words = auditor.get(PAGE).words
    assert "by e-mail to witness@example.org" in words
    assert "no, it fetches the checkpoint by itself" in words
    assert "23 November 2026" in words
    assert f'href="{PAGE}"' in auditor.get("/staff/at/wroclaw/statistics").text


def test_what_a_witness_signed_is_kept_once_and_shown(proved: Proved, auditor: Colleague) -> None:
    now = proved.office.clock.now()
    text = WITNESS.cosigned(proved.note(), now)
    # As a form sends it: other line ends, and the last one lost in copying.
    assert auditor.post(PAGE, {"text": text.replace("\n", "\r\n").rstrip()}).status == 303
    words = auditor.get(PAGE).words
    assert "Checked and kept: the co-signature of witness.example/w1." in words
    assert "witness.example/w1 on Tuesday, 24 November 2026" in words
    assert auditor.post(PAGE, {"text": text}).status == 303
    words = auditor.get(PAGE).words
    assert "The co-signature of witness.example/w1 was handed in before; it stands as it was." in words
    assert len(proved.office.rows(AuditCosignature)) == 1
    assert proved.note() == text


def test_a_file_is_taken_as_the_text_is(proved: Proved, auditor: Colleague) -> None:
    text = OTHER.cosigned(proved.note(), proved.office.clock.now())
    token = auditor.get(PAGE).fields["csrf_token"]
    sent = {"csrf_token": token, "text": "", "file": (io.BytesIO(b"\xef\xbb\xbf" + text.encode()), "w.txt")}
    assert auditor.send("POST", PAGE, sent).status == 303
    assert [row.witness for row in proved.office.rows(AuditCosignature)] == [str(OTHER.key)]


def test_each_fault_is_told_by_what_it_is(proved: Proved, auditor: Colleague) -> None:
    now, ours = proved.office.clock.now(), proved.note()
    good, stranger, thief = WITNESS.cosigned(ours, now), Someone("stranger.example/x", 11), Someone(seed=12)
    head = notes.read_checkpoint(notes.read_note(ours).text)
    edited = ours.replace(f"\n{head.size}\n", f"\n{head.size + 1}\n")
    other_day = ours.replace("day 2026-11-23", "day 2026-11-20")
    (theirs,) = [row.note for row in proved.office.rows(AuditCheckpoint) if "/legnica\n" in row.note]
    for text, told in (
        ("", "Paste the text with the co-signature, or choose its file."),
        (good[:40], "This is no whole checkpoint with signatures."),
        ("nonsense", "This is no whole checkpoint with signatures."),
        (WITNESS.cosigned(theirs, now), "This is a checkpoint of another branch or office."),
        (WITNESS.cosigned(other_day, now), "Of 20 November 2026 no checkpoint was published here."),
        (WITNESS.cosigned(edited, now), "published for 23 November 2026: its text was edited."),
        (ours, "Nobody but the office has signed this."),
        (
            stranger.cosigned(ours, now),
            "None of the branch's witnesses has signed this, but: stranger.example/x.",
        ),
        (thief.cosigned(ours, now), "has signed this, but: witness.example/w1. Their key is another one"),
        (ours + WITNESS.line(edited, now), "The co-signature does not fit the text"),
        (WITNESS.cosigned(ours, now + timedelta(minutes=6)), "which is still to come."),
        (WITNESS.cosigned(ours, now - timedelta(minutes=6)), "before there was this checkpoint."),
        ("\u2014" * 3_000, f"at most {MOST_BYTES} bytes are taken."),
        ("\x01" + good, "This is no whole checkpoint with signatures."),
    ):
        status, words = hand_in(auditor, text)
        assert (status, "Nothing was kept" in words, told in words) == (422, True, True), (told, words)
    assert proved.office.rows(AuditCosignature) == []


def test_a_file_that_is_cut_in_the_middle_of_a_sign_is_said_to_be_damaged(
    proved: Proved, auditor: Colleague
) -> None:
    raw = WITNESS.cosigned(proved.note(), proved.office.clock.now()).encode()
    cut = raw[: raw.index(b"\xe2") + 1]
    token = auditor.get(PAGE).fields["csrf_token"]
    answer = auditor.send("POST", PAGE, {"csrf_token": token, "file": (io.BytesIO(cut), "w.txt")})
    assert (answer.status, "The text is damaged" in answer.words) == (422, True)


def test_what_was_typed_stays_and_is_no_markup(auditor: Colleague) -> None:
    page = auditor.post(PAGE, {"text": "</textarea><script>alert(1)</script>"})
    assert page.status == 422
    assert "<script>alert(1)" not in page.text
    assert "&lt;/textarea&gt;&lt;script&gt;" in page.text


def test_a_day_that_is_the_branchs_is_not_kept_at_another_branch(proved: Proved, people: People) -> None:
    elsewhere = english(proved.office, people.signed_in(Role.AUDITOR, branch="legnica"))
    text = WITNESS.cosigned(proved.note(), proved.office.clock.now())
    answer = elsewhere.post("/staff/at/legnica/co-signatures", {"text": text})
    assert (answer.status, "another branch or office" in answer.words) == (422, True)
    assert proved.office.rows(AuditCosignature) == []
