"""The outbox worker on real lines: a mail server and a gateway that go down, come back, break and refuse."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from email.headerregistry import Address
from functools import cached_property
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from server.adapters.challenges import NoChallenges
from server.adapters.countries import FixedCountries
from server.adapters.mail import MailServer, SmtpMailer
from server.adapters.sms import JSON, Gateway, GatewayTexter
from server.services import messages
from server.services.context import Context
from server.services.messages import NewMessage
from server.services.messages.delivery import begin, take
from server.services.ports import Letter, NotDelivered, NotWritten, Outside, Visit
from server.store.tables import Message
from server.workers.outbox_worker import OutboxWorker
from tests.server.adapters.gateways import GatewayServer
from tests.server.adapters.mail_servers import Kept, mail_server
from tests.server.adapters.samples import VISIT
from tests.server.sample_office import SampleOffice
from wire.vocabulary import Channel, MessageKind, MessageStatus

URL = "https://numerek.test/pl/account/confirm/abc"
LONGEST_WAIT = 60.0


class PlainPapers:
    """Papers that cost nothing; while `fails` is left, the press is broken."""

    def __init__(self, fails: int = 0) -> None:
        self.fails = fails

    def confirmation_pdf(self, visit: Visit, language: str) -> bytes:
        """Write one, or fail."""
        if self.fails:
            self.fails -= 1
            raise NotWritten("broken")
        return b"%PDF-1.7"

    def confirmation_ics(self, visit: Visit, language: str) -> bytes:
        """Write one."""
        return b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"

    def page_pdf(self, title: str, html: str, language: str) -> bytes:
        """Write one."""
        return b"%PDF-1.7"


@dataclass
class Lines:
    """The lines of a test: a mailbox with its server, and a gateway."""

    kept: Kept
    mail: Controller
    gateway: GatewayServer
    papers: PlainPapers

    @cached_property
    def outside(self) -> Outside:
        """Give the outside world that they are."""
        sender = Address("Urząd", "wizyty", "example.org")
        server = MailServer("127.0.0.1", self.mail.port, "none", sender, timeout_seconds=3)
        gateway = Gateway(self.gateway.url(), "POST", '{"to": "{to}", "text": "{text}"}', JSON, {}, 3)
        now = VISIT.appointment_at
        self.mailer, self.texter = SmtpMailer(server, lambda: now), GatewayTexter(gateway)
        return Outside(self.papers, FixedCountries(), NoChallenges(), self.mailer, self.texter)


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Give lines that work."""
    kept = Kept()
    controller = mail_server(kept)
    with GatewayServer() as gateway:
        made = Lines(kept, controller, gateway, PlainPapers())
        yield made
        if "outside" in vars(made):
            made.mailer.close()
            made.texter.close()
    if made.mail._thread is not None:
        made.mail.stop()


@dataclass
class World:
    """The office with its worker."""

    office: SampleOffice
    lines: Lines
    visit: Visit | None = VISIT

    def outbox_worker(self) -> OutboxWorker:
        """Make an outbox worker."""
        return OutboxWorker(self.office.store, self.office.runtime.context, self.lines.outside, self._visit)

    def _visit(self, _session: Any, _context: Context, _id: int, _language: str) -> Visit | None:
        return self.visit

    def post(self, key: str = "one", **more: Any) -> None:
        """Post a message to somebody."""
        told: dict[str, Any] = {
            "kind": MessageKind.CONFIRM_EMAIL,
            "channel": Channel.EMAIL,
            "language": "pl",
            "to": "anna@example.org",
            "key": key,
            "values": {"url": URL, "code": "482910"},
        }
        context = self.office.runtime.context()
        new = NewMessage(**(told | more))
        self.office.store.write(lambda session: messages.post(session, context, new))

    def states(self) -> list[tuple[str, str | None]]:
        """Read what became of the messages."""
        return [(row.status, row.problem) for row in self.office.rows(Message)]

    def send_all(self, outbox_worker: OutboxWorker) -> None:
        """Send what is due."""
        while outbox_worker.send_one():
            pass


