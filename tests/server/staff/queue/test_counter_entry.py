"""Who works at a counter in the browser: enrolling, sitting down, and the installed program beside it."""

from __future__ import annotations

from server.domain.access.roles import Held
from server.services.access import devices, users
from server.store.tables import ClerkSession, Device
from tests.server.portal.browser import Page
from tests.server.sample_office import PASSWORD, SampleOffice
from tests.server.staff.people import Colleague, People
from tests.server.staff.queue.web_counter import COUNTER, WebCounter, at_counter, code_for, enrol
from wire.vocabulary import DeviceRole, Role

DEVICE, CLERK = "__Secure-numerek-counter", "__Secure-numerek-clerk"


def sign_in(browser: Colleague, login: str, password: str = PASSWORD, **more: str) -> Page:
    return browser.post(f"{COUNTER}/sign-in", {"login": login, "password": password, **more})


def test_a_code_makes_a_browser_a_counter_once(office: SampleOffice, people: People) -> None:
    browser, code = people.signed_in(Role.CLERK), code_for(office, 7)
    assert "Kod stanowiska" in browser.get(COUNTER).words
    done = browser.post(f"{COUNTER}/code", {"code": code.lower()})
    assert (done.status, done.headers["Location"]) == (303, COUNTER)
    (cookie,) = [each for each in done.headers.getlist("Set-Cookie") if each.startswith(DEVICE)]
    for word in ("HttpOnly", "Secure", "Path=/staff", "SameSite=Strict"):
        assert word in cookie
    assert "Stanowisko 7" in browser.get(COUNTER).words
    again = people.signed_in(Role.CLERK).post(f"{COUNTER}/code", {"code": code})
    assert (again.status, len(again.mistakes)) == (422, 1)


def test_a_kiosks_code_makes_no_counter_and_stays_good(office: SampleOffice, people: People) -> None:
    context = office.runtime.context()
    branch = context.office.branch_named("wroclaw")
    assert branch is not None
    new = devices.NewDevice(DeviceRole.KIOSK, "kiosk 2", "A")
    code = office.store.write(lambda session: devices.prepare_enrolment(session, context, branch, new))
    browser = people.signed_in(Role.CLERK)
    assert browser.post(f"{COUNTER}/code", {"code": code}).status == 422
    assert browser.cookie_named(DEVICE) is None
    assert office.door().post("/devices/enrol", {"enrolment_code": code}).status_code == 201


def test_at_a_counter_a_password_is_enough_and_opens_nothing_else(
    office: SampleOffice, people: People
) -> None:
    people.add(Role.SUPERVISOR, login="ewa")
    browser = people.nobody()
    assert browser.get(COUNTER).headers["Location"] == f"{COUNTER}/sign-in"
    assert enrol(office, browser, 7).status == 303
    assert sign_in(browser, "ewa", "a wrong password").status == 422
    assert browser.cookie_named(CLERK) is None
    assert sign_in(browser, "ewa").status == 303
    assert browser.get(COUNTER).status == 200
    for path in ("/staff/", "/staff/me", "/staff/me/app"):
        assert browser.get(path).headers["Location"].startswith("/staff/sign-in"), path
    assert browser.get("/staff/sign-in").status == 200, "a way out of the counter is a full sign-in"
    session = office.rows(ClerkSession)[-1]
    assert session.program == "browser"


def test_who_may_not_serve_does_not_sit_down(office: SampleOffice, people: People) -> None:
    people.add(Role.AUDITOR, login="audit")
    people.add(Role.CLERK, login="far", branch="legnica")
    browser = people.nobody()
    enrol(office, browser, 7)
    for login in ("audit", "far", "nobody"):
        assert sign_in(browser, login).status == 422, login
    assert office.rows(ClerkSession) == []


def test_guessing_slows_down(office: SampleOffice, people: People) -> None:
    browser = people.nobody()
    enrol(office, browser, 7)
    assert [sign_in(browser, "wroclaw7", f"guess {n}").status for n in range(7)][-1] == 429


def test_the_installed_program_has_the_counter_until_it_is_taken_over(
    office: SampleOffice, people: People
) -> None:
    installed = office.clerk(7)
    ticket = office.walk_in("P")
    assert installed.post("/counters/7/call-next").status_code == 200
    browser = people.signed_in(Role.CLERK)
    enrol(office, browser, 7)
    refused = browser.submit(browser.get(COUNTER), f"{COUNTER}/sit-down")
    assert refused.status == 409
    assert "Anna Nowak w zainstalowanym programie" in refused.words
    assert installed.get("/counters/7").status_code == 200, "a control: nothing was taken"
    done = browser.submit(refused, f"{COUNTER}/sit-down", {"take_over": "yes"})
    assert done.status == 303
    assert installed.get("/counters/7").status_code == 401
    assert WebCounter(office, browser).number == ticket["number"]


def test_the_browser_has_the_counter_until_the_program_takes_it_over(
    office: SampleOffice, people: People
) -> None:
    counter = at_counter(office, people)
    door = office.door("counter:wroclaw:7")
    body = {"login": "wroclaw7", "password": PASSWORD}
    refused = door.post("/sessions", body)
    assert refused.status_code == 409
    problem = refused.get_json()
    assert (problem["reason"], problem["facts"]["program"]) == ("counter_taken", "browser")
    assert problem["facts"]["clerk"] == "Anna clerk"
    assert counter.look().status == 200
    assert door.post("/sessions", body | {"take_over": True}).status_code == 201
    over = counter.look()
    assert "Sesja wygasła" in over.words
    assert not counter.can("pause")


