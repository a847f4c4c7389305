"""The one-time code of the staff's menu: once, also without the server, and not by guessing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest

from kiosk.staff_access import MOST_KEPT, PAUSE_SECONDS, StaffAccess, Verdict
from wire.staff_code import STEP_SECONDS

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NOON = datetime(2026, 11, 30, 12, 0, 30, tzinfo=UTC)
STEP = timedelta(seconds=STEP_SECONDS)


class Bench:
    """A kiosk's file, a clock and a stopwatch that a test moves."""

    def __init__(self, file: Path) -> None:
        self.file, self.now, self.seconds = file, NOON, 0.0
        self.access = self.started()
        self.access.learn(SECRET)

    def started(self) -> StaffAccess:
        return StaffAccess(self.file, lambda: self.now, lambda: self.seconds)

    def code(self, at: datetime | None = None, secret: str = SECRET) -> str:
        return pyotp.TOTP(secret, interval=STEP_SECONDS).at(at or self.now)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "kiosk.staff")


def test_a_code_counts_once_also_after_a_restart(bench: Bench) -> None:
    code = bench.code()
    assert bench.access.judge(code) is Verdict.RIGHT
    assert bench.access.judge(code) is Verdict.WRONG
    assert bench.started().judge(code) is Verdict.WRONG
    bench.now += STEP
    assert bench.started().judge(bench.code()) is Verdict.RIGHT


@pytest.mark.parametrize(
    ("steps", "verdict"),
    [(-2, Verdict.WRONG), (-1, Verdict.RIGHT), (0, Verdict.RIGHT), (1, Verdict.RIGHT), (2, Verdict.WRONG)],
)
def test_a_code_counts_while_it_is_fresh(bench: Bench, steps: int, verdict: Verdict) -> None:
    assert bench.access.judge(bench.code(NOON + steps * STEP)) is verdict


def test_an_older_code_counts_no_more_once_a_newer_one_did(bench: Bench) -> None:
    older = bench.code(NOON - STEP)
    assert bench.access.judge(bench.code()) is Verdict.RIGHT
    assert bench.access.judge(older) is Verdict.WRONG


def test_five_wrong_codes_pause_for_a_minute_and_the_right_one_too(bench: Bench) -> None:
    wrong = f"{(int(bench.code()) + 7) % 1_000_000:06d}"
    assert [bench.access.judge(wrong) for _ in range(5)] == [Verdict.WRONG] * 5
    assert bench.access.pause_left_s == PAUSE_SECONDS
    assert bench.access.judge(bench.code()) is Verdict.PAUSED
    bench.seconds = PAUSE_SECONDS
    assert bench.access.judge(bench.code()) is Verdict.RIGHT


@pytest.mark.parametrize("code", ["", "12345", "1234567", "żółw12", "abcdef"])
def test_what_is_no_code_is_wrong(bench: Bench, code: str) -> None:
    assert bench.access.judge(code) is Verdict.WRONG


def test_a_kiosk_that_never_reached_its_server_knows_no_code(tmp_path: Path) -> None:
    access = StaffAccess(tmp_path / "kiosk.staff", lambda: NOON, lambda: 0.0)
    access.learn(None)
    assert access.judge("123456") is Verdict.UNKNOWN


def test_the_file_is_for_this_user_only_and_holds_the_secret_without_the_server(bench: Bench) -> None:
    assert bench.file.stat().st_mode & 0o777 == 0o600
    assert bench.started().judge(bench.code()) is Verdict.RIGHT


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"other": 1}', b'{"openings": ["never"]}', b"\xff"])
def test_a_damaged_file_is_no_secret_and_is_mended(bench: Bench, content: bytes) -> None:
    bench.file.write_bytes(content)
    access = bench.started()
    assert access.judge(bench.code()) is Verdict.UNKNOWN
    access.learn(SECRET)
    assert access.judge(bench.code()) is Verdict.RIGHT


def test_a_new_secret_makes_the_codes_of_the_old_one_worthless(bench: Bench) -> None:
    fresh = pyotp.random_base32()
    bench.access.learn(fresh)
    assert bench.access.judge(bench.code()) is Verdict.WRONG
    assert bench.access.judge(bench.code(secret=fresh)) is Verdict.RIGHT


def test_openings_are_kept_until_they_are_told_and_not_without_end(bench: Bench) -> None:
    for _ in range(MOST_KEPT + 3):
        assert bench.access.judge(bench.code()) is Verdict.RIGHT
        bench.now += STEP
    openings = bench.started().openings
    assert len(openings) == MOST_KEPT
    assert openings == sorted(openings)
    bench.access.told(openings[0])
    assert bench.started().openings == openings[1:]


def test_a_full_disk_keeps_nobody_out(bench: Bench) -> None:
    bench.file.with_name("kiosk.staff.new").mkdir()
    assert bench.access.judge(bench.code()) is Verdict.RIGHT
    assert bench.access.judge(bench.code()) is Verdict.WRONG
