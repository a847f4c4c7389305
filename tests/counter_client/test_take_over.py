"""Somebody works at this counter elsewhere: the clerk is told who, and signs in once more to take it over."""

from __future__ import annotations

import pytest

from counter_client.desk import advance
from counter_client.events import Answered, Refused, Send, SignInTyped
from counter_client.shell import TEXTS
from counter_client.state import Desk
from terminal.texts import Texts
from tests.counter_client import samples
from wire.messages import Problem, SignInAnswer, SignInRequest


def typed(desk: Desk) -> tuple[Desk, Send, SignInRequest]:
    """Type login and password, and send them."""
    desk, (send,) = advance(desk, SignInTyped("a.nowak", "tajne haslo"))
    assert isinstance(send, Send)
    assert isinstance(send.command.body, SignInRequest)
    return desk, send, send.command.body


def refused(desk: Desk, send: Send, status: int, reason: str, **facts: str) -> Desk:
    """Refuse the sign-in that was sent."""
    problem = Problem(title="no", status=status, reason=reason, facts=facts)
    return advance(desk, Refused(send.serial, problem, 0))[0]


@pytest.mark.parametrize(
    ("program", "key"), [("browser", "counter_taken_browser"), ("window", "counter_taken_window")]
)
def test_the_clerk_is_told_who_and_where_and_the_next_sign_in_takes_over(program: str, key: str) -> None:
    desk, send, body = typed(Desk(connected=True))
    assert not body.take_over
    desk = refused(desk, send, 409, "counter_taken", clerk="Ewa Maj", program=program)
    assert desk.said is not None
    assert (desk.said.key, desk.said.facts) == (key, {"clerk": "Ewa Maj"})
    assert "Ewa Maj" in Texts(TEXTS).say("pl", f"said.{key}", clerk="Ewa Maj")
    desk, send, body = typed(desk)
    assert body.take_over
    answer = SignInAnswer(token="t", clerk=samples.CLERK, counter=7, expires_at=samples.NOW)
    desk, _ = advance(desk, Answered(send.serial, answer, 0))
    assert not desk.may_take_over


def test_a_wrong_password_before_takes_nothing_over() -> None:
    desk, send, _ = typed(Desk(connected=True))
    _, _, body = typed(refused(desk, send, 403, "wrong_login_or_password"))
    assert not body.take_over
