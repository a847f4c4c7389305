"""Addresses to which letters can go, and lists that tell the place of a wrong one."""

from __future__ import annotations

import pytest

from server.domain.messages.addresses import mail_address, split_address
from server.domain.office.listed import EntryError, listed
from server.domain.office.policies import branch_policy
from server.domain.office.reading import SettingError

WRONG = (
    *(
        "",
        "x",
        "x@",
        "@example.org",
        "a@b",
        "a@localhost",
        "a b@example.org",
        "a@example..org",
        ".a@example.org",
    ),
    *("a@@example.org", "Anna <a@example.org>", "a@example.org,b@example.org", "a@example.org\nBcc: b@c.de"),
    *(
        "a\u202e@example.org",
        "=?utf-8?q?a?=@example.org",
        "a@" + "x" * 250 + ".org",
        7,
        None,
        ["a@example.org"],
    ),
)


@pytest.mark.parametrize("value", WRONG)
def test_what_is_no_address_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"is no e-mail address such as office@example\.org"):
        mail_address(value)


@pytest.mark.parametrize(
    "value", ["a@example.org", "anna.kowalska+raport@urzad.example.pl", "żółw@żółw.example"]
)
def test_control_an_address_is_taken_as_it_is(value: str) -> None:
    assert mail_address(value) == value


def test_a_domain_is_told_as_the_network_knows_it() -> None:
    assert split_address("a@Żółw.example") == ("a", "xn--w-uga1v8h.example")


def test_a_list_tells_the_place_of_what_is_wrong() -> None:
    read = listed(mail_address, 3)
    assert read(["a@example.org", "b@example.org"]) == ("a@example.org", "b@example.org")
    with pytest.raises(EntryError, match=r"^entry 2: 'x' is no e-mail address") as told:
        read(["a@example.org", "x", "y"])
    assert told.value.number == 2
    for value in ("a@example.org", None, ["a@example.org"] * 4):
        with pytest.raises(ValueError):
            read(value)


def test_a_branch_refuses_them_with_key_and_place() -> None:
    assert branch_policy({"report_mail_to": ["a@example.org"]}).report_mail_to == ("a@example.org",)
    for settings, told in (
        ({"report_mail_to": ["a@example.org", "x@"]}, "report_mail_to: entry 2: 'x@' is no e-mail address"),
        ({"report_mail_to": ["a@example.org"] * 21}, "report_mail_to: at most 20 entries are expected"),
        ({"report_mail_day": 29}, "report_mail_day: a whole number from 1 to 28 is expected"),
        ({"report_mail_day": 0}, "report_mail_day: a whole number from 1 to 28 is expected"),
        ({"office_language": "de"}, "office_language: one of pl, en, uk, ru is expected"),
    ):
        with pytest.raises(SettingError) as error:
            branch_policy(settings)
        assert str(error.value).startswith(told)
