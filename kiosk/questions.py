"""A visitor's questions as requests to the server, and its problems as events of the conversation."""

from __future__ import annotations

from kiosk.visit.effects import Question, SubmitCode
from kiosk.visit.events import Problem
from terminal.client import UNREADABLE, Request
from wire import messages as wire

# A visitor is told where to go within three seconds, on every system; the kiosk goes on asking meanwhile.
ASK_PATIENCE_S = 2.6
RETRY_FACTS = ("retry_after_seconds", "retry_after")


def request_of(question: Question) -> Request:
    """Make the request of a question, under a key of its own."""
    if isinstance(question, SubmitCode):
        check_in = wire.CheckInRequest(
            code=question.text, service=question.service, language=question.language
        )
        return Request("POST", "/api/v1/check-ins", wire.IssueAnswer, check_in, ASK_PATIENCE_S)
    walk_in = wire.IssueRequest(
        service=question.service, language=question.language, priority=question.priority
    )
    return Request("POST", "/api/v1/tickets", wire.IssueAnswer, walk_in, ASK_PATIENCE_S)


def is_no_answer(problem: wire.Problem) -> bool:
    """Say whether the server decided nothing: it failed, or something else than it spoke in its place."""
    return problem.status >= 500 or problem.reason == UNREADABLE


def problem_of(ask: int | None, problem: wire.Problem) -> Problem:
    """Return what the server said no to; `ask` is None for what the kiosk asked by itself."""
    waits = (problem.facts.get(name) for name in RETRY_FACTS)
    wait = next((float(value) for value in waits if isinstance(value, int | float)), None)
    return Problem(ask, problem.reason, problem.facts, wait)
