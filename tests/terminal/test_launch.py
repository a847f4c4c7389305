"""The start of a program: a token of its own, readable by one user."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from terminal.launch import keep_token, read_token, start
from wire.messages import BranchName, Device, DeviceSettings, EnrolAnswer, HallName, Problem
from wire.vocabulary import DeviceRole


@pytest.fixture
def config(tmp_path, server):
    """Give a config.toml for the fake server."""
    file = tmp_path / "config.toml"
    file.write_text(f'[board]\nserver_url = "{server.url}"\ntoken_file = "keys/board.token"\n')
    return file


def enrolled(role):
    device = Device(
        id=3,
        name="Board 1",
        role=role,
        branch=BranchName(code="wroclaw", name="Urząd", zone="Europe/Warsaw"),
        hall=HallName(code="A", name="Sala A"),
        settings=DeviceSettings(
            languages=["pl"], check_in_lead_minutes=15, ask_service_first=False, priority_classes=[]
        ),
        now=datetime(2026, 11, 24, 9, 0, tzinfo=UTC),
    )
    return EnrolAnswer(device=device, token="secret-token")


def test_enrolment_keeps_a_token_that_only_this_user_reads(qapp, tmp_path, server, config):
    server.answer = lambda exchange: exchange.reply(201, enrolled(DeviceRole.BOARD))
    station = start(DeviceRole.BOARD, ["--config", str(config), "--enrol", "ABCD-EFGH", "--window"])
    assert station.client.token == "secret-token"
    file = tmp_path / "keys" / "board.token"
    assert file.stat().st_mode & 0o777 == 0o600
    assert start(DeviceRole.BOARD, ["--config", str(config)]).client.token == "secret-token"


def test_a_refused_code_is_told_in_a_sentence(qapp, server, config):
    server.answer = lambda exchange: exchange.reply(
        404, Problem(title="No such code", status=404, reason="unknown_code")
    )
    with pytest.raises(SystemExit, match="refused the enrolment code: No such code"):
        start(DeviceRole.BOARD, ["--config", str(config), "--enrol", "ABCD-EFGH"])


def test_a_code_for_another_program_is_not_kept(qapp, tmp_path, server, config):
    server.answer = lambda exchange: exchange.reply(201, enrolled(DeviceRole.KIOSK))
    with pytest.raises(SystemExit, match="enrolled a kiosk"):
        start(DeviceRole.BOARD, ["--config", str(config), "--enrol", "ABCD-EFGH"])
    assert not (tmp_path / "keys").exists()


def test_without_a_token_the_way_to_one_is_told(qapp, config):
    with pytest.raises(SystemExit, match="--enrol CODE"):
        start(DeviceRole.BOARD, ["--config", str(config)])


def test_a_wrong_setting_is_told_with_its_place(qapp, config):
    config.write_text("[board]\nserver_uri = 'http://x'\n")
    with pytest.raises(SystemExit, match="server_uri"):
        start(DeviceRole.BOARD, ["--config", str(config)])


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe"])
def test_a_broken_token_file_is_told(tmp_path, content):
    file = tmp_path / "token"
    file.write_bytes(content)
    with pytest.raises(SystemExit):
        read_token(file)


def test_a_token_replaces_an_older_one_whole(tmp_path):
    file = tmp_path / "token"
    (tmp_path / "token.new").write_text("left over")
    keep_token(file, "first")
    keep_token(file, "second")
    assert read_token(file) == "second"
    assert list(tmp_path.iterdir()) == [file]
