"""`python -m terminal`: an installation fetches a device's token and ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from terminal.__main__ import main
from tests.terminal.fake_server import FakeServer
from tests.terminal.test_launch import enrolled
from wire.messages import Problem
from wire.vocabulary import DeviceRole


@pytest.fixture
def config(tmp_path: Path, server: FakeServer) -> Path:
    file = tmp_path / "config.toml"
    file.write_text(f'[board]\nserver_url = "{server.url}"\ntoken_file = "keys/token"\n')
    return file


def test_it_keeps_the_token_for_its_account_alone(qapp: object, server: FakeServer, config: Path) -> None:
    server.answer = lambda exchange: exchange.reply(201, enrolled(DeviceRole.BOARD))
    assert main(["board", "ABCD-EFGH", "--config", str(config)]) == 0
    token = config.parent / "keys/token"
    assert (token.read_text(), token.stat().st_mode & 0o777) == ("secret-token\n", 0o600)


def test_a_refused_code_leaves_no_token(
    qapp: object, server: FakeServer, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refusal = Problem(title="No such code", status=404, reason="unknown_code")
    server.answer = lambda exchange: exchange.reply(404, refusal)
    assert main(["board", "ABCD-EFGH", "--config", str(config)]) == 1
    assert "refused the enrolment code: No such code" in capsys.readouterr().err
    assert not (config.parent / "keys").exists()


def test_wrong_settings_are_told(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text("[board]\nserver = 1\n")
    assert main(["board", "ABCD", "--config", str(config)]) == 1
    assert "server_url" in capsys.readouterr().err