def test_a_session_ends_and_the_ticket_waits_for_the_clerk(office: SampleOffice, people: People) -> None:
    ticket = office.walk_in("P")
    people.add(Role.CLERK, login="ewa")
    browser = people.nobody()
    enrol(office, browser, 7)
    sign_in(browser, "ewa")
    counter = WebCounter(office, browser)
    counter.do("call-next")
    form = counter.form("start")
    office.clock.advance(hours=12, minutes=1)
    assert browser.get(COUNTER).headers["Location"] == f"{COUNTER}/sign-in"
    assert "Sesja wygasła" in browser.get(f"{COUNTER}/sign-in").words
    assert browser.send("POST", f"{COUNTER}/act", form).status in (303, 400), (
        "the form is as old as the session"
    )
    assert office.ticket(ticket["id"]).status == "called"
    part = browser.send("GET", f"{COUNTER}/live", headers={"HX-Request": "true"})
    assert (part.status, part.headers["HX-Redirect"]) == (401, f"{COUNTER}/sign-in")
    assert sign_in(browser, "ewa").status == 303
    assert WebCounter(office, browser).number == ticket["number"]


def test_a_revoked_counter_is_told_so(office: SampleOffice, people: People) -> None:
    counter = at_counter(office, people)
    form, context = counter.form("pause"), office.runtime.context()
    device = office.rows(Device)[-1].id
    office.store.write(lambda session: devices.revoke(session, context, device))
    assert "nie jest już zarejestrowane" in counter.look().words
    assert counter.browser.send("POST", f"{COUNTER}/act", form).headers["Location"] == COUNTER
    assert office.facts("counter.paused") == []


def test_signing_out_closes_the_counter(office: SampleOffice, people: People) -> None:
    counter = at_counter(office, people)
    page = counter.look()
    left = counter.browser.send("POST", f"{COUNTER}/leave", {"csrf_token": page.fields["csrf_token"]})
    assert (left.status, counter.browser.cookie_named(CLERK)) == (303, None)
    assert "Zacznij pracę" in counter.look().words
    assert [fact.data["counter"] for fact in office.facts("clerk.signed_out")] == [7]


def test_a_role_that_is_taken_away_counts_at_once(office: SampleOffice, people: People) -> None:
    counter = at_counter(office, people)
    branch = office.runtime.context().office.branch_named("wroclaw")
    assert branch is not None
    held = {Held(Role.AUDITOR, branch.id)}
    context = office.runtime.context()
    office.store.write(lambda session: users.set_roles(session, context, counter.browser.user_id, held))
    assert counter.look().status in (303, 403)
    assert not counter.can("pause")


def test_another_counters_ticket_and_another_branchs_look_like_none(
    office: SampleOffice, people: People
) -> None:
    counter, other = at_counter(office, people), office.clerk(8)
    ticket = office.walk_in("P")
    assert other.post("/counters/8/call-next").status_code == 200
    far = office.door("kiosk:legnica").post("/tickets", {"service": "P"}).get_json()["ticket"]
    booked = office.book("P", "10:15")
    form, before = counter.form("pause"), len(office.facts())
    steps = ("call", "recall", "start", "finish", "no-show", "park", "put-back", "transfer", "reinstate")
    said = set()
    fields = {"reason": "other", "to": "service:N", "why": "other", "code": booked["code"]}
    for number, step in enumerate((*steps, "withdraw", "undo", "verify")):
        for ticket_id in (ticket["id"], far["id"], 999_999):
            key = f"the-key-{number}-{ticket_id}"
            page = counter.send(form | fields | {"step": step, "ticket": ticket_id, "key": key})
            said.add("Na tym stanowisku nie ma takiego biletu." in page.words)
    assert said == {True}
    assert len(office.facts()) == before


def test_a_counter_of_another_branch_is_none_here(office: SampleOffice, people: People) -> None:
    browser = people.signed_in(Role.CLERK)
    moved = enrol(office, browser, 1, "legnica")
    assert moved.headers["Location"] == "/staff/at/legnica/counter"
    assert "innego oddziału" in browser.get(COUNTER).words
    assert browser.get("/staff/at/legnica/counter").status == 404


def test_another_person_in_the_same_browser_sits_down_anew(office: SampleOffice, people: People) -> None:
    counter = at_counter(office, people)
    other = people.signed_in(Role.CLERK)
    for name in (DEVICE, CLERK):
        other.take_cookie(name, counter.browser.cookie_named(name) or "", "/staff")
    assert "Zacznij pracę" in other.get(COUNTER).words
    assert other.submit(other.get(COUNTER), f"{COUNTER}/sit-down").status == 303
    assert [each.clerk_id for each in office.rows(ClerkSession, ClerkSession.ended_at.is_(None))] == [
        other.user_id
    ]


def test_back_to_the_sign_in_leads_to_the_counter_where_one_sits(
    office: SampleOffice, people: People
) -> None:
    counter = at_counter(office, people)
    answer = counter.browser.send("GET", f"{COUNTER}/sign-in")
    assert (answer.status, answer.headers["Location"]) == (303, COUNTER)
    counter.browser.submit(counter.look(), f"{COUNTER}/leave")
    assert counter.browser.get(f"{COUNTER}/sign-in").status == 200
