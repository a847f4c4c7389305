"""A journalist without an account takes what is published, and checks it on a machine of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from server.admin.audit.__main__ import main
from server.services.audit import publication
from server.texts import LANGUAGES
from tests.server.portal.browser import Browser
from tests.server.portal.chromium import chromium, complaints, open_page, served, too_wide
from tests.server.sample_office import SampleOffice
from tests.server.services.audit.proved import MONDAY, TUESDAY, WEDNESDAY, Proved, night_after
from tests.server.services.audit.test_cosigning import WITNESS

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

AT = "/en/audit/wroclaw"
PLAIN = {"Content-Type": "text/plain"}


@pytest.fixture
def proved(office: SampleOffice) -> Proved:
    """Give an office with three signed days, on two of which there was a queue."""
    made = Proved(office)
    for day in (MONDAY, TUESDAY):
        made.busy_day(day)
        made.prove(night_after(day))
    made.prove(night_after(WEDNESDAY))
    return made


class Journalist:
    """Somebody with a folder of files and the command."""

    def __init__(self, folder: Path, browser: Browser, proved: Proved, capsys: Any) -> None:
        self._folder, self._browser, self._proved, self._capsys = folder, browser, proved, capsys

    def take(self, path: str, name: str) -> Path:
        """Keep a file of the pages."""
        page = self._browser.get(AT + path)
        assert page.status == 200, path
        file = self._folder / name
        file.write_bytes(page.response.data)
        return file

    def verify(self, *arguments: object) -> tuple[int, str]:
        """Run the command."""
        self._capsys.readouterr()
        code = main(["verify", *map(str, arguments)], self._proved.office.clock.now())
        return code, self._capsys.readouterr().out


@pytest.fixture
def journalist(tmp_path: Path, browser: Browser, proved: Proved, capsys: Any) -> Journalist:
    """Give a journalist before the pages of that office."""
    return Journalist(tmp_path, browser, proved, capsys)


def test_the_page_lists_the_signed_days_with_their_codes_and_files(proved: Proved, browser: Browser) -> None:
    page = browser.get(AT)
    assert (page.status, page.html.problems) == (200, [])
    for day in ("23 November 2026", "24 November 2026", "25 November 2026"):
        assert day in page.words
    assert proved.key() in page.words
    for path in ("/key", "/2026-11-24/checkpoint", "/2026-11-24/log.json", "/2026-11-25/since/2026-11-23"):
        assert AT + path in page.links
        assert browser.get(AT + path).status == 200
    assert AT in browser.get("/en/contact").links


def test_a_branch_of_which_nothing_was_signed_says_so(browser: Browser) -> None:
    assert "No day was signed yet" in browser.get(AT).words
    for path in ("/key", "/latest", "/2026-11-23/checkpoint", "/2026-11-23/log.json", "/2026-11-23/row/0"):
        assert browser.get(AT + path).status == 404


@pytest.mark.parametrize(
    "path",
    [
        *("/2026-11-30/checkpoint", "/yesterday/checkpoint", "/20261123/log.json", "/2026-11-23/row/9999"),
        *("/2026-11-23/row/-1", "/2026-11-23/since/2026-11-24", "/2026-11-23/since/x"),
        *("/../opole", "/2026-13-01/log.json"),
    ],
)
def test_what_is_not_there_is_not_found(proved: Proved, browser: Browser, path: str) -> None:
    assert browser.get(AT + path).status == 404
    assert browser.get("/en/audit/opole").status == 404


def test_a_journalist_checks_yesterday(journalist: Journalist, proved: Proved) -> None:
    key = journalist.take("/key", "key.txt")
    kept = journalist.take("/2026-11-23/checkpoint", "monday.txt")
    log = journalist.take("/2026-11-24/log.json", "tuesday.json")
    number = proved.office.facts("ticket.issued")[-1].data["number"]
    code, said = journalist.verify("--key", key, kept, log, "--ticket", number)
    assert code == 0, said
    assert "the checkpoint of 2026-11-24 extends that of 2026-11-23" in said
    assert f"OK     {number}: row " in said
    assert said.endswith("numerek: everything fits\n")


def test_a_long_day_is_taken_and_checked_part_by_part(
    journalist: Journalist, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = journalist.take("/key", "key.txt")
    monkeypatch.setattr(publication, "MOST_ROWS", 5)
    assert browser.get(f"{AT}/2026-11-24/log.json").status == 409
    links = [each for each in browser.get(AT).links if "/2026-11-24/log" in each]
    assert links == [f"{AT}/2026-11-24/log-{part}.json" for part in range(1, len(links) + 1)]
    assert len(links) > 1
    parts = [journalist.take(each.removeprefix(AT), f"{place}.json") for place, each in enumerate(links)]
    code, said = journalist.verify("--key", key, *parts)
    assert code == 0, said
    code, said = journalist.verify("--key", key, *parts[:-1])
    assert (code, "the log is cut" in said) == (1, True)
    assert browser.get(f"{AT}/2026-11-24/log-99.json").status == 404


def test_a_witness_hands_in_what_it_signed_and_a_journalist_asks_for_it(
    journalist: Journalist, proved: Proved, browser: Browser, tmp_path: Path
) -> None:
    proved.office.set_policy(witnesses=[str(WITNESS.key)])
    kept = journalist.take("/2026-11-25/checkpoint", "before.txt").read_text()
    key = journalist.take("/key", "key.txt")
    address, now = f"{AT}/2026-11-25/cosignature", proved.office.clock.now()
    witness = Browser(proved.office.app)
    for body, status, said in (
        (WITNESS.cosigned(kept, now), 200, "kept: witness.example/w1"),
        (WITNESS.cosigned(kept, now), 200, "kept: witness.example/w1"),
        (kept, 422, "unknown_witness"),
        ("nonsense", 422, "bad_note: the note has no signatures"),
        ("x" * 9_000, 413, "bad_note: this is too long"),
        ("\u2014" * 3_000, 413, "bad_note: this is too long"),
        (
            WITNESS.cosigned(kept, now).encode()[: kept.encode().index(b"\xe2") + 1],
            422,
            "bad_note: this is damaged",
        ),
        (b"\xff", 422, "bad_note: this is damaged"),
    ):
        raw = body if isinstance(body, bytes) else body.encode()
        answer = witness.send("POST", address, raw, PLAIN)
        told = answer.response.data.decode()
        assert (answer.status, told.startswith(said)) == (status, True), (said, told)
    assert witness.send("POST", f"{AT}/2026-12-25/cosignature", b"x", PLAIN).status == 404
    given = journalist.take("/2026-11-25/checkpoint", "after.txt")
    assert given.read_text() == WITNESS.cosigned(kept, now)
    code, said = journalist.verify("--key", key, given, "--witness", str(WITNESS.key))
    assert (code, "witness.example/w1 co-signed this on" in said) == (0, True), said
    code, said = journalist.verify("--key", key, tmp_path / "before.txt", "--witness", str(WITNESS.key))
    assert (code, "has not co-signed this" in said) == (1, True)
    code, said = journalist.verify("--key", key, given, "--witness", "nonsense")
    assert (code, "--witness: " in said) == (1, True)
    page = browser.get(AT)
    assert "co-signed by witness.example/w1" in page.words
    assert str(WITNESS.key) in page.words


def test_days_that_lie_apart_are_linked_by_a_proof_and_a_row_has_its_own(journalist: Journalist) -> None:
    key = journalist.take("/key", "key.txt")
    kept = journalist.take("/2026-11-23/checkpoint", "monday.txt")
    latest = journalist.take("/latest", "latest.txt")
    row = journalist.take("/2026-11-24/row/3", "row.tlog-proof")
    code, said = journalist.verify("--key", key, kept, latest)
    assert (code, "nothing here shows that it extends" in said) == (1, True)
    since = journalist.take("/2026-11-24/since/2026-11-23", "since.txt")
    code, said = journalist.verify("--key", key, kept, since, latest, row)
    assert code == 0, said
    assert "row 3 is in the log" in said


def test_what_is_wrong_is_told_and_ends_with_1(journalist: Journalist, tmp_path: Path) -> None:
    key = journalist.take("/key", "key.txt")
    log = journalist.take("/2026-11-24/log.json", "tuesday.json")
    edited = tmp_path / "edited.json"
    edited.write_text(log.read_text().replace("ticket.called", "ticket.parked", 1))
    (tmp_path / "cut.json").write_text(log.read_text()[:-50])
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    for name, words in (
        ("edited.json", "the log was edited"),
        ("cut.json", "the file is cut"),
        ("bytes", "this is no text"),
        ("nothing", "No such file"),
        ("key.txt", "the note has no signatures"),
    ):
        code, said = journalist.verify("--key", key, log, tmp_path / name)
        assert code == 1, name
        assert f"FAULT  {tmp_path / name}: {words}" in said
        assert said.endswith("numerek: faults: 1\n")


def test_a_hostile_file_does_not_steer_the_terminal(journalist: Journalist, tmp_path: Path) -> None:
    log = journalist.take("/2026-11-24/log.json", "tuesday.json")
    hostile = tmp_path / "hostile.json"
    hostile.write_text(log.read_text().replace("wroclaw+", "wroc\\u001b[2Jlaw+"))
    _code, said = journalist.verify(hostile)
    assert "\x1b" not in said
    odd = tmp_path / "odd.txt"
    odd.write_text(journalist.take("/latest", "latest.txt").read_text().replace("numerek.test", "a\x9b2J"))
    code, said = journalist.verify("--key", journalist.take("/key", "key.txt"), odd)
    assert (code, "\x9b" in said, "a?2J/wroclaw" in said) == (1, False, True)


def test_whole_days_are_given_a_few_times_a_minute(proved: Proved, browser: Browser) -> None:
    statuses = [browser.get(f"{AT}/2026-11-24/log.json").status for _ in range(7)]
    assert statuses == [200] * 6 + [429]


def test_without_a_key_of_ones_own_it_says_whose_it_took(journalist: Journalist, proved: Proved) -> None:
    log = journalist.take("/2026-11-24/log.json", "tuesday.json")
    code, said = journalist.verify(log)
    assert (code, said.count(proved.key())) == (0, 1)
    assert said.startswith("NOTE   the key is the one in the file")
    code, said = journalist.verify(journalist.take("/latest", "latest.txt"))
    assert (code, "name the office's public key" in said) == (1, True)
    code, said = journalist.verify(log, "--key", "nonsense")
    assert (code, "FAULT  --key: " in said) == (1, True)
    code, said = journalist.verify(log, "--key", proved.key().replace("wroclaw", "opole"))
    assert (code, "damaged" in said) == (1, True)


def test_addresses_are_as_good_as_files(proved: Proved, journalist: Journalist, portal: Flask) -> None:
    kept = journalist.take("/2026-11-23/checkpoint", "monday.txt")
    with served(portal) as at:
        log, key = f"{at}{AT}/2026-11-24/log.json", f"{at}{AT}/key"
        code, said = journalist.verify("--key", key, kept, log)
        assert code == 0, said
        code, said = journalist.verify("--key", key, kept, f"{at}{AT}/2026-11-29/log.json")
        assert (code, "the server answers 404" in said) == (1, True)
    code, said = journalist.verify("--key", proved.key(), log)
    assert (code, "FAULT" in said) == (1, True)


def test_the_page_has_no_barriers_and_is_narrow_enough_in_every_language(
    proved: Proved, portal: Flask
) -> None:
    with served(portal) as at, chromium() as started:
        page = started.new_context(viewport={"width": 320, "height": 800}).new_page()
        for language in LANGUAGES:
            open_page(page, f"{at}/{language}/audit/wroclaw")
            assert complaints(page) == []
            assert too_wide(page) <= 0
