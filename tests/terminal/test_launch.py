"""The start of a program: a token of its own, readable by one user."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt, QTimer

from terminal.enrolment import EnrolmentWindow
from terminal.launch import keep_token, read_token, start
from wire.codes import enrolment_text
from wire.messages import BranchName, Device, DeviceSettings, EnrolAnswer, HallName, Problem
from wire.vocabulary import DeviceRole

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)


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


def test_a_new_device_takes_the_qr_of_the_staffs_page_and_keeps_its_server(qapp, qtbot, tmp_path, server):
    file = tmp_path / "config.toml"
    file.write_text('[board]\nserver_url = "http://127.0.0.1:9"\ntoken_file = "keys/board.token"\n')
    server.answer = lambda exchange: exchange.reply(201, enrolled(DeviceRole.BOARD))
    QTimer.singleShot(0, lambda: window_of(qapp).scanned(enrolment_text(server.url, "ABCD-EFGH-JKLM")))
    station = start(DeviceRole.BOARD, ["--config", str(file), "--enrol", "--window"])
    assert (station.client.token, station.client.server_url) == ("secret-token", server.url)
    again = start(DeviceRole.BOARD, ["--config", str(file), "--enrol", "--window"])
    assert again.client.server_url == server.url


def test_a_scanner_that_types_and_a_person_who_types_come_in_alike(qapp, qtbot, server):
    server.answer = lambda exchange: exchange.reply(201, enrolled(DeviceRole.BOARD))
    window = EnrolmentWindow(DeviceRole.BOARD, "http://127.0.0.1:9")
    qtbot.addWidget(window)
    came = []
    window.enrolled.connect(lambda token, url: came.append((token, url)))
    qtbot.keyClicks(window.code, enrolment_text(server.url, "ABCD-EFGH-JKLM"))
    qtbot.keyClick(window.code, Qt.Key.Key_Return)
    window.server.setText(server.url)
    window.code.setText("ABCD-EFGH-JKLM")
    window.button.click()
    assert came == [("secret-token", server.url)] * 2


def test_a_refused_code_is_told_on_the_page_and_another_may_follow(qapp, qtbot, server):
    problem = Problem(title="No such code", status=404, reason="unknown_code")
    server.answer = lambda exchange: exchange.reply(404, problem)
    window = EnrolmentWindow(DeviceRole.BOARD, server.url)
    qtbot.addWidget(window)
    window.code.setText("ABCD")
    window.ask()
    assert "No such code" in window.said.text()
    assert window.button.isEnabled()
    window.scanned("NQ1:SOMETHING-ELSE")
    assert window.code.text() == "ABCD"


def test_who_closes_the_page_is_told_that_the_device_is_not_enrolled(qapp, tmp_path, config):
    QTimer.singleShot(0, lambda: window_of(qapp).close())
    with pytest.raises(SystemExit, match="not enrolled yet"):
        start(DeviceRole.BOARD, ["--config", str(config), "--enrol", "--window"])


def window_of(application):
    """Find the page of a new device."""
    return next(each for each in application.topLevelWidgets() if isinstance(each, EnrolmentWindow))
