"""Counters at the kiosk's own line: each number goes to one of them, once, and to no stranger."""

from __future__ import annotations

import gc
import json
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from kiosk.alone.journal import Journal, JournalFailed
from kiosk.alone.line_server import MOST_BYTES, MOST_OF_ONE, LineServer, body_of
from kiosk.alone.own_line import LineRefused, OwnLine
from kiosk.alone.standby import Standby
from kiosk.visit.events import Answered, Problem
from tests.kiosk.alone.counter import LINE_KEY, asked, calls_next, tells
from tests.kiosk.alone.samples import MADE, entry, listed, scans, shows, walks_in
from tests.kiosk.alone.test_standby import Machine, ready
from wire.messages import LineAsked, LineRefusal, LineTold, LineWish, SignedLine
from wire.messages.line import signed_line
from wire.vocabulary import Refusal

WITH_A_LINE = {"line_key": LINE_KEY}


@pytest.fixture
def machine(qapp, tmp_path: Path) -> Iterator[Machine]:
    made = Machine(tmp_path)
    yield made
    for each in made.started:
        each.stop()


@pytest.fixture
def standby(machine: Machine) -> Standby:
    """Three numbers wait: PX01 and PX02 for an hour of a visit, NX01 without one."""
    standby = ready(machine, listed(**WITH_A_LINE))
    for question in (scans(1), walks_in(), scans(2)):
        standby.desk.answer(question, None)
    return standby


def test_two_counters_get_two_numbers_and_each_ends_its_own(standby: Standby) -> None:
    looked = tells(standby, asked(standby, 2, LineWish.LOOK))
    assert [each.number for each in looked.waiting] == ["NX01", "PX01", "PX02"], "booked ones are early"
    assert looked.in_hand is None
    assert (calls_next(standby, 2), calls_next(standby, 7)) == ("NX01", "PX01")
    assert sorted(standby.calls()) == [("NX01", 2), ("PX01", 7)]
    not_mine = tells(standby, asked(standby, 2, LineWish.FINISH, number="PX01"))
    assert not_mine.in_hand is not None, "nobody ends what another has in hand"
    assert tells(standby, asked(standby, 2, LineWish.FINISH, number="NX01")).in_hand is None
    assert tells(standby, asked(standby, 7, LineWish.NO_SHOW, number="PX01")).in_hand is None
    made = {each.number: each.made for each in standby.of_today()}
    assert (made["NX01"].counter, made["NX01"].ended_at, made["NX01"].no_show) == (2, MADE, None)
    assert (made["PX01"].counter, made["PX01"].no_show) == (7, True)
    assert standby.calls() == ()


def test_a_wish_that_was_not_answered_is_done_once(standby: Standby) -> None:
    wish = asked(standby, 2, LineWish.CALL_NEXT)
    first, again = tells(standby, wish), tells(standby, wish)
    assert first == again
    tells(standby, asked(standby, 2, LineWish.FINISH, number="NX01"))
    tells(standby, asked(standby, 2, LineWish.FINISH, number="NX01"))  # what is over is over: no refusal
    late = tells(standby, wish)
    assert (late.in_hand, len(late.waiting)) == (None, 2), "also when it comes late once more"
    control = tells(standby, asked(standby, 2, LineWish.CALL_NEXT))
    assert control.in_hand is not None


def test_a_kiosk_that_starts_anew_knows_who_was_called(machine: Machine, standby: Standby) -> None:
    wish = asked(standby, 2, LineWish.CALL_NEXT)
    before = tells(standby, wish)
    standby.stop()
    anew = machine.start()
    assert tells(anew, wish) == before
    assert calls_next(anew, 7) == "PX01"


