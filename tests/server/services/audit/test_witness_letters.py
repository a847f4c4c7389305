"""Witnesses that are told by mail: of each day once, in a letter that has the note sign by sign."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from server.domain.audit import notes
from server.services.audit.witness_letters import mail_checkpoints
from server.store.tables import AuditTelling, Message
from server.workers.outbox_worker import OutboxWorker
from tests.server.adapters.mail_servers import Kept, mailbox
from tests.server.at_once import at_once
from tests.server.portal.outer import outer_world
from tests.server.sample_office import SampleOffice
from tests.server.services.audit.proved import MONDAY, TUESDAY, Proved, night_after
from tests.server.services.audit.test_cosigning import OTHER, WITNESS, Line, hand_in, told

TO = "witness@example.org"


@pytest.fixture
def proved(office: SampleOffice) -> Proved:
    """Give an office with one signed day, a witness that is told by mail and one that is not told."""
    made = Proved(office)
    office.set_policy(witnesses=[f"{WITNESS.key} {TO}", str(OTHER.key)], office_language="en")
    made.busy_day(MONDAY)
    office.wait_until_sealed()
    made.prove(night_after(MONDAY))
    return made


@dataclass
class Post:
    """A mailbox, and the worker that sends to it."""

    kept: Kept
    worker: OutboxWorker

    def sent(self) -> Kept:
        """Send what is due, and give what came."""
        while self.worker.send_one():
            pass
        return self.kept


@pytest.fixture
def post(proved: Proved) -> Iterator[Post]:
    """Give a line to a mail server."""
    office = proved.office
    with mailbox(office.clock.now()) as (kept, mailer):
        outside = replace(outer_world(), mailer=mailer)
        yield Post(kept, OutboxWorker(office.store, office.runtime.context, outside))


def put(proved: Proved) -> int:
    return mail_checkpoints(proved.office.store, proved.office.runtime.context())


def test_a_letter_has_the_note_in_its_text_and_as_a_file_and_says_how_to_co_sign(
    proved: Proved, post: Post
) -> None:
    note = proved.note()
    assert [put(proved) for _ in range(3)] == [1, 0, 0]
    (letter,) = post.sent().messages()
    assert (letter["To"], letter["Content-Language"]) == (TO, "en")
    assert letter["Subject"].startswith("Checkpoint of 23 November 2026 to co-sign: ")
    body = letter.get_body(("plain",))
    assert body is not None
    text = body.get_content().replace("\r\n", "\n")
    assert note in text
    assert (
        "curl --data-binary @cosigned.txt https://numerek.test/en/audit/wroclaw/2026-11-23/cosignature"
        in text
    )
    page = letter.get_body(("html",))
    assert page is not None
    assert page.get_content().count("<pre") == 1
    (file,) = letter.iter_attachments()
    assert (file.get_filename(), file.get_content_type()) == ("wroclaw-2026-11-23.txt", "text/plain")
    raw = file.get_payload(decode=True)
    assert isinstance(raw, bytes)
    assert raw == note.encode(), "sign by sign, with its line ends"
    signed = WITNESS.cosigned(raw.decode(), proved.office.clock.now())
    assert hand_in(proved, signed) == [WITNESS.key.name]


def test_what_is_copied_out_of_the_letter_can_be_signed(proved: Proved, post: Post) -> None:
    put(proved)
    body = post.sent().messages()[0].get_body(("plain",))
    assert body is not None
    copied = body.get_content().replace("\r\n", "\n")
    begin = copied.index("numerek.test/wroclaw\n")
    end = copied.index("\n", copied.index("\n\u2014 ", begin) + 1) + 1
    assert notes.read_note(copied[begin:end]) == notes.read_note(proved.note())


@pytest.mark.parametrize(
    ("language", "words"),
    [("pl", "Jak współpodpisać"), ("uk", "Як співпідписати"), ("ru", "Как соподписать")],
)
def test_it_speaks_the_offices_language(proved: Proved, post: Post, language: str, words: str) -> None:
    proved.office.set_policy(office_language=language)
    put(proved)
    body = post.sent().messages()[0].get_body(("plain",))
    assert body is not None
    assert words in body.get_content()
    assert f"/{language}/audit/wroclaw/2026-11-23/cosignature" in body.get_content()


def test_each_day_is_told_once_also_by_two_servers(proved: Proved) -> None:
    assert sum(at_once(4, lambda _: put(proved))) == 1
    proved.busy_day(TUESDAY)
    proved.office.wait_until_sealed()
    proved.prove(night_after(TUESDAY))
    assert sum(at_once(4, lambda _: put(proved))) == 1
    assert [row.facts["day"] for row in proved.office.rows(Message)] == ["2026-11-23", "2026-11-24"]
    assert TO not in str([(row.key, row.facts) for row in proved.office.rows(Message)])


def test_nothing_is_posted_to_an_address_of_mail(proved: Proved) -> None:
    line = Line()
    assert told(proved, line) == 0
    assert line.came == []
    put(proved)
    assert proved.office.one(AuditTelling).day == MONDAY


def test_who_is_a_witness_no_more_gets_no_letter(proved: Proved, post: Post) -> None:
    put(proved)
    proved.office.set_policy(witnesses=[str(WITNESS.key)])
    assert post.sent().letters == []
    (row,) = proved.office.rows(Message)
    assert (row.status, row.problem) == ("dropped", "not_found")
    assert put(proved) == 0
