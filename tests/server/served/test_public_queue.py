"""The queue for everybody, read over a socket by a client that is not ours."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest

from tests.server.served.conftest import Served


def test_a_plain_client_reads_it_over_a_socket(served: Served) -> None:
    served.office.walk_in("N")
    address = f"http://127.0.0.1:{served.port}/open/wroclaw/queue"
    request = urllib.request.Request(f"{address}.json", headers={"Origin": "https://city.example"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        told, tag = json.load(answer), answer.headers["ETag"]
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert {each["letter"]: each["waiting"] for each in told["services"]}["N"] == 1
    request.add_header("If-None-Match", tag)
    with pytest.raises(urllib.error.HTTPError) as unchanged:
        urllib.request.urlopen(request, timeout=20)
    with unchanged.value as told_nothing:
        assert (told_nothing.code, told_nothing.read()) == (304, b"")
    with urllib.request.urlopen(f"{address}.csv", timeout=20) as answer:
        assert answer.read().decode().startswith("branch,at,letter,name_en,name_pl,waiting,")
