"""Which facts are special treatment, and which of them need a reason."""

from __future__ import annotations

import pytest

from server.domain.audit.treatment import Treatment, lacks_reason, treatment_of
from wire.vocabulary import FactType

KINDS = {
    FactType.TICKET_MADE_URGENT: Treatment.URGENT,
    FactType.TICKET_MADE_ORDINARY: Treatment.ORDINARY_AGAIN,
    FactType.TICKET_REOPENED: Treatment.REOPENED,
    FactType.TICKET_REINSTATED: Treatment.REINSTATED,
    FactType.TICKET_PUT_BACK: Treatment.PUT_BACK,
    FactType.TICKET_TRANSFERRED: Treatment.HANDED_OVER,
    FactType.TICKET_RECALLED: Treatment.RECALLED,
    FactType.TICKET_UNDONE: Treatment.UNDONE,
    FactType.TICKET_CAME_BACK: Treatment.CAME_BACK,
    FactType.TICKET_WITHDRAWN: Treatment.WITHDRAWN,
    FactType.RESERVATION_REINSTATED: Treatment.LET_IN_LATE,
}


@pytest.mark.parametrize("type_", [*FactType])
def test_a_fact_is_of_one_kind_or_went_by_the_line(type_: FactType) -> None:
    assert treatment_of(type_, {"number": "P001", "clerk": 1}) is KINDS.get(type_)


def test_a_call_is_special_when_staff_chose_it() -> None:
    kinds = [
        treatment_of("ticket.called", data) for data in ({}, {"out_of_order": True}, {"out_of_order": False})
    ]
    assert kinds == [None, Treatment.BY_HAND, Treatment.SET_ASIDE]
    assert treatment_of("ticket.recalled", {"out_of_order": True}) is Treatment.RECALLED


def test_a_ticket_is_special_when_it_was_issued_with_priority() -> None:
    lanes = ("priority", "urgent", "booked", "walk_in", None)
    found = [treatment_of("ticket.issued", {"lane": lane, "clerk": 1}) for lane in lanes]
    assert found == [Treatment.PRIORITY, None, None, None, None]


def test_who_waits_when_the_office_closes_was_not_treated_specially() -> None:
    assert treatment_of("ticket.withdrawn", {"reason": "day_over"}) is None
    assert treatment_of("ticket.withdrawn", {"reason": "other", "clerk": 1}) is Treatment.WITHDRAWN


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (Treatment.BY_HAND, "health"),
        (Treatment.SET_ASIDE, "parked"),
        (Treatment.URGENT, "long_wait"),
        (Treatment.REOPENED, "not_done"),
        (Treatment.WITHDRAWN, "ticket_twice"),
    ],
)
def test_a_decision_needs_a_reason_that_may_be_given(kind: Treatment, reason: str) -> None:
    assert not lacks_reason(kind, reason)
    assert lacks_reason(kind, None)
    assert lacks_reason(kind, "because")


def test_the_other_kinds_have_no_reason_to_give() -> None:
    needing = {Treatment.BY_HAND, Treatment.SET_ASIDE, Treatment.URGENT, Treatment.REOPENED}
    needing |= {Treatment.WITHDRAWN, Treatment.LET_IN_LATE}
    assert not lacks_reason(Treatment.LET_IN_LATE, "a word of the office"), "which words there are is its own"
    assert {kind for kind in Treatment if lacks_reason(kind, None)} == needing
