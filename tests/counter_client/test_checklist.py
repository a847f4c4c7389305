"""The checklist in the clerk's window: what is ticked, and which documents were missing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from counter_client.desk import advance
from counter_client.events import Answered, Chose, GaveUp, Look, Pressed, Refused, Send, Ticked
from counter_client.portrait.questions import dialog_face
from counter_client.portrait.voice import Voice
from counter_client.portrait.window import window_face
from counter_client.shell import TEXTS
from counter_client.state import Desk, DialogKind, Key
from terminal.texts import Texts
from tests.counter_client import samples
from tests.counter_client.test_desk import CALLED, LATER, SERVING, at_work, press, problem
from wire.messages import CheckRequest, FinishRequest, OutcomeKind, TicketAnswer
from wire.vocabulary import TicketStatus

PATH = "/api/v1/tickets/42/finish"


def checked(desk: Desk) -> list[str]:
    assert desk.current is not None
    return desk.current.checked


def asked(*ticked: str) -> Desk:
    """Choose *documents were missing* for a ticket of which some words are ticked."""
    desk, _ = press(at_work(samples.ticket(TicketStatus.SERVING, checked=list(ticked))), Key.FINISH)
    desk, effects = advance(desk, Chose(1, LATER))
    assert effects == ()
    return desk


def finish(desk: Desk) -> FinishRequest:
    """Take the last line, as Enter does; return what goes to the server."""
    assert desk.dialog is not None
    desk, (send,) = advance(desk, Chose(len(desk.dialog.choices) - 1, LATER))
    assert isinstance(send, Send)
    assert (send.command.path, desk.dialog) == (PATH, None)
    assert isinstance(send.command.body, FinishRequest)
    return send.command.body


def test_a_tick_shows_at_once_and_goes_to_the_server_with_all_that_is_ticked() -> None:
    desk, (send, look) = advance(at_work(CALLED), Ticked("payment"))
    assert checked(desk) == ["payment"]
    assert isinstance(send, Send)
    assert (send.command.path, send.command.body) == (
        "/api/v1/tickets/42/check",
        CheckRequest(checked=["payment"]),
    )
    assert isinstance(look, Look)
    desk, (send, _look) = advance(desk, Ticked("identity"))
    assert isinstance(send, Send)
    assert send.command.body == CheckRequest(checked=["identity", "payment"]), "in the order of the list"
    desk, _ = advance(desk, Ticked("payment"))
    assert checked(desk) == ["identity"]


def test_a_tick_is_in_no_keys_way_and_its_end_changes_nothing() -> None:
    desk, (send, _look) = advance(replace(at_work(SERVING), looking=9), Ticked("payment"))
    assert isinstance(send, Send)
    assert desk.looking not in (None, 9), "what is on its way may have been read before"
    answer = TicketAnswer(ticket=SERVING)
    for end in (
        Answered(send.serial, answer, 1),
        Refused(send.serial, problem(409, "x"), 1),
        GaveUp(send.serial),
    ):
        assert advance(desk, end) == (desk, ())
    assert press(desk, Key.MAIN)[1][0].path == "/api/v1/counters/7/call-next"


@pytest.mark.parametrize(
    "desk", [at_work(), replace(at_work(CALLED), connected=False), at_work(samples.ticket(checklist=[]))]
)
def test_there_is_nothing_to_tick_without_a_ticket_a_line_or_such_a_word(desk: Desk) -> None:
    assert advance(desk, Ticked("payment")) == (desk, ())


def test_digits_pick_what_was_missing_and_enter_finishes() -> None:
    desk = asked()
    assert desk.dialog is not None
    assert (desk.dialog.kind, desk.dialog.picked) == (DialogKind.MISSING, frozenset())
    for place in (2, 0, 1, 1):
        desk, effects = advance(desk, Chose(place, LATER))
        assert effects == ()
    assert finish(desk) == FinishRequest(outcome="without_documents", missing=["identity", "photograph"])


def test_the_question_may_be_passed_over() -> None:
    assert finish(asked()) == FinishRequest(outcome="without_documents")
    desk, effects = advance(asked(), Pressed(Key.ESCAPE, LATER))
    assert (desk.dialog, effects) == (None, ()), "Esc finishes nothing"


def test_who_ticked_some_has_the_others_proposed() -> None:
    assert finish(asked("identity")).missing == ["payment", "photograph"]
    assert finish(asked("identity", "payment", "photograph")).missing == []


@pytest.mark.parametrize(
    ("place", "checklist"), [(0, samples.CHECKLIST), (2, samples.CHECKLIST), (3, samples.CHECKLIST), (1, [])]
)
def test_no_other_outcome_asks_and_no_service_without_a_checklist(place: int, checklist: list[str]) -> None:
    desk, _ = press(at_work(samples.ticket(TicketStatus.SERVING, checklist=checklist)), Key.FINISH)
    desk, (send,) = advance(desk, Chose(place, LATER))
    assert isinstance(send, Send)
    assert isinstance(send.command.body, FinishRequest)
    assert (send.command.path, send.command.body.missing) == (PATH, [])


def test_the_words_are_those_of_the_clerks_language_and_an_offices_own_as_they_are() -> None:
    ticket = samples.ticket(TicketStatus.SERVING, checklist=["identity", "Świadectwo"], checked=["identity"])
    face = window_face(Voice(Texts(TEXTS), "pl", samples.NOW), at_work(ticket))
    lines = [(line.text, line.is_ticked) for line in face.ticket.checklist]
    assert lines == [("Tożsamość zgodna z rezerwacją", True), ("Świadectwo", False)]
    walk_in = ticket.model_copy(update={"reservation": None})
    face = window_face(Voice(Texts(TEXTS), "en", samples.NOW), at_work(walk_in))
    assert face.ticket.checklist[0].text == "Identity document", "there is no reservation to match"
    face = window_face(Voice(Texts(TEXTS), "pl", samples.NOW), asked("payment"))
    assert face.dialog is not None
    assert face.dialog.lines == (
        ("1", "Dokument tożsamości"),
        ("2", "Potwierdzenie opłaty"),
        ("3", "Aktualna fotografia"),
        ("Enter", "Zakończ"),
    )
    assert face.dialog.picked == {0, 2}


def test_an_outcome_of_the_office_has_its_name_and_asks_what_was_missing_where_it_says_so() -> None:
    kinds = [
        OutcomeKind(code="served", names={"pl": "Załatwione"}),
        OutcomeKind(code="incomplete", names={"pl": "Wniosek niepełny"}, asks_missing=True),
        OutcomeKind(code="sent_on", names={"en": "Sent to another office"}),
        OutcomeKind(code="without_documents"),
    ]
    own = {"outcomes": [each.code for each in kinds], "outcome_kinds": kinds}
    desk, _ = press(at_work(samples.ticket(TicketStatus.SERVING), **own), Key.FINISH)
    assert desk.dialog is not None
    face = dialog_face(Voice(Texts(TEXTS), "pl", samples.NOW), desk.dialog, can_print=False)
    said = [text for _digit, text in face.lines]
    assert said[:3] == ["Załatwione", "Wniosek niepełny", "Sent to another office"]
    asking, effects = advance(desk, Chose(1, LATER))
    assert (asking.dialog and asking.dialog.kind, effects) == (DialogKind.MISSING, ())
    assert finish(asking).outcome == "incomplete"
    _, (send,) = advance(desk, Chose(3, LATER))
    assert isinstance(send, Send)
    assert send.command.body == FinishRequest(outcome="without_documents"), "the office asks nothing here"


def test_a_code_that_was_erased_is_told_so() -> None:
    shown, erased = samples.beside(), samples.beside().model_copy(update={"code": None})
    voice = Voice(Texts(TEXTS), "en", samples.NOW)
    told = [
        dict(window_face(voice, at_work(samples.ticket(TicketStatus.SERVING, reservation=each))).ticket.facts)
        for each in (shown, erased)
    ]
    assert "erased" not in told[0]["Reservation"]
    assert told[1]["Reservation"] == "code erased when the visit was finished"
