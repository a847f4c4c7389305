"""The settings: documented whole, exact, and refused with their place and a way to mend them."""

from __future__ import annotations

import json
import tomllib
from contextlib import suppress
from datetime import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from wire.config_file import ConfigError, line_of
from wire.settings import DEFAULT_CONFIG, Settings, load_settings, setting_names
from wire.systemd import others_read


def load(folder: Path, text: str) -> Settings:
    file = folder / "numerek.toml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file, {})


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(folder, text)
    return str(caught.value).removeprefix(f"{folder}/")


def dotted(tables: dict[str, Any], prefix: str = "") -> list[str]:
    names: list[str] = []
    for key, value in tables.items():
        names += dotted(value, f"{prefix}{key}.") if isinstance(value, dict) else [prefix + key]
    return names


def test_the_shipped_file_holds_every_setting_and_nothing_else() -> None:
    assert dotted(tomllib.loads(DEFAULT_CONFIG.read_text())) == setting_names()


def test_the_shipped_file_holds_the_defaults() -> None:
    assert load_settings(DEFAULT_CONFIG, {}) == Settings()


def test_every_setting_has_a_comment_of_its_own() -> None:
    lines = DEFAULT_CONFIG.read_text().splitlines()
    bare = [line for before, line in pairwise(lines) if " = " in line and not before.startswith("# ")]
    assert [line for line in bare if not line.startswith("#")] == []


def test_left_out_settings_keep_their_defaults_and_paths_follow_the_file(tmp_path: Path) -> None:
    settings = load(tmp_path, '[server]\nport = 1234\n[kiosk.printer]\nlogo = "eagle.png"\n')
    assert settings.server.port == 1234
    assert settings.server.data_dir == tmp_path / "data"
    assert settings.kiosk.printer.logo == tmp_path / "eagle.png"
    assert settings.kiosk.printer.device == "virtual:"
    assert settings.board.token_file == tmp_path / "data/board.token"
    assert settings.counter.printer.logo is None


def test_the_volume_of_hours_is_read(tmp_path: Path) -> None:
    rows = '[{ from = "18:00", until = "07:30", volume = 0 }]'
    (row,) = load(tmp_path, f"[board.voice]\nvolume_by_hour = {rows}\n").board.voice.volume_by_hour
    assert (row.from_, row.until, row.volume) == (time(18), time(7, 30), 0)


def test_an_absolute_path_stays(tmp_path: Path) -> None:
    assert load(tmp_path, '[server]\ndata_dir = "/var/lib/numerek"').server.data_dir == Path(
        "/var/lib/numerek"
    )


def test_the_environment_names_the_file_and_an_argument_wins(tmp_path: Path) -> None:
    for name, port in (("a.toml", 1111), ("b.toml", 2222)):
        (tmp_path / name).write_text(f"[server]\nport = {port}\n")
    environ = {"NUMEREK_CONFIG": str(tmp_path / "a.toml")}
    assert load_settings(None, environ).server.port == 1111
    assert load_settings(tmp_path / "b.toml", environ).server.port == 2222