def test_what_the_server_was_asked_to_take_is_called_no_more(standby: Standby) -> None:
    first = standby.own_line()[0]
    assert first.number == "PX01"
    in_hand = tells(standby, asked(standby, 7, LineWish.CALL_NEXT, services=["P"])).in_hand
    assert in_hand is not None
    assert in_hand.number == "PX01"
    sent = standby.journal.asked(first.key)
    assert sent is not None
    assert sent.made.counter == 7
    standby.journal.asked(standby.own_line()[0].key)
    told = tells(standby, asked(standby, 7, LineWish.LOOK))
    assert (told.in_hand, [each.number for each in told.waiting]) == (None, ["PX02"])
    for wish in (LineWish.FINISH, LineWish.NO_SHOW):
        with pytest.raises(LineRefused, match="sent"):
            tells(standby, asked(standby, 7, wish, number="PX01"))
    assert standby.of_today()[0].made == sent.made, "what is sent under a key changes no more"
    anew = Journal(standby._file.with_suffix(".journal"))
    assert [each.asked for each in anew.of(MADE.date())] == [True, True, False], "after a restart too"
    assert not anew.call(first.key, 9, MADE, "another-wish")
    anew.close()


def _with_another_key(standby: Standby) -> SignedLine:
    return signed_line("11" * 32, asked(standby, 2, LineWish.CALL_NEXT))


def _edited(standby: Standby) -> SignedLine:
    signed = signed_line(LINE_KEY, asked(standby, 2, LineWish.LOOK))
    return signed.model_copy(update={"body": signed.body.replace("look", "call_next")})


def _an_answer(standby: Standby) -> SignedLine:
    told = tells(standby, asked(standby, 2, LineWish.LOOK))
    return signed_line(LINE_KEY, told)


def _old(standby: Standby) -> SignedLine:
    at = standby.now() - timedelta(minutes=2, seconds=1)
    return signed_line(LINE_KEY, asked(standby, 2, LineWish.CALL_NEXT, at=at))


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (_with_another_key, LineRefusal.NOT_SIGNED),
        (_edited, LineRefusal.NOT_SIGNED),
        (_an_answer, LineRefusal.NOT_SIGNED),
        (_old, LineRefusal.TOO_OLD),
    ],
)
def test_nobody_else_calls_or_sees_the_line(
    standby: Standby, made: Callable[[Standby], SignedLine], reason: LineRefusal
) -> None:
    with pytest.raises(LineRefused) as refused:
        OwnLine(standby).answer(made(standby))
    assert refused.value.reason is reason
    assert standby.calls() == ()


def test_without_a_key_from_the_server_there_is_no_line(machine: Machine) -> None:
    with pytest.raises(LineRefused, match="no_line"):
        tells(ready(machine), asked(machine.started[0], 2, LineWish.LOOK))


