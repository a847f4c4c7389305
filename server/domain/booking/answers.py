"""Answers to the questions of a verification, checked against the questions of the service (rule 12)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from server.domain.booking.policy import Question
from server.domain.office import reading

LONGEST_ANSWER = 500
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def check(
    questions: Sequence[Question], said: Mapping[str, Any], today: date
) -> tuple[dict[str, str], dict[str, str]]:
    """Read the answers: what can be kept by the keys of the questions, and what is wrong by the same keys.

    Reasons are `missing`, `too_long`, `characters`, `malformed` (no such day as 1990-05-01), `in_future`,
    `in_past` and `unknown` (none of the choices). What was not asked is not looked at.
    """
    kept: dict[str, str] = {}
    problems: dict[str, str] = {}
    for question in questions:
        typed = said.get(question.key)
        answer = typed.replace("\r\n", "\n").strip() if isinstance(typed, str) else ""
        reason = _problem(question, answer, today)
        if reason is not None:
            problems[question.key] = reason
        elif answer:
            kept[question.key] = answer
    return kept, problems


def choices(question: Question) -> list[str]:
    """List the codes of a question's choices; one without a `code` has its place, from 0."""
    return [choice.get("code", str(place)) for place, choice in enumerate(question.choices)]


def _problem(question: Question, answer: str, today: date) -> str | None:
    if not answer:
        return "missing" if question.required else None
    if len(answer) > LONGEST_ANSWER:
        return "too_long"
    if _CONTROL.search(answer):
        return "characters"
    if question.kind == "date":
        return _day_problem(question, answer, today)
    if question.kind == "choice":
        return None if answer in choices(question) else "unknown"
    return None


def _day_problem(question: Question, answer: str, today: date) -> str | None:
    try:
        told = reading.day(answer)
    except ValueError:
        return "malformed"
    if question.when == "past" and told > today:
        return "in_future"
    return "in_past" if question.when == "future" and told < today else None
