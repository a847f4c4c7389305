"""Says the sentences of one language at one instant, and the small words that many of them share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from counter_client.state import Key
from terminal.texts import Texts
from wire.device_names import given_name
from wire.messages import CounterSnapshot

SHORTCUTS = {
    Key.MAIN: "F8",
    Key.RECALL: "F9",
    Key.FINISH: "F10",
    Key.NO_SHOW: "F11",
    Key.PARK: "F12",
    Key.TRANSFER: "Ctrl+F12",
    Key.PUT_BACK: "Esc",
    Key.WITHDRAW: "Ctrl+F11",
    Key.VERIFY: "F7",
    Key.PARKED: "F6",
    Key.PAUSE: "F5",
    Key.ISSUE: "F4",
    Key.WAITING: "F3",
    Key.NO_SHOWS: "F2",
    Key.KEYS: "F1",
    Key.CLOSE: "Ctrl+F5",
    Key.SIGN_OUT: "Ctrl+F1",
    Key.FINISHED: "Ctrl+F6",
    Key.UNDO: "Ctrl+Z",
    Key.HELP: "Ctrl+F8",
    Key.ANSWER: "Ctrl+F7",
}


@dataclass(frozen=True, slots=True)
class Voice:
    """The texts in one language, at one instant of the server's clock."""

    texts: Texts
    language: str
    now: datetime

    def say(self, key: str, **facts: object) -> str:
        """Give one sentence of the texts."""
        return self.texts.say(self.language, key, **facts)

    def choose(self, *keys: str) -> str | None:
        """Give the sentence of the first key that has one."""
        return next((self.say(key) for key in keys if self.texts.has(self.language, key)), None)

    def named(self, key: str, own: Mapping[str, str]) -> str:
        """Name what an office may name itself, also what is ours: `kind.code`, with the office's names."""
        # What is the office's own comes without a sentence of ours.
        found = own.get(self.language) or self.choose(key) or next(iter(own.values()), None)
        return found or key.partition(".")[2].replace("_", " ")

    def device(self, name: str) -> str:
        """Name a device: its kind in this language where the program named it, else as people called it."""
        given = given_name(name)
        return f"{self.say(f'device.{given[0].lower()}')} {given[1]}" if given else name

    def waiting(self, snapshot: CounterSnapshot | None) -> str:
        """Say how many wait."""
        if snapshot is None:
            return ""
        if snapshot.waiting_total == 0:
            return self.say("idle.nobody")
        return self.texts.say_count(self.language, "idle.waiting", snapshot.waiting_total)


def minutes_of(length: timedelta) -> int:
    """Give whole minutes, none below zero."""
    return max(0, int(length.total_seconds()) // 60)
