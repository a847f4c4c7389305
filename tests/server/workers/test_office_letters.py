"""The monthly report as the reader of a mailbox has it: by a real mail server, with what fails on the way."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import EmailMessage

import pytest
from pypdf import PdfReader

from server.adapters.papers import OfficePapers
from server.adapters.plots import PlotRenderer
from server.domain.statistics.mailing import MOST_BYTES
from server.domain.statistics.periods import Period
from server.http.dispatch import report_of
from server.services.ports import NotWritten
from server.services.statistics.monthly_letters import mail_reports
from server.store.tables import Message
from server.workers.office_letters import ReportOf
from server.workers.outbox_worker import OutboxWorker
from tests.server.adapters.mail_servers import Kept, mailbox
from tests.server.movable_clock import WARSAW
from tests.server.portal.outer import outer_world
from tests.server.sample_office import SampleOffice
from tests.server.services.statistics.test_keeping import kept as summed_up
from tests.server.services.statistics.test_keeping import served
from tests.server.staff.statistics.test_overview import made

TO = ["anna@example.org", "jan@example.org"]
FIRST = datetime(2026, 12, 1, 6, tzinfo=WARSAW)


@dataclass
class Press:
    """A press that fails as often as it is told, and else prints so many bytes."""

    fails: int = 0
    size: int = 2_000
    printed: int = 0

    def __call__(self, branch: str, month: Period, language: str) -> bytes:
        """Print a report."""
        self.printed += 1
        if self.fails:
            self.fails -= 1
            raise NotWritten("too_slow")
        return f"%PDF-1.7 {branch} {month.first} {language} ".encode().ljust(self.size, b"x")


@dataclass
class Post:
    """An office whose month is over, with its mailbox."""

    office: SampleOffice
    kept: Kept
    worker_of: Callable[[ReportOf], OutboxWorker]

    def sent(self, report: ReportOf, minutes: int = 2) -> list[EmailMessage]:
        """Do what the server does for some minutes, and give all that came."""
        worker = self.worker_of(report)
        mail_reports(self.office.store, self.office.runtime.context())
        for _ in range(minutes):
            while worker.send_one():
                pass
            self.office.clock.advance(minutes=1)
        return self.kept.messages()

    def states(self) -> list[tuple[str, str | None]]:
        """Tell what became of the letters."""
        return [(row.status, row.problem) for row in self.office.rows(Message)]


def post_of(office: SampleOffice) -> Iterator[Post]:
    office.set_policy(report_mail_to=TO, office_language="en")
    office.clock.set(FIRST)
    with mailbox(FIRST) as (kept, mailer):
        outside = replace(outer_world(), mailer=mailer)

        def worker_of(report: ReportOf) -> OutboxWorker:
            return OutboxWorker(office.store, office.runtime.context, outside, report=report)

        yield Post(office, kept, worker_of)


@pytest.fixture
def post(office: SampleOffice) -> Iterator[Post]:
    """Give an office on each database."""
    served(office)
    summed_up(office)
    yield from post_of(office)


def pdf_of(letter: EmailMessage) -> bytes:
    (file,) = letter.iter_attachments()
    assert file.get_content_type() == "application/pdf"
    raw = file.get_payload(decode=True)
    assert isinstance(raw, bytes)
    return raw


def text_of(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_each_reader_has_a_letter_with_the_pdf_which_is_printed_once(post: Post) -> None:
    press = Press()
    letters = post.sent(press)
    assert [each["To"] for each in letters] == TO
    assert {each["Subject"] for each in letters} == {"Monthly report: November 2026, Urząd wroclaw"}
    assert all(pdf_of(each).startswith(b"%PDF-1.7 wroclaw 2026-11-01 en") for each in letters)
    (file,) = letters[0].iter_attachments()
    assert file.get_filename() == "wroclaw-2026-11.pdf"
    assert "https://numerek.test/staff/at/wroclaw/statistics" in text_of(letters[0])
    assert press.printed == 1
    assert post.states() == [("sent", None)] * 2
    assert len(post.sent(press, 3)) == 2, "nothing goes twice"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("pl", "Raport miesięczny: listopad 2026"),
        ("uk", "Місячний звіт: листопад 2026"),
        ("ru", "Отчёт за месяц: ноябрь 2026"),
    ],
)
def test_the_letter_speaks_the_offices_language(post: Post, language: str, words: str) -> None:
    post.office.set_policy(office_language=language)
    letter = post.sent(Press())[0]
    assert letter["Subject"].startswith(words)
    assert letter["Content-Language"] == language


def test_a_press_that_fails_is_tried_again_and_not_for_ever(post: Post) -> None:
    post.office.set_policy(report_mail_to=TO[:1])
    assert len(post.sent(Press(fails=2), 12)) == 1
    (row,) = post.office.rows(Message)
    assert (row.status, row.attempts) == ("sent", 3)


def test_what_fails_each_time_is_set_aside_with_its_problem(post: Post) -> None:
    post.office.set_policy(report_mail_to=TO[:1])
    press = Press(fails=1_000)
    worker = post.worker_of(press)
    mail_reports(post.office.store, post.office.runtime.context())
    for _ in range(60):
        while worker.send_one():
            pass
        post.office.clock.advance(minutes=60)
    assert post.states() == [("failed", "papers_too_slow")]
    assert press.printed == 12
    assert post.kept.letters == []


def test_a_mailbox_that_is_refused_is_told_and_the_others_get_theirs(post: Post) -> None:
    post.kept.replies["RCPT"] = "550 no such mailbox"
    assert post.sent(Press(), 1) == []
    del post.kept.replies["RCPT"]
    assert [each["To"] for each in post.sent(Press(), 2)] == TO[1:]
    assert post.states() == [("failed", "address_refused_550"), ("sent", None)]


def test_a_report_that_is_too_large_is_named_with_its_limit(post: Post) -> None:
    letter = post.sent(Press(size=MOST_BYTES + 1), 1)[0]
    assert list(letter.iter_attachments()) == []
    assert "8 MB" in text_of(letter)
    assert "at most 7 MB go by e-mail" in text_of(letter)


def test_control_the_largest_that_goes_is_enclosed(post: Post) -> None:
    letter = post.sent(Press(size=MOST_BYTES), 1)[0]
    assert len(pdf_of(letter)) == MOST_BYTES


def test_whoever_was_taken_out_meanwhile_gets_none(post: Post) -> None:
    mail_reports(post.office.store, post.office.runtime.context())
    post.office.set_policy(report_mail_to=TO[1:])
    assert [each["To"] for each in post.sent(Press())] == TO[1:]
    assert post.states() == [("dropped", "not_wanted"), ("sent", None)]


@pytest.mark.timeout(300)
def test_the_presses_print_it_outside_any_request(one_office: SampleOffice) -> None:
    made(one_office)
    one_office.set_policy(report_mail_to=TO[:1], office_language="en")
    one_office.clock.set(datetime(2026, 11, 2, 6, tzinfo=WARSAW))
    plots, papers = PlotRenderer(), OfficePapers()
    try:
        with mailbox(FIRST) as (kept, mailer):
            outside = replace(outer_world(), plots=plots, papers=papers, mailer=mailer)
            staff = one_office.app.extensions["staff"]()
            staff.extensions["numerek"] = replace(one_office.runtime, outside=outside)
            worker = OutboxWorker(
                one_office.store, one_office.runtime.context, outside, report=report_of(one_office.app)
            )
            assert mail_reports(one_office.store, one_office.runtime.context()) == 1
            for _ in range(30):
                while worker.send_one():
                    pass
                if kept.letters:
                    break
                one_office.clock.advance(minutes=1)
            (letter,) = kept.messages()
    finally:
        plots.stop()
        papers.stop()
    raw = pdf_of(letter)
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(raw)).pages).split())
    assert "Statistics: October 2026" in text
    assert "How true the expected times were" in text
    assert "minutes of waiting, from" in text, "the words of a plot are text in the paper"
