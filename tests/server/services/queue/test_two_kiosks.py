"""The same code at two kiosks at the same instant: one ticket, told twice."""

from __future__ import annotations

import pytest

from server.store.tables import Ticket
from tests.server.at_once import at_once
from tests.server.sample_office import SampleOffice


@pytest.mark.parametrize("shown", ["code", "qr"])
def test_a_code_shown_at_many_kiosks_at_once_gives_one_ticket(office: SampleOffice, shown: str) -> None:
    code = office.book("P", "10:30")[shown]
    kiosk = office.kiosk
    answers = at_once(8, lambda _: kiosk.post("/check-ins", {"code": code}))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.get_json()["ticket"]["number"] for answer in answers}) == 1
    assert len(office.rows(Ticket)) == 1
