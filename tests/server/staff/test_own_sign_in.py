"""What somebody changes of their own sign-in: recovery codes, and the password."""

from __future__ import annotations

import re

import pyotp
import pytest

from server.services.access import recovery_codes, second_factors
from server.services.context import RuleBroken
from server.store.tables import RecoveryCode
from tests.server.portal.browser import Page
from tests.server.sample_office import SampleOffice
from tests.server.staff.people import Colleague, People
from wire.vocabulary import Role

RECOVERY = "/staff/sign-in/recovery"
NEW = "ein ganz neues Wort"


def with_app(office: SampleOffice, people: People, login: str) -> int:
    user_id = people.add(Role.MANAGER, login=login)
    context, secret = office.runtime.context(), second_factors.new_secret()
    code = pyotp.TOTP(secret).at(office.clock.now())
    office.store.write(lambda session: second_factors.set_up(session, context, user_id, secret, code))
    return user_id


def make_codes(browser: Colleague) -> list[str]:
    token = browser.get("/staff/me").fields["csrf_token"]
    page = browser.send("POST", "/staff/me/recovery-codes", {"csrf_token": token})
    assert page.status == 200
    return page.html.texts["code"]


def half_way(people: People, login: str) -> Colleague:
    browser = people.nobody()
    assert browser.post("/staff/sign-in", {"login": login, "password": people.password}).status == 303
    return browser


def recover(people: People, code: str, login: str = "ewa") -> Page:
    return half_way(people, login).post(RECOVERY, {"code": code})


def test_each_of_ten_codes_opens_once(office: SampleOffice, people: People) -> None:
    ewa = people.sign_in(with_app(office, people, "ewa"))
    assert "Nie masz żadnego" in ewa.get("/staff/me").words
    codes = make_codes(ewa)
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}", each) for each in codes)
    assert "Pozostało 10 kodów" in ewa.get("/staff/me").words
    browser = half_way(people, "ewa")
    assert RECOVERY in browser.get("/staff/sign-in/code").links
    page = browser.post(RECOVERY, {"code": codes[0]})
    assert page.headers["Location"] == "/staff/me"
    assert "zostało 9" in browser.follow(page).words
    assert recover(people, codes[0]).status == 422
    assert (
        recover(people, codes[1].lower().replace("-", " ").replace("0", "o").replace("1", "l")).status == 303
    )
    assert office.facts("staff.signed_in")[-1].data["proof"] == "recovery"
    assert "Pozostało 8 kodów" in ewa.get("/staff/me").words


def test_new_codes_make_the_old_ones_worthless(office: SampleOffice, people: People) -> None:
    ewa = people.sign_in(with_app(office, people, "ewa"))
    old, new = make_codes(ewa), make_codes(ewa)
    assert recover(people, old[3]).status == 422
    assert recover(people, new[3]).status == 303
    assert all(code.encode() not in row.code_hash for row in office.rows(RecoveryCode) for code in new)


def test_a_code_opens_for_its_owner_alone_and_only_after_the_password(
    office: SampleOffice, people: People
) -> None:
    codes = make_codes(people.sign_in(with_app(office, people, "ewa")))
    jan = with_app(office, people, "jan")
    assert recover(people, codes[0], "jan").status == 422
    (refused,) = office.facts("sign_in.refused")
    assert refused.data == {"device": None, "reason": "recovery_code_wrong", "user": jan}
    assert people.nobody().get(RECOVERY).headers["Location"] == "/staff/sign-in"
    assert recover(people, codes[0]).status == 303


def test_guessing_of_codes_slows_down(office: SampleOffice, people: People) -> None:
    make_codes(people.sign_in(with_app(office, people, "ewa")))
    browser = half_way(people, "ewa")
    statuses = [browser.post(RECOVERY, {"code": f"AAAAA-AAAA{n}"}).status for n in range(7)]
    assert statuses[:5] == [422] * 5
    assert 429 in statuses
    assert browser.post("/staff/sign-in/code", {"code": "000000"}).status == 429


def test_who_has_no_second_factor_has_no_codes(office: SampleOffice, people: People) -> None:
    user_id = people.add(Role.CLERK)
    context = office.runtime.context()
    with pytest.raises(RuleBroken, match="no_second_factor"):
        office.store.write(lambda session: recovery_codes.make(session, context, user_id))


def test_a_taken_second_factor_takes_the_codes_with_it(office: SampleOffice, people: People) -> None:
    user_id = with_app(office, people, "ewa")
    make_codes(people.sign_in(user_id))
    context, admin = office.runtime.context(), people.add(Role.ADMINISTRATOR, branch=None)
    office.store.write(lambda session: second_factors.remove(session, context, user_id, by=admin))
    assert office.rows(RecoveryCode) == []


def test_one_changes_ones_own_password_and_stays_signed_in_here_alone(
    office: SampleOffice, people: People
) -> None:
    user_id = people.add(Role.CLERK, login="anna")
    here, there = people.sign_in(user_id), people.sign_in(user_id)
    address = "/staff/me/password"
    wrong = here.post(address, {"old": "not it at all", "password": NEW})
    assert (wrong.status, len(wrong.mistakes)) == (422, 1)
    weak = here.post(address, {"old": people.password, "password": "password123"})
    assert (weak.status, len(weak.mistakes)) == (422, 1)
    assert there.get("/staff/me").status == 200
    done = here.post(address, {"old": people.password, "password": NEW})
    assert done.headers["Location"] == "/staff/me"
    assert "wylogowano Cię wszędzie indziej" in here.follow(done).words
    assert there.get("/staff/me").status == 303
    old = people.nobody().post("/staff/sign-in", {"login": "anna", "password": people.password})
    assert old.status == 422
    assert people.nobody().post("/staff/sign-in", {"login": "anna", "password": NEW}).status == 303
    assert office.facts("user.changed")[-1].data == {"user": user_id, "change": "password", "by": user_id}
    assert office.facts("staff.signed_in")[-2].data["proof"] == "totp"


def test_guessing_the_present_password_slows_down(people: People) -> None:
    anna = people.signed_in(Role.CLERK)
    pages = [anna.post("/staff/me/password", {"old": f"guess {n} it", "password": NEW}) for n in range(7)]
    assert "Za dużo nieudanych prób" not in pages[4].words
    assert "Za dużo nieudanych prób" in pages[6].words


@pytest.mark.parametrize("address", ["/staff/me/recovery-codes", "/staff/me/app", "/staff/me/passkeys/new"])
def test_before_a_way_in_is_added_the_password_is_asked_again(
    office: SampleOffice, people: People, address: str
) -> None:
    anna = people.signed_in(Role.CLERK)
    method = "POST" if "codes" in address else "GET"
    goes_on_at = address if method == "GET" else "/staff/me"  # where the button is

    def status() -> int:
        return anna.send(method, address, {"csrf_token": anna.get("/staff/me").fields["csrf_token"]}).status

    office.clock.advance(minutes=14)
    assert status() == 200
    office.clock.advance(minutes=1)
    assert status() == 303
    confirm = f"/staff/me/confirm?next={address}"
    assert anna.post(confirm, {"old": "not it at all"}).status == 422
    assert status() == 303
    assert anna.post(confirm, {"old": people.password}).headers["Location"] == goes_on_at
    assert status() == 200
    elsewhere = anna.post("/staff/me/confirm?next=https://numerek.example/", {"old": people.password})
    assert elsewhere.headers["Location"] == "/staff/me"
