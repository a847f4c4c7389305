"""The code of a ticket without paper: who can make one, and how long it opens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from server.domain.queue.paperless import Age, Code, codes, read

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
SHOWN = datetime(2025, 11, 24, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("after", "age"),
    [
        (-6.0, Age.NOT_OURS),  # of a later minute: no screen showed it yet
        (-5.0, Age.FRESH),  # a screen whose clock goes ahead
        (0.0, Age.FRESH),
        (59.9, Age.FRESH),
        (89.9, Age.FRESH),
        (90.0, Age.TOO_OLD),
        (86_400.0, Age.TOO_OLD),
    ],
)
def test_a_code_opens_from_its_minute_on_for_ninety_seconds(after: float, age: Age) -> None:
    code, _next = codes(7, SHOWN)
    assert code.shown_from == SHOWN
    assert code.age(SHOWN + timedelta(seconds=after)) is age


def test_a_screen_has_the_next_minute_too() -> None:
    now, coming = codes(7, SHOWN + timedelta(seconds=59.9))
    assert (now.shown_from, coming.shown_from) == (SHOWN, SHOWN + timedelta(minutes=1))
    assert now.token(KEY) != coming.token(KEY)


def test_only_who_has_the_key_writes_codes() -> None:
    code = codes(7, SHOWN)[0]
    token = code.token(KEY)
    assert read([KEY], token) == code
    assert read([OTHER_KEY, KEY], token) == code, "one of before the key was changed"
    device, minute, mac = token.split("-", 2)
    forged = (
        codes(7, SHOWN)[0].token(OTHER_KEY),
        f"8-{minute}-{mac}",  # another device's
        f"{device}-{int(minute, 16) + 1:x}-{mac}",  # a later minute's
        f"0{token}",
        f"{token}A",
        token.upper(),
        token[:-1],
        f"{device}-{minute}",
        "",
        "ą" * 30,
        "-".join(("f" * 15, "f" * 9, "A" * 22)),
    )
    assert [read([KEY], each) for each in forged] == [None] * len(forged)


def test_the_largest_minute_that_fits_is_no_error() -> None:
    code = Code(7, 0xFFFFFFFFF)
    assert read([KEY], code.token(OTHER_KEY)) is None
