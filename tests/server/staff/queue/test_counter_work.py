"""A day at a counter in the browser, by plain forms: the same stories as those of the installed program."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from server.store.queries.privacy import personal_keys
from server.store.tables import Ticket, Verification
from tests.server.sample_office import KEYS, SampleOffice
from tests.server.staff.people import People
from tests.server.staff.queue.web_counter import COUNTER, at_counter
from wire.vocabulary import Role


def test_call_start_finish_and_next(office: SampleOffice, people: People) -> None:
    first, second = office.walk_in("P"), office.walk_in("P")
    counter = at_counter(office, people)
    assert "2 osoby" in counter.page.words
    counter.do("call-next")
    assert (counter.number, counter.can("recall"), counter.can("finish")) == (first["number"], True, False)
    counter.do("start")
    assert office.ticket(first["id"]).status == "serving"
    counter.do("call-next")
    assert counter.number == second["number"]
    row = office.ticket(first["id"])
    assert (row.status, row.outcome) == ("finished", "served")
    assert office.ticket(second["id"]).status == "called"


def test_nobody_waits_is_said_and_the_next_press_looks_again(office: SampleOffice, people: People) -> None:
    counter = at_counter(office, people)
    assert "Nikt nie czeka na Twoje usługi." in counter.do("call-next").words
    ticket = office.walk_in("P")
    counter.look()
    counter.do("call-next")
    assert counter.number == ticket["number"]


def test_no_show_only_after_so_many_calls(office: SampleOffice, people: People) -> None:
    office.set_policy(no_show_after_calls=3)
    ticket = office.walk_in("P")
    counter = at_counter(office, people)
    counter.do("call-next")
    for _ in range(2):
        assert not counter.can("no-show")
        counter.do("recall")
    counter.do("no-show")
    assert office.ticket(ticket["id"]).status == "no_show"
    counter.look("?list=no_shows")
    counter.do("reinstate", ticket=ticket["id"])
    assert office.ticket(ticket["id"]).status == "waiting"


def test_a_step_is_taken_back_within_ten_seconds_and_not_later(office: SampleOffice, people: People) -> None:
    ticket = office.walk_in("P")
    counter = at_counter(office, people)
    counter.do("call-next")
    assert not counter.can("undo")
    counter.do("start")
    late = counter.form("undo")
    counter.do("undo")
    assert office.ticket(ticket["id"]).status == "called"
    counter.do("start")
    office.clock.advance(seconds=11)
    counter.look()
    assert not counter.can("undo")
    counter.send(late | {"key": "another-key"})
    assert "za późno" in counter.page.words
    assert office.ticket(ticket["id"]).status == "serving"


def test_finished_tickets_are_a_supervisors_to_open_again(office: SampleOffice, people: People) -> None:
    ticket = office.walk_in("P")
    clerk = at_counter(office, people)
    for step in ("call-next", "start"):
        clerk.do(step)
    clerk.do("finish", outcome="without_documents")
    assert office.ticket(ticket["id"]).outcome == "without_documents"
    form = clerk.form("issue") | {"step": "reopen", "ticket": ticket["id"], "again": "came_back"}
    assert clerk.browser.send("POST", f"{COUNTER}/act", form).status == 403
    assert "Otwórz ponownie" not in clerk.look("?list=finished").words
    supervisor = at_counter(office, people, 8, Role.SUPERVISOR)
    supervisor.look("?list=finished")
    assert "Wybierz powód" in supervisor.do("reopen", ticket=ticket["id"]).words
    supervisor.do("reopen", ticket=ticket["id"], again="came_back")
    assert office.ticket(ticket["id"]).status == "waiting"
    supervisor.look()
    supervisor.do("call-next")
    assert supervisor.number == ticket["number"]


def test_park_transfer_withdraw_and_out_of_order(office: SampleOffice, people: People) -> None:
    first, second, third = (office.walk_in("P") for _ in range(3))
    counter = at_counter(office, people)
    counter.do("call-next")
    counter.do("park")
    counter.look("?list=parked")
    counter.do("call", ticket=first["id"])
    assert counter.number == first["number"]
    counter.do("transfer", to="service:N", note="Brak zdjęcia")
    row = office.ticket(first["id"])
    assert (row.status, row.note, row.service_id) == ("waiting", "Brak zdjęcia", office.service_id("N"))
    counter.look()
    assert "Brak zdjęcia" in counter.page.words
    assert "Wybierz powód" in counter.do("call", ticket=third["id"]).words
    assert office.ticket(third["id"]).status == "waiting"
    counter.do("call", ticket=third["id"], reason="health")
    assert counter.number == third["number"]
    counter.do("put-back")
    counter.do("withdraw", ticket=second["id"], why="visitor_left")
    assert office.ticket(second["id"]).status == "withdrawn"


def test_the_counter_opens_pauses_and_closes_and_issues_a_ticket(
    office: SampleOffice, people: People
) -> None:
    counter = at_counter(office, people)
    counter.do("pause")
    assert counter.number == "Przerwa"
    assert not counter.can("call-next")
    counter.do("open")
    counter.do("close")
    assert counter.number == "Stanowisko zamknięte"
    counter.do("open")
    counter.do("issue", service="L", priority="elderly")
    assert "Wydano bilet L001" in counter.page.words


def test_a_booked_visit_is_confirmed_with_its_answers_beside(office: SampleOffice, people: People) -> None:
    booked = office.book("P", "10:15", name="Olena Kovalenko")
    other = office.book("P", "10:15")
    office.kiosk.post("/check-ins", {"code": booked["code"]})
    counter = at_counter(office, people)
    counter.do("call-next")
    assert "Olena Kovalenko" in counter.page.words
    assert "Tożsamość zgodna z rezerwacją" in counter.page.words
    assert "nie jest kod rezerwacji" in counter.do("verify", code="12").words
    assert "innej rezerwacji" in counter.do("verify", code=other["code"]).words
    assert "Potwierdzenie zgodne z rezerwacją" in counter.do("verify", code=booked["code"]).words
    assert not counter.can("verify")


def test_answers_before_the_visit_stand_beside_the_ticket(office: SampleOffice, people: People) -> None:
    kinds = [{"code": "first", "pl": "Pierwszy wniosek", "en": "A first application"}]
    questions = [
        {"key": "kind", "kind": "choice", "label": {"pl": "Rodzaj sprawy", "en": "Kind"}, "choices": kinds},
        {"key": "case", "label": {"pl": "Numer sprawy", "en": "Case"}, "required": False},
    ]
    office.set_policy("P", booking={"questions": questions})
    booked = office.book("P", "10:15")
    reservation, now = office.reservation(booked["id"]), office.clock.now()

    def answer(session: Any) -> None:
        box = personal_keys.opener(session, office.runtime.keys, reservation.personal_key_id)
        assert box is not None
        said = personal_keys.seal_json(box, {"kind": "first"}, b"answers")
        asked = {"asked_at": now, "answer_until": now, "answered_at": now}
        session.add(
            Verification(reservation_id=reservation.id, token_hash=b"x", sealed_answers=said, **asked)
        )

    office.store.write(answer)
    office.kiosk.post("/check-ins", {"code": booked["code"]})
    counter = at_counter(office, people)
    assert "Pierwszy wniosek" not in counter.page.words, "a control: nobody's, while nobody is in hand"
    counter.do("call-next")
    assert "Rodzaj sprawy Pierwszy wniosek" in counter.page.words.replace("sprawyP", "sprawy P")
    assert "Numer sprawy" in counter.page.words


def test_a_wait_over_the_target_is_said_in_words(office: SampleOffice, people: People) -> None:
    office.walk_in("P")
    counter = at_counter(office, people)
    assert "za długo" not in counter.page.words
    office.clock.advance(
        minutes=office.runtime.context().office.branch_named("wroclaw").policy.target_wait_minutes + 1
    )
    counter.look()
    assert "za długo" in counter.page.words
    assert 'class="counter-late"' in counter.page.text


def test_whoever_came_before_the_hour_begins_to_wait_at_it(office: SampleOffice, people: People) -> None:
    target = office.runtime.context().office.branch_named("wroclaw").policy.target_wait_minutes
    booked = office.book("P", office.clock.now() + timedelta(minutes=20))
    office.kiosk.post("/check-ins", {"code": booked["code"]})
    counter = at_counter(office, people)
    for minutes, said in ((target + 1, False), (20, True)):
        office.clock.advance(minutes=minutes)
        counter.look()
        assert ("za długo" in counter.page.words) is said
    counter.do("call-next")
    assert "za długo" in counter.page.words


@pytest.mark.parametrize("same_key", [True, False])
def test_a_form_sent_twice_acts_once(office: SampleOffice, people: People, same_key: bool) -> None:
    tickets = [office.walk_in("P") for _ in range(3)]
    counter = at_counter(office, people)
    counter.do("call-next")
    counter.do("start")
    form = counter.form("call-next")
    counter.send(form)
    counter.send(form if same_key else form | {"key": "a-key-of-its-own"})
    states = [office.ticket(each["id"]).status for each in tickets]
    assert states == ["finished", "called", "waiting"]
    assert len(office.facts("ticket.called")) == 2


def test_a_key_with_another_form_does_nothing(office: SampleOffice, people: People) -> None:
    first, second = office.walk_in("P"), office.walk_in("P")
    counter = at_counter(office, people)
    form = counter.form("withdraw") | {"why": "visitor_left"} if counter.can("withdraw") else {}
    counter.send(form | {"ticket": first["id"]})
    counter.send(form | {"ticket": second["id"]})
    assert "już zostało zrobione" in counter.page.words
    assert office.ticket(second["id"]).status == "waiting"


def test_without_a_key_or_with_an_unknown_step_nothing_is_done(office: SampleOffice, people: People) -> None:
    counter = at_counter(office, people)
    form = counter.form("pause")
    for wrong in (form | {"key": ""}, form | {"step": "explode"}):
        assert counter.browser.send("POST", f"{COUNTER}/act", wrong).status == 400
    assert counter.browser.send("POST", f"{COUNTER}/act", form | {"csrf_token": ""}).status == 400
    assert counter.look().status == 200
    assert counter.can("pause")


def test_a_part_answers_a_part(office: SampleOffice, people: People) -> None:
    ticket = office.walk_in("P")
    counter = at_counter(office, people)
    answer = counter.browser.send("POST", f"{COUNTER}/act", counter.form("call-next"), {"HX-Request": "true"})
    assert answer.status == 200
    assert answer.text.strip().startswith('<div id="desk"')
    assert ticket["number"] in answer.text
    strip = counter.browser.get(f"{COUNTER}/strip")
    assert (strip.status, ticket["number"] in strip.text) == (200, True)


def test_which_documents_were_missing_is_asked_and_may_be_passed_over(
    office: SampleOffice, people: People
) -> None:
    office.set_policy("P", checklist=["identity", "payment", "photograph"])
    counter = at_counter(office, people)
    for missing, kept in ((["photograph", "identity"], ["identity", "photograph"]), ([], None)):
        ticket = office.walk_in("P")
        counter.look()
        for step in ("call-next", "start"):
            counter.do(step)
        assert 'popovertarget="ask-missing-without_documents"' in counter.page.text
        counter.do("finish", outcome="without_documents", missing=missing)
        row = office.ticket(ticket["id"])
        assert (row.status, row.outcome, row.missing) == ("finished", "without_documents", kept)
    fact = office.facts("ticket.finished")[0].data
    assert (fact["outcome"], fact["missing"]) == ("without_documents", ["identity", "photograph"])


def test_a_word_that_is_on_no_list_finishes_nothing(office: SampleOffice, people: People) -> None:
    ticket = office.walk_in("P")
    counter = at_counter(office, people)
    for step in ("call-next", "start"):
        counter.do(step)
    counter.do("finish", outcome="without_documents", missing=["<b>wiza</b>"])
    assert "Tego nie można już zrobić" in counter.page.words
    assert office.ticket(ticket["id"]).status == "serving"


def test_ticks_are_kept_for_the_next_clerk_and_leave_the_undo_alone(
    office: SampleOffice, people: People
) -> None:
    office.set_policy("P", checklist=["identity", "Świadectwo <b>urodzenia</b>"])
    ticket = office.walk_in("P")
    counter = at_counter(office, people)
    for step in ("call-next", "start"):
        counter.do(step)
    assert "Świadectwo <b>urodzenia</b>" in counter.page.words
    counter.do("check", checked=["Świadectwo <b>urodzenia</b>"])
    assert office.ticket(ticket["id"]).checked == ["Świadectwo <b>urodzenia</b>"]
    assert counter.page.text.count(" checked>") == 2, "the tick, and what is not ticked as missing"
    assert counter.can("undo")
    counter.do("transfer", to="counter:8")
    eight = office.clerk(8).post("/counters/8/call-next").get_json()["ticket"]
    assert eight["checked"] == ["Świadectwo <b>urodzenia</b>"]


def test_what_became_of_a_step_is_said_for_a_while_whatever_happens_in_the_hall(
    office: SampleOffice, people: People
) -> None:
    counter = at_counter(office, people)
    page = counter.do("issue", service="P")
    (ticket,) = office.rows(Ticket)
    said = f"Wydano bilet {ticket.number}."
    assert said in page.words
    office.walk_in("N")
    assert said in counter.look().words
    office.clock.advance(seconds=21)
    assert said not in counter.look().words


def test_the_slip_of_an_issued_ticket_is_shown_to_print(office: SampleOffice, people: People) -> None:
    counter = at_counter(office, people)
    page = counter.do("issue", service="P")
    (ticket,) = office.rows(Ticket)
    address = f"{COUNTER}/slip/{ticket.id}"
    assert f'href="{address}"' in page.text
    slip = counter.browser.get(address)
    assert (slip.status, "data:image/png;base64," in slip.text) == (200, True)
    assert f"Bilet {ticket.number}" in slip.words
    assert counter.browser.get(f"{COUNTER}/slip/{ticket.id + 1}").status == 404
    there = office.door("kiosk:legnica").post("/tickets", {"service": "P"}).get_json()["ticket"]
    assert counter.browser.get(f"{COUNTER}/slip/{there['id']}").status == 404
    counter.do("call-next")
    assert counter.browser.get(address).status == 404, "who was called needs no slip"


def test_what_a_visitor_said_from_the_phone_is_marked(office: SampleOffice, people: People) -> None:
    first, second = office.walk_in("P"), office.walk_in("P")
    counter = at_counter(office, people)
    office.door().raw("POST", f"//t/{KEYS.track_token(second['id'])}/pause", b"")
    assert "prosi o czas do 10:10" in counter.look("?list=parked").words
    counter.do("call-next")
    assert "jestem na miejscu" not in counter.look().words
    office.door().raw("POST", f"//t/{KEYS.track_token(first['id'])}/here", b"")
    assert "osoba zgłasza: jestem na miejscu" in counter.look().words