@pytest.fixture
def world(office: SampleOffice, lines: Lines) -> World:
    """Give the office with lines that work."""
    return World(office, lines)


def wait_for(done: Callable[[], bool]) -> None:
    """Wait until threads have done something."""
    until = time.monotonic() + LONGEST_WAIT
    while not done():
        assert time.monotonic() < until
        threading.Event().wait(0.005)


def test_a_letter_goes_out_and_its_row_forgets_it(world: World) -> None:
    world.post()
    world.send_all(world.outbox_worker())
    (message,) = world.lines.kept.messages()
    assert (message["To"], message["Content-Language"]) == ("anna@example.org", "pl")
    body = message.get_body(("plain",))
    assert body is not None
    assert URL in body.get_content()
    assert world.states() == [("sent", None)]


def test_a_text_message_goes_out_with_its_key(world: World) -> None:
    visit_id = world.office.book("P", "12:00")["id"]
    world.post("visit:1:code", kind=MessageKind.ACTIVATION_CODE, channel=Channel.SMS, to="+48713406927")
    world.send_all(world.outbox_worker())
    assert world.states() == [("failed", "error")]  # a code is for a visit
    world.visit = replace(VISIT, status="held")
    world.post(
        "visit:1:code:2",
        kind=MessageKind.ACTIVATION_CODE,
        channel=Channel.SMS,
        to="+48713406927",
        reservation_id=visit_id,
    )
    world.send_all(world.outbox_worker())
    (asked,) = world.lines.gateway.asked
    assert asked.headers["idempotency-key"] == "visit:1:code:2"
    assert "482910" in json.loads(asked.body)["text"]


def test_a_confirmation_has_its_papers_with_it(world: World) -> None:
    visit_id = world.office.book("P", "12:00")["id"]
    world.post(kind=MessageKind.CONFIRMATION, reservation_id=visit_id)
    world.send_all(world.outbox_worker())
    (message,) = world.lines.kept.messages()
    files = [(each.get_filename(), each.get_content_type()) for each in message.iter_attachments()]
    assert files == [("confirmation.pdf", "application/pdf"), ("confirmation.ics", "text/calendar")]


def test_a_cancelled_visit_is_taken_out_of_the_calendar_by_its_letter(world: World) -> None:
    visit_id = world.office.book("P", "12:00")["id"]
    world.visit = replace(VISIT, status="cancelled")
    world.post(kind=MessageKind.CANCELLATION, reservation_id=visit_id)
    world.send_all(world.outbox_worker())
    (message,) = world.lines.kept.messages()
    (file,) = message.iter_attachments()
    assert (file.get_filename(), file.get_content_type()) == ("cancellation.ics", "text/calendar")
    assert file["Content-Type"].params["method"] == "CANCEL"


def test_a_broken_press_holds_a_confirmation_up_twice_and_no_longer(world: World) -> None:
    visit_id = world.office.book("P", "12:00")["id"]
    world.lines.papers.fails = 9
    world.post(kind=MessageKind.CONFIRMATION, reservation_id=visit_id)
    outbox_worker = world.outbox_worker()
    for _ in range(2):
        world.send_all(outbox_worker)
        assert world.states() == [("queued", "papers_broken")]
        world.office.clock.advance(minutes=10)
    world.send_all(outbox_worker)
    (message,) = world.lines.kept.messages()
    assert [each.get_filename() for each in message.iter_attachments()] == ["confirmation.ics"]


def test_a_mail_server_that_is_down_gets_the_letter_once_when_it_is_back(world: World) -> None:
    port = world.lines.mail.port
    world.lines.mail.stop()
    world.post()
    outbox_worker = world.outbox_worker()
    for _ in range(3):
        world.send_all(outbox_worker)
        assert world.states() == [("queued", "no_connection")]
        world.office.clock.advance(minutes=20)
    world.lines.mail = mail_server(world.lines.kept, port)
    world.send_all(outbox_worker)
    world.office.clock.advance(days=1)
    world.send_all(outbox_worker)
    assert len(world.lines.kept.letters) == 1
    assert world.states() == [("sent", None)]


