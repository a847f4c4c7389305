"""The server starts from its settings, or says in one sentence what has to be mended; it ends in good order."""

from __future__ import annotations

import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from server.__main__ import main
from tests.server_admin.conftest import Desk

START_AND_STOP_SECONDS = 4


@pytest.fixture
def refused(capsys: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], str]:
    """Give a start that must fail, without its grip on this process's signals and log."""
    monkeypatch.setattr("server.__main__.set_up_logging", lambda _settings: None)
    monkeypatch.setattr("signal.signal", lambda *_: None)

    def start(config: Path) -> str:
        capsys.readouterr()
        assert main(["--config", str(config)]) == 1
        said: str = capsys.readouterr().err
        assert said.count("\n") == 1
        return said

    return start


def write(desk: Desk, **server: object) -> Path:
    settings = {"port": 0, "data_dir": "data", "secrets_file": "data/numerek.key"} | server
    lines = [
        f"{name} = {value if isinstance(value, int) else repr(value)}" for name, value in settings.items()
    ]
    desk.config.write_text("\n".join(["[server]", *lines]))
    return desk.config


def test_without_a_key_file_it_says_what_to_run(bare_desk: Desk, refused: Any) -> None:
    assert "run `numerek admin init` first" in refused(bare_desk.config)


def test_a_key_that_others_can_read_is_refused(desk: Desk, refused: Any) -> None:
    desk.settings.secrets_file.chmod(0o640)
    assert "others can read it; chmod 600" in refused(desk.config)


def test_a_key_that_is_no_secret_is_refused(desk: Desk, refused: Any) -> None:
    desk.settings.secrets_file.write_text("00" * 32)
    assert "is no secret" in refused(desk.config)


def test_the_key_of_another_database_is_refused(desk: Desk, refused: Any) -> None:
    desk.settings.secrets_file.write_text(secrets.token_hex(32))
    assert "not the one that this database was made with" in refused(desk.config)


def test_a_taken_port_is_named(desk: Desk, refused: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert f"port {port}, is taken by another program" in refused(write(desk, port=port))


def test_an_address_of_another_machine_is_refused(desk: Desk, refused: Any) -> None:
    assert "is no address of this machine" in refused(write(desk, listen="192.0.2.1"))


def test_a_database_that_does_not_answer_is_named_without_its_password(desk: Desk, refused: Any) -> None:
    said = refused(write(desk, database_url="postgresql+psycopg://numerek:hidden1@127.0.0.1:1/numerek"))
    assert "numerek:***@127.0.0.1:1/numerek cannot be used" in said
    assert "hidden1" not in said


@pytest.mark.parametrize("url", ["no url", "postgres://numerek@/numerek", "sqlite:////nowhere/at/all.db"])
def test_a_database_that_cannot_be_is_refused(desk: Desk, refused: Any, url: str) -> None:
    assert "database" in refused(write(desk, database_url=url))


def test_a_wrong_setting_is_told_with_its_line(desk: Desk, refused: Any) -> None:
    assert "line 5: there is no setting 'server.prot'; did you mean 'server.port'?" in refused(
        write(desk, prot=1)
    )


def test_it_ends_at_sigterm_within_its_time_though_a_board_listens(desk: Desk) -> None:
    enrolment = desk.good("device", "add", "board", "--branch", "wroclaw", "--hall", "A")
    running = desk.serve()
    token = running.enrol(enrolment)
    connection = running.connect()
    connection.request("GET", "/api/v1/stream?topics=hall:A", headers={"Authorization": f"Bearer {token}"})
    stream = connection.getresponse()
    assert stream.status == 200
    assert stream.readline() == b"event: ping\n"
    begun = time.monotonic()
    assert running.stop() == 0
    assert time.monotonic() - begun < START_AND_STOP_SECONDS
    connection.close()
    assert "each fits" in desk.good("verify")


def test_what_only_work_beside_the_requests_needs_is_not_loaded_at_the_start() -> None:
    heavy = ("numpy", "altair", "xlsxwriter", "prometheus_client", "httpcore")
    look = "import sys, server.run, server.app, server.http.asgi; "
    look += f"print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