def test_settings_cannot_be_changed_afterwards() -> None:
    with pytest.raises(ValidationError):
        Settings().server.port = 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[server]\nprot = 80\n",
            "numerek.toml, line 2: there is no setting 'server.prot'; did you mean 'server.port'?",
        ),
        ("port = 80\n", "line 1: there is no setting 'port'; did you mean 'server.port'?"),
        ("[sever]\nport = 80\n", "line 1: there is no setting 'sever'; did you mean 'server'?"),
        (
            "[server]\n\nidle_seconds = 9\n",
            "line 3: there is no setting 'server.idle_seconds'; did you mean 'kiosk.",
        ),
        ("[kiosk.printer]\ncutt = 1\n", "'kiosk.printer.cutt'; did you mean 'kiosk.printer.cut'?"),
        ("[server]\nxyzzy = 1\n", "line 2: there is no setting 'server.xyzzy'."),
        ('[server]\nport = "80"\n', "line 2: 'server.port' should be a valid integer, not '80'."),
        ("[server]\nport = true\n", "line 2: 'server.port' should be a valid integer, not True."),
        (
            "[server]\nport = 70000\n",
            "line 2: 'server.port' should be less than or equal to 65535, not 70000.",
        ),
        ("[server]\nrequest_seconds = nan\n", "line 2: 'server.request_seconds' should be "),
        ("[board]\nchime = 1\n", "line 2: 'board.chime' should be a valid boolean, not 1."),
        (
            '[board.voice]\nvolume_by_hour = [{ from = "7", until = "08:00", volume = 0 }]\n',
            "line 2: 'board.voice.volume_by_hour.from' should be an hour such as '07:30', not '7'.",
        ),
        (
            '[board.voice]\nvolume_by_hour = [{ from = "07:00", until = "08:00", volume = 101 }]\n',
            "line 2: 'board.voice.volume_by_hour.volume' should be less than or equal to 100, not 101.",
        ),
        (
            '[board]\nways = [{ counters = [1], way = "lefft" }]\n',
            "line 2: 'board.ways.way' should be 'left', 'right', 'ahead', 'back', 'ahead_left' or 'ahead_right'",
        ),
        ("[speech.voices]\npo = 'x'\n", "line 2: there is no setting 'speech.voices.po'"),
        (
            '[kiosk.printer]\ncut = "ful"\n',
            "line 2: 'kiosk.printer.cut' should be 'full', 'part' or 'none', not 'ful'.",
        ),
        (
            '[kiosk.printer]\ndevice = "tpc://1"\n',
            "line 2: 'kiosk.printer.device' should begin with one of tcp:, serial:",
        ),
        (
            "[kiosk.printer]\nwidth_dots = 80\n",
            "line 2: 'kiosk.printer.width_dots' should be 0 (as the profile says)",
        ),
        (
            '[kiosk]\nserver_url = "numerek.local"\n',
            "line 2: 'kiosk.server_url' should be an address such as https",
        ),
        ('[kiosk]\ntoken_file = ""\n', "line 2: 'kiosk.token_file' should be a path, not ''."),
        ("[kiosk]\ntoken_file = 7\n", "line 2: 'kiosk.token_file' should be a path, not 7."),
        ('[server]\ntrusted_proxies = ["nonsense"]\n', "line 2: 'server.trusted_proxies' "),
        ("server = 3\n", "line 1: 'server' should be a valid dictionary"),
        ("[server\nport = 80\n", "line 1: this is not TOML: expected ']' at the end of a table declaration."),
        ("[server]\nport = 1\nport = 2\n", "line 3: this is not TOML: cannot overwrite a value."),
        ("[server]\nport = 1x\n[log]\nlevel = 1\n", "line 2: this is not TOML: "),
        ("x = " + "[" * 5000, "numerek.toml is nested too deeply."),
        ("x = " + "9" * 5000, "numerek.toml: this is not TOML: "),
        ("[server]\nport = -1\nprot = 1\n[log]\nlevel = 1\n", " (2 more after it)"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    sentence = refusal(tmp_path, text)
    assert said in sentence
    assert "\n" not in sentence


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml cannot be read: no such file or directory\."):
        load_settings(tmp_path / "none.toml", {})
    with pytest.raises(ConfigError, match="cannot be read: is a directory"):
        load_settings(tmp_path, {})


def test_a_file_that_is_not_utf8_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "latin.toml"
    file.write_bytes("[kiosk.printer]\nfree_lines = ['Urz\u00e9d']\n".encode("latin-1"))
    with pytest.raises(ConfigError, match=r"latin\.toml, line 2: the file is not UTF-8 text\."):
        load_settings(file, {})


def test_a_password_in_a_url_is_not_repeated(tmp_path: Path) -> None:
    assert "hunter2" not in refusal(tmp_path, '[kiosk]\nserver_url = "ftp://a:hunter2@example.org"\n')


def test_the_line_of_a_dotted_or_a_quoted_key_is_found() -> None:
    assert line_of("[kiosk]\nprinter.cut = 1\n", ["kiosk", "printer", "cut"]) == 2
    assert line_of('["kiosk"]\n"full_screen" = 1\n', ["kiosk", "full_screen"]) == 2
    assert line_of("[kiosk]\n[kiosk.printer]\n", ["kiosk", "printer", "cut"]) == 2
    assert line_of("", ["kiosk"]) is None


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_nonsense_is_refused_in_words(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "nonsense.toml"
    file.write_bytes(raw)
    with suppress(ConfigError):
        load_settings(file, {})


names = st.sampled_from([name.rpartition(".")[2] for name in setting_names()]) | st.text(max_size=9)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=4,
)


@given(st.sampled_from(sorted(Settings.model_fields)), names, values)
def test_any_value_of_any_setting_is_taken_or_refused(table: str, name: str, value: object) -> None:
    with suppress(ValidationError):
        assert setting_names() == dotted(Settings.model_validate({table: {name: value}}).model_dump())


def test_scanners_add_nothing_and_a_begun_code_is_waited_for_by_default() -> None:
    scanner = Settings().kiosk.scanner
    assert (scanner.prefix, scanner.suffix, scanner.gap_ms, scanner.unfinished_ms) == ("", "", 60, 300)
    assert scanner.rung_rest_seconds == 60


@pytest.mark.parametrize("added", ["x" * 21, "\t", "ż", "a\n"])
def test_what_a_scanner_adds_is_short_and_can_be_typed_anywhere(tmp_path: Path, added: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f"[kiosk.scanner]\nprefix = {json.dumps(added)}\n")
    with pytest.raises(ConfigError):
        load_settings(file, {})


def test_secrets_come_from_credentials_of_systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = tmp_path / "credentials"
    given.mkdir()
    (given / "database").write_text("postgresql+psycopg://numerek:secret@db/numerek\n")
    text = '[server]\nsecrets_file = "credential:numerek.key"\ndatabase_url = "credential:database"\n'
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    assert "systemd gave none (LoadCredential=database:…)" in refusal(tmp_path, text)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(given))
    server = load(tmp_path, text).server
    assert server.secrets_file == given / "numerek.key"
    assert server.database_url == "postgresql+psycopg://numerek:secret@db/numerek"
    for name in ("", "../numerek.key", "a/b", ".hidden"):
        assert "should name a credential" in refusal(tmp_path, text.replace("numerek.key", name))
    said = refusal(tmp_path, text.replace("credential:database", "credential:missing"))
    assert "cannot be read (missing)" in said
    assert "secret" not in said.replace("secrets_file", "")


def test_what_systemd_hands_over_may_show_rights_of_the_group_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, own = tmp_path / "credentials", tmp_path / "own.key"
    given.mkdir()
    handed = given / "numerek.key"
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(given))
    for file in (handed, own):
        file.touch()
        file.chmod(0o440)
    assert (others_read(handed), others_read(own)) == (False, True)
    handed.chmod(0o444)
    assert others_read(handed)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    handed.chmod(0o440)
    assert others_read(handed)