def test_a_gateway_that_is_down_gets_the_text_once_when_it_is_back(world: World) -> None:
    visit_id = world.office.book("P", "12:00")["id"]
    world.lines.gateway.status = 503
    world.post(kind=MessageKind.CANCELLATION, channel=Channel.SMS, to="+48713406927", reservation_id=visit_id)
    outbox_worker = world.outbox_worker()
    world.send_all(outbox_worker)
    assert world.states() == [("queued", "gateway_503")]
    world.office.clock.advance(minutes=2)
    world.lines.gateway.status = 202
    world.send_all(outbox_worker)
    assert world.states() == [("sent", None)]
    assert len({asked.headers["idempotency-key"] for asked in world.lines.gateway.asked}) == 1


def test_poison_is_set_aside_and_the_others_go_on(world: World) -> None:
    world.post("poison", to="not an address")
    world.post("broken", values={})
    world.post("good")
    world.send_all(world.outbox_worker())
    assert world.states() == [("failed", "no_address"), ("failed", "error"), ("sent", None)]
    assert [fact.data["problem"] for fact in world.office.facts("message.set_aside")] == [
        "no_address",
        "error",
    ]


def test_no_log_of_a_poison_has_a_word_of_it(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.post("poison", to="secret-person@exa mple.org", values={"code": "secret-person"})
    world.send_all(world.outbox_worker())
    assert world.states()[0][0] == "failed"
    assert "secret-person" not in caplog.text


def test_a_line_that_breaks_after_the_letter_sets_it_aside_as_unclear(world: World) -> None:
    world.lines.kept.breaks = True
    world.post()
    outbox_worker = world.outbox_worker()
    for _ in range(2):
        world.send_all(outbox_worker)
        world.office.clock.advance(days=1)
    assert len(world.lines.kept.letters) == 1
    assert world.states() == [("unknown", "broken_line")]


def test_a_server_killed_between_handover_and_note_leaves_the_letter_unknown(world: World) -> None:
    """Stand in for the kill: the process is gone after the mail server took the letter, before it was noted."""
    world.post()
    outbox_worker = world.outbox_worker()
    _hand_over_and_die(world, outbox_worker)
    assert len(world.lines.kept.letters) == 1
    again = world.outbox_worker()
    if world.office.store.sqlite:
        assert again.take_stock(is_first=True) == 1
    else:
        # Another server may have it in hand: only when the time for it is over is it known that nobody has.
        assert again.take_stock(is_first=True) == 0
        world.office.clock.advance(minutes=11)
        assert again.take_stock() == 1
    world.office.clock.advance(days=1)
    world.send_all(again)
    assert len(world.lines.kept.letters) == 1
    assert world.states() == [("unknown", "stopped_midway")]


def _hand_over_and_die(world: World, outbox_worker: OutboxWorker) -> None:
    """Take and hand over a message, and never settle it."""
    context = world.office.runtime.context()
    message = world.office.store.write(lambda session: take(session, context, tuple(Channel)))
    assert message is not None
    hand_over = outbox_worker._writer.write(message, context)
    assert world.office.store.write(lambda session: begin(session, context, message))
    hand_over()


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (MessageKind.REMINDER, "cancelled"),
        (MessageKind.CONFIRMATION, "lapsed"),
        (MessageKind.ACTIVATION_CODE, "booked"),
        (MessageKind.QUESTIONS_REMINDER, "booked"),
    ],
)
def test_what_is_not_so_any_more_is_not_told(world: World, kind: MessageKind, status: str) -> None:
    visit_id = world.office.book("P", "12:00")["id"]
    world.visit = replace(VISIT, status=status)
    world.post(kind=kind, reservation_id=visit_id)
    world.send_all(world.outbox_worker())
    assert world.states() == [("dropped", f"visit_{status}")]
    assert world.lines.kept.letters == []


def test_a_visit_that_was_erased_is_told_to_nobody(world: World) -> None:
    visit_id = world.office.book("P", "12:00")["id"]
    world.visit = None
    world.post(kind=MessageKind.REMINDER, reservation_id=visit_id)
    world.send_all(world.outbox_worker())
    assert world.states() == [("dropped", "no_visit")]


