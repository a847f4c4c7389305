"""Words for systemd reach its socket, whatever kind it is; where nobody listens, nothing happens."""

from __future__ import annotations

import uuid

import pytest

from tests.systemd import listening
from wire.systemd import beat_seconds, tell


@pytest.mark.parametrize("is_abstract", [False, True])
def test_words_reach_the_socket(tmp_path, monkeypatch, is_abstract):
    address = f"@numerek-{uuid.uuid4().hex}" if is_abstract else tmp_path / "notify"
    with listening(address) as systemd:
        monkeypatch.setenv("NOTIFY_SOCKET", systemd.environment["NOTIFY_SOCKET"])
        assert tell("READY=1", "STATUS=W porządku.")
        assert systemd.heard() == ["READY=1", "STATUS=W porządku."]


@pytest.mark.parametrize(
    "address", [None, "", "vsock:2:1", "/nowhere/notify", "@nobody-listens-there", "/" + "x" * 200]
)
def test_where_nobody_listens_nothing_happens(monkeypatch, address):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    if address is not None:
        monkeypatch.setenv("NOTIFY_SOCKET", address)
    assert not tell("READY=1")


@pytest.mark.parametrize(
    ("told", "seconds"), [("30000000", 15.0), (None, None), ("", None), ("0", None), ("x", None)]
)
def test_beats_are_sent_twice_as_often_as_they_are_missed(monkeypatch, told, seconds):
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    if told is not None:
        monkeypatch.setenv("WATCHDOG_USEC", told)
    monkeypatch.setenv("WATCHDOG_PID", "1")
    assert beat_seconds() == seconds