def test_a_disk_that_takes_no_call_lets_nobody_be_called(
    standby: Standby, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> bool:
        raise JournalFailed("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(standby.journal, "call", full)
        with pytest.raises(LineRefused):
            calls_next(standby, 2)
    assert calls_next(standby, 2) == "NX01"


def test_a_kiosk_tells_by_itself_when_it_saves_again(standby: Standby) -> None:
    def look() -> bool | None:
        return tells(standby, asked(standby, 2, LineWish.LOOK)).saves

    assert look() is None, "nothing to tell"
    disk = standby.journal._opened()
    disk.execute("PRAGMA query_only = 1")
    with pytest.raises(LineRefused):
        calls_next(standby, 2)
    assert [look(), look()] == [False, False]
    disk.execute("PRAGMA query_only = 0")
    assert [look(), calls_next(standby, 2), look()] == [True, "NX01", True]


def test_what_the_disk_could_not_note_as_sent_is_called_no_more_either(standby: Standby) -> None:
    """Else a counter would press in vain: the number would stand at the head, and never be called."""
    first = standby.own_line()[0]
    disk = standby.journal._opened()
    disk.execute("PRAGMA query_only = 1")
    assert standby.journal.asked(first.key) is not None, "it is sent all the same"
    assert first.number not in [each.number for each in standby.own_line()]
    with pytest.raises(LineRefused) as refused:
        calls_next(standby, 2)
    assert refused.value.reason is LineRefusal.JOURNAL_FAILED
    disk.execute("PRAGMA query_only = 0")
    assert first.number == "PX01"
    assert [calls_next(standby, counter) for counter in (2, 7, 8)] == ["NX01", "PX02", None]


@pytest.mark.parametrize(
    ("wish", "reason"),
    [(LineWish.FINISH, Refusal.TICKET_FINISHED), (LineWish.NO_SHOW, Refusal.TICKET_NO_SHOW)],
)
def test_a_number_that_is_over_is_not_shown_again(
    machine: Machine, standby: Standby, wish: LineWish, reason: Refusal
) -> None:
    again = standby.desk.answer(scans(1), None)
    assert isinstance(again, Answered)
    assert (again.ticket.number, again.repeat) == ("PX01", True), "control: while it waits"
    tells(standby, asked(standby, 7, LineWish.CALL_NEXT, services=["P"]))
    assert isinstance(standby.desk.again(scans(1)), Answered), "control: and while it is called"
    machine.passes(timedelta(minutes=4))
    tells(standby, asked(standby, 7, wish, number="PX01"))
    ended_at = standby.now()
    machine.passes(timedelta(minutes=1))
    times = {"called_at": MADE, "finished_at": ended_at, "now": ended_at + timedelta(minutes=1)}
    facts = {"number": "PX01"} | {name: at.isoformat() for name, at in times.items()}
    for question in (scans(1), shows(1)):
        expected = Problem(question.ask, reason, facts)
        assert standby.desk.answer(question, None) == expected
        assert standby.desk.again(question) == expected, "also before the server knows of it"


def test_priority_comes_first_but_not_every_time(machine: Machine) -> None:
    standby = ready(machine, listed(**WITH_A_LINE))
    for priority in (None, None, "disability", "disability"):
        standby.journal.add(MADE.date(), entry(series="NX", service="N", priority=priority), 1)
    order = []
    for _ in range(4):
        number = calls_next(standby, 2)
        order.append(number)
        tells(standby, asked(standby, 2, LineWish.FINISH, number=number))
        machine.passes(timedelta(seconds=30))
    assert order == ["NX03", "NX01", "NX04", "NX02"]


def test_a_journal_of_before_has_nothing_that_can_be_called(tmp_path: Path) -> None:
    """Nobody knows whether the server was asked for what lies there."""
    file = tmp_path / "kiosk.journal"
    journal = Journal(file)
    journal.add(MADE.date(), entry(), 1)
    journal.close()
    with sqlite3.connect(file) as db:
        db.execute("ALTER TABLE entries DROP COLUMN asked")
    db.close()
    anew = Journal(file)
    (old,) = anew.pending()
    assert old.asked
    assert not anew.add(MADE.date(), entry(), 1).asked, "control"
    anew.close()


def test_a_damaged_journal_keeps_what_was_called(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.journal"
    journal = Journal(file)
    given = [journal.add(MADE.date(), entry(), 1) for _ in range(2)]
    journal.call(given[0].key, 2, MADE, "a-wish-of-2")
    journal.end(given[0].key, MADE + timedelta(minutes=4), no_show=False)
    journal.close()
    raw = bytearray(file.read_bytes())
    raw[:100] = b"\x00" * 100
    file.write_bytes(raw)
    anew = Journal(file)
    first, second = anew.of(MADE.date())
    assert (first.made.counter, first.made.ended_at) == (2, MADE + timedelta(minutes=4))
    assert second.made.called_at is None
    anew.close()


@pytest.fixture
def server(qapp, standby: Standby) -> Iterator[LineServer]:
    server = LineServer(OwnLine(standby), 0)
    yield server
    server.close()


def request(body: str, path: str = "/line") -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: kiosk\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


def sends(qtbot, server: LineServer, *pieces: bytes, source: str = "127.0.0.1") -> bytes:
    """Send bytes to the kiosk, and return what it sends until it hangs up."""
    with socket.create_connection(("127.0.0.1", server.port), 5, (source, 0)) as connection:
        connection.setblocking(False)
        got: list[bytes] = []

        def read() -> bool:
            try:
                got.append(connection.recv(65536))
            except BlockingIOError:
                return False
            except ConnectionResetError:
                got.append(b"")
            return got[-1] == b""

        for piece in pieces:
            connection.sendall(piece)
            qtbot.wait(20)
        qtbot.waitUntil(read, timeout=5_000)
    return b"".join(got)


def test_a_counter_reaches_it_over_the_network(qtbot, server: LineServer, standby: Standby) -> None:
    whole = request(signed_line(LINE_KEY, asked(standby, 2, LineWish.CALL_NEXT)).model_dump_json())
    answer = sends(qtbot, server, whole[:30], whole[30:150], whole[150:])
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK")
    told = LineTold.model_validate_json(SignedLine.model_validate_json(body).body)
    assert told.in_hand is not None
    assert told.in_hand.number == "NX01"
    assert told.kiosk == standby.device.name
    assert {"number", "service", "language", "at", "appointment_at"} >= set(
        json.loads(told.waiting[0].model_dump_json(exclude_none=True))
    ), "nothing tells who has a number"


def test_one_machine_alone_does_not_keep_the_others_out(qtbot, server: LineServer, standby: Standby) -> None:
    wish = request(signed_line(LINE_KEY, asked(standby, 2, LineWish.LOOK)).model_dump_json())
    with ExitStack() as stack:
        for _ in range(MOST_OF_ONE):
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=5))
        qtbot.waitUntil(lambda: len(server._open) == MOST_OF_ONE)
        assert sends(qtbot, server, wish) == b"", "it has its share"
        other = sends(qtbot, server, wish, source="127.0.0.2")
        assert other.startswith(b"HTTP/1.1 200 OK")
    qtbot.waitUntil(lambda: not server._open)
    assert sends(qtbot, server, wish).startswith(b"HTTP/1.1 200 OK")


def test_who_proves_nothing_is_told_nothing(qtbot, server: LineServer, standby: Standby) -> None:
    signed = _with_another_key(standby).model_dump_json()
    for body, status in ((signed, b"401"), ("{}", b"400"), ("no json", b"400")):
        answer = sends(qtbot, server, request(body))
        assert answer.split(b" ")[1] == status
        assert b"NX01" not in answer
    for raw in (request("{}", "/"), b"GET /line HTTP/1.1\r\n\r\n", b"\x16\x03\x01" * MOST_BYTES):
        assert sends(qtbot, server, raw) == b"", "what is no wish is hung up on"
    assert standby.calls() == ()


def test_a_kiosk_that_ends_while_a_counter_asks_ends_cleanly(qtbot, standby: Standby) -> None:
    servers = [LineServer(OwnLine(standby), 0)]
    with socket.create_connection(("127.0.0.1", servers[0].port), timeout=5):
        qtbot.waitUntil(lambda: len(servers[0]._open) == 1)
        servers[0].close()
        assert not servers[0]._open
        servers.clear()
        gc.collect()  # without its care the program would crash here
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_half_a_request_is_waited_for() -> None:
    whole = request('{"a": 1}')
    assert [body_of(whole[:length]) for length in (0, 20, len(whole) - 1)] == [None] * 3
    assert body_of(whole) == b'{"a": 1}'
    with pytest.raises(ValueError, match="line"):
        body_of(b"GET / HTTP/1.1\r\n\r\n")
    with pytest.raises(ValueError, match="long"):
        body_of(b"x" * (MOST_BYTES + 1))


def test_a_wish_fits_where_it_is_taken() -> None:
    wish = LineAsked(
        at=MADE,
        key="k" * 100,
        counter=999,
        wish=LineWish.NO_SHOW,
        services=[chr(65 + place) for place in range(26)],
        number="PX9999",
    )
    assert len(request(signed_line(LINE_KEY, wish).model_dump_json())) < MOST_BYTES