def test_the_words_of_a_service_are_added_in_the_readers_language(world: World) -> None:
    world.office.set_policy("P", booking={"words": {"reminder": {"pl": "Wejście B.", "uk": "Вхід Б."}}})
    visit_id = world.office.book("P", "12:00")["id"]
    for language in ("uk", "en"):
        world.post(language, kind=MessageKind.REMINDER, reservation_id=visit_id, language=language)
    world.send_all(world.outbox_worker())
    bodies = [each.get_body(("plain",)).get_content() for each in world.lines.kept.messages()]  # type: ignore[union-attr]
    assert "Вхід Б." in bodies[0]
    assert "Wejście B." in bodies[1]


def test_a_message_about_a_service_names_it(world: World) -> None:
    for key, facts in (
        ("a", {"branch": "wroclaw", "service": "P"}),
        ("b", {"service": world.office.service_id("P")}),
    ):
        world.post(key, kind=MessageKind.PLACES, facts=facts)
    world.send_all(world.outbox_worker())
    assert [each["Subject"] for each in world.lines.kept.messages()] == [
        each["Subject"] for each in world.lines.kept.messages()[:1]
    ] * 2
    assert "Usługa P" in world.lines.kept.messages()[0]["Subject"]


def test_two_postmen_send_each_message_once(world: World) -> None:
    for place in range(30):
        world.post(str(place), to=f"a{place}@example.org")
    outbox_workers = [world.outbox_worker() for _ in range(2)]
    for each in outbox_workers:
        each.start()
    wait_for(lambda: all(status == MessageStatus.SENT for status, _ in world.states()))
    for each in outbox_workers:
        each.stop()
    readers = [reader for _, to, _ in world.lines.kept.letters for reader in to]
    assert sorted(readers) == sorted(f"a{place}@example.org" for place in range(30))


def test_a_code_is_on_its_way_within_a_second(world: World) -> None:
    outbox_worker = world.outbox_worker()
    outbox_worker.start()
    wait_for(outbox_worker._is_counted.is_set)
    began = time.monotonic()
    world.post()
    wait_for(lambda: len(world.lines.kept.letters) == 1)
    took = time.monotonic() - began
    outbox_worker.stop()
    assert took < 1.5


def test_a_mail_server_that_hangs_keeps_nobody_from_the_database(world: World) -> None:
    release = threading.Event()

    class Hanging:
        def send(self, _letter: Letter) -> None:
            release.wait(LONGEST_WAIT)
            raise NotDelivered("timeout", retry=True)

        def close(self) -> None:
            release.set()

    outside = replace(world.lines.outside, mailer=Hanging())
    outbox_worker = OutboxWorker(world.office.store, world.office.runtime.context, outside)
    world.post()
    outbox_worker.start()
    wait_for(lambda: world.states() == [("sending", None)])
    assert world.office.book("P", "12:00")["code"]
    release.set()
    wait_for(lambda: world.states() == [("queued", "timeout")])
    outbox_worker.stop()


def test_without_lines_everything_waits(world: World) -> None:
    outside = replace(world.lines.outside, mailer=None, texter=None)
    outbox_worker = OutboxWorker(world.office.store, world.office.runtime.context, outside)
    world.post()
    outbox_worker.start()
    assert not outbox_worker.send_one()
    outbox_worker.stop()
    world.office.clock.advance(days=30)
    assert world.states() == [("queued", None)]


def test_the_visit_is_read_by_the_booking_room(world: World) -> None:
    visit_id = world.office.book("P", world.office.clock.now() + timedelta(hours=2))["id"]
    outside = world.lines.outside
    outbox_worker = OutboxWorker(world.office.store, world.office.runtime.context, outside)
    world.post(kind=MessageKind.REMINDER, reservation_id=visit_id)
    world.send_all(outbox_worker)
    assert world.states() == [("sent", None)]
    assert "Usługa P" in world.lines.kept.messages()[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]
