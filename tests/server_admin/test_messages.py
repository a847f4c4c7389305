"""Staff see what the outbox could not send, try it again, or let it go."""

from __future__ import annotations

import re
from typing import Any

from server.admin.installation import opened
from server.services import messages
from server.services.messages import NewMessage
from server.services.messages.delivery import Result, settle, take
from tests.server_admin.conftest import ROOT, Desk
from wire.vocabulary import Channel, MessageKind, MessageStatus


def set_aside(desk: Desk, key: str, result: Result, problem: str, **more: Any) -> int:
    """Post a message to anna@example.org and have it set aside; return its id."""
    new = NewMessage(
        kind=MessageKind.RESET_PASSWORD,
        channel=Channel.EMAIL,
        language="pl",
        to="anna@example.org",
        key=key,
        values={"url": "https://numerek.test/secret"},
        **more,
    )
    with opened(desk.settings) as place:
        context = place.context()
        place.write(lambda session: messages.post(session, context, new))
        message = place.write(lambda session: take(session, context, tuple(Channel)))
        assert message is not None
        place.write(lambda session: settle(session, context, message, result, problem))
        return message.id


def test_what_was_set_aside_is_listed_with_its_problem_and_nothing_personal(either_desk: Desk) -> None:
    first = set_aside(either_desk, "a", Result.REFUSED, "address_refused_550")
    set_aside(either_desk, "b", Result.SENT, "")
    told = either_desk.good("messages", "list")
    assert [line.split()[:6] for line in told.splitlines()[1:]] == [
        [str(first), "reset_password", "email", "failed", "1", "address_refused_550"]
    ]
    assert "anna" not in told
    assert "secret" not in told
    assert either_desk.good("messages", "list", "--state", "sent").count("reset_password") == 1


def test_messages_are_counted_by_channel_and_state(desk: Desk) -> None:
    set_aside(desk, "a", Result.REFUSED, "x")
    set_aside(desk, "b", Result.SENT, "")
    counted = [line.split()[:3] for line in desk.good("messages", "show-counts").splitlines()[1:]]
    assert counted == [["email", "failed", "1"], ["email", "sent", "1"]]


def test_a_refused_one_is_tried_again(desk: Desk) -> None:
    message_id = set_aside(desk, "a", Result.REFUSED, "x")
    assert "is sent again" in desk.good("messages", "retry", message_id)
    assert desk.good("messages", "list", "--state", "queued").count("reset_password") == 1
    assert desk.refused("messages", "retry", message_id).endswith("this message is queued.")


def test_one_that_may_have_arrived_is_tried_again_only_when_that_is_said(desk: Desk) -> None:
    message_id = set_aside(desk, "a", Result.UNCLEAR, "broken_line")
    assert "--although-unclear" in desk.refused("messages", "retry", message_id)
    desk.good("messages", "retry", message_id, "--although-unclear")


def test_one_is_let_go_once(desk: Desk) -> None:
    message_id = set_aside(desk, "a", Result.REFUSED, "x")
    desk.good("messages", "drop", message_id)
    assert "dropped" in desk.refused("messages", "drop", message_id)
    assert desk.refused("messages", "retry", 999) == "there is no such message."


def test_every_kind_and_every_state_stands_in_the_docs() -> None:
    page = (ROOT / "docs" / "messages.md").read_text(encoding="utf-8")
    first_cells = {
        name
        for line in page.splitlines()
        for name in re.findall(r"`(\w+)`", line.split("|")[1] if "|" in line else "")
    }
    assert {*MessageKind, *MessageStatus} <= first_cells
