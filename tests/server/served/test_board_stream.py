"""The stream of a web board: by its cookie, with what screens are told, until the board is revoked."""

from __future__ import annotations

import pytest

from server.services.access import devices
from server.store.tables import Device
from tests.server.portal.test_web_board import COOKIE
from tests.server.served.conftest import Served
from tests.server.served.listener import Listener


def listen(served: Served, token: str | None, more: str = "") -> Listener:
    """Open a stream with a cookie."""
    cookie = {"Cookie": f"{COOKIE}={token}"} if token else {}
    listener = Listener(served.port, None, path=f"/board/stream?topics=hall:A,hall:B{more}", **cookie)
    served._listeners.append(listener)
    return listener


def test_a_board_hears_its_halls_from_where_its_snapshot_was(served: Served) -> None:
    office = served.office
    place = office.board.get("/boards/A").get_json()["as_of"]
    office.walk_in("P")
    stream = listen(served, office.tokens["board:wroclaw"], f"&after={place}")
    assert stream.status == 200
    (heard,) = stream.facts(1)
    assert (heard.event, heard.data["number"], "lane" in heard.data) == ("ticket.issued", "P001", False)


@pytest.mark.parametrize("name", [None, "kiosk:wroclaw", "counter:wroclaw:7"])
def test_nobody_else_hears_by_that_cookie(served: Served, name: str | None) -> None:
    assert listen(served, served.office.tokens[name] if name else None).status == 401


def test_a_board_that_is_revoked_is_cut(served: Served) -> None:
    office = served.office
    stream = listen(served, office.tokens["board:wroclaw"])
    assert stream.next().event == "ping"
    (device,) = [row.id for row in office.rows(Device) if row.name == "board:wroclaw"]
    context = office.runtime.context()
    office.store.write(lambda session: devices.revoke(session, context, device))
    with pytest.raises(EOFError):
        stream.facts(1)
    assert listen(served, office.tokens["board:wroclaw"]).status == 401
