"""What browser and system a User-Agent line speaks of, in two words, so that people know their own sessions."""

from __future__ import annotations

from dataclasses import dataclass

# The first that is in the line counts: most browsers name others after themselves.
_BROWSERS = (
    *(("EdgA/", "Edge"), ("EdgiOS/", "Edge"), ("Edg/", "Edge"), ("OPR/", "Opera"), ("YaBrowser/", "Yandex")),
    *(("SamsungBrowser/", "Samsung Internet"), ("FxiOS/", "Firefox"), ("Firefox/", "Firefox")),
    *(("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari")),
)
_SYSTEMS = (
    *(("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows")),
    *(("CrOS", "ChromeOS"), ("Mac OS X", "macOS"), ("Linux", "Linux")),
)
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Agent:
    """A browser and the system it runs on; None where the line does not say."""

    browser: str | None = None
    system: str | None = None


def agent_of(line: str | None) -> Agent:
    """Read a User-Agent line; nothing of it is kept beside the two names."""
    said = (line or "")[:_LONGEST]
    return Agent(_first(said, _BROWSERS), _first(said, _SYSTEMS))


def _first(said: str, names: tuple[tuple[str, str], ...]) -> str | None:
    return next((name for mark, name in names if mark in said), None)
