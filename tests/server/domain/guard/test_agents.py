"""The two words that a User-Agent line comes down to."""

from __future__ import annotations

import pytest

from server.domain.guard.agents import Agent, agent_of

LINES = {
    "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0": Agent("Firefox", "Linux"),
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/131.0 Safari/537.36": Agent("Chrome", "Windows"),
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/131.0 Safari/537.36 Edg/131.0": Agent(
        "Edge", "Windows"
    ),
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/17.0 Safari/605.1.15": Agent("Safari", "macOS"),
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) CriOS/131.0 Safari/604.1": Agent(
        "Chrome", "iPhone"
    ),
    "Mozilla/5.0 (Linux; Android 14) SamsungBrowser/27.0 Chrome/125.0 Mobile Safari/537.36": Agent(
        "Samsung Internet", "Android"
    ),
    "curl/8.0": Agent(None, None),
    "": Agent(None, None),
}


@pytest.mark.parametrize("line", LINES)
def test_browser_and_system_are_told_where_the_line_says_them(line: str) -> None:
    assert agent_of(line) == LINES[line]


def test_no_line_says_nothing() -> None:
    assert agent_of(None) == Agent()


def test_only_the_first_four_hundred_signs_are_read() -> None:
    mark = "Firefox/"
    assert agent_of("x" * (400 - len(mark)) + mark).browser == "Firefox"
    assert agent_of("x" * (401 - len(mark)) + mark).browser is None
