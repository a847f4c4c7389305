"""PURE: what a clerk is told when the server refuses a sign-in."""

from __future__ import annotations

from counter_client.state import Said
from wire.messages import Problem
from wire.vocabulary import CounterProgram


def at_sign_in(problem: Problem) -> Said:
    """Say why nobody was signed in; a wrong password is a 403 of its own, 401 means the device's own token."""
    if problem.reason == "counter_taken":
        is_window = problem.facts.get("program") == CounterProgram.WINDOW
        told = "counter_taken_window" if is_window else "counter_taken_browser"
        return Said(told, {"clerk": str(problem.facts.get("clerk", ""))})
    said = {"wrong_login_or_password": "sign_in_refused", "slow_down": "sign_in_paused"}
    return Said("device_revoked" if problem.status == 401 else said.get(problem.reason, "refused.unexpected"))
