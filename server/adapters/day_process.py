"""The process in which past days are played: questions as JSON in, figures as JSON out."""

from __future__ import annotations

import json
import resource
import sys
from dataclasses import asdict

from pydantic import TypeAdapter

from server.adapters import press_work
from server.domain.queue.what_if_day import Changes, Day

QUESTIONS = TypeAdapter(list[tuple[Day, Changes]])
_MOST_MEMORY = 2 * 1024 * 1024 * 1024
_MOST_QUESTIONS = 2_000


def play(text: str) -> bytes:
    """Answer a question: some days, each with the changes that are tried on it."""
    from server.domain.queue.what_if_figures import answer

    return json.dumps(asdict(answer(QUESTIONS.validate_json(text)))).encode()


def main() -> int:
    """Play what comes in until nothing comes any more."""
    return press_work.work(play, resource.RLIMIT_DATA, _MOST_MEMORY, _MOST_QUESTIONS)


if __name__ == "__main__":
    sys.exit(main())
