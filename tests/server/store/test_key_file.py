"""The key file: several keys, the newest first; replaced whole or not at all, and never for others' eyes."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from server.store.key_file import add_key, create_key_file, drop_key, load_key_file, read_again
from server.store.keyring import KeyFileError, Keyring

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give a file with one key."""
    path = tmp_path / "numerek.key"
    create_key_file(path)
    return path


def loaded(file: Path, now: datetime = NOW) -> Keyring:
    """Read a file as a server does that starts now."""
    keys = load_key_file(file)
    keys.advance(now)
    return keys


def test_a_new_key_is_read_at_once_and_used_from_its_time(file: Path) -> None:
    old = loaded(file).in_use
    new = add_key(file, NOW + HOUR)
    keys, later = loaded(file), loaded(file, NOW + HOUR)
    assert [key.id for key in keys.keys] == [new.id, old.id]
    assert (keys.in_use.id, later.in_use.id) == (old.id, new.id)
    assert keys.open(later.seal(b"x", b"y"), b"y") == b"x"
    assert later.open(keys.seal(b"x", b"y"), b"y") == b"x"
    assert later.lookups("code", "1") == (later.lookup("code", "1"), keys.lookup("code", "1"))
    assert later.visit_of(keys.visit_token(7)) == keys.visit_of(later.visit_token(7)) == 7
    assert later.all_derived("x") == [old.derived("x"), later.derived("x")]


def test_what_goes_by_its_day_has_the_key_of_that_day(file: Path) -> None:
    old, new = loaded(file).in_use, add_key(file, NOW)
    keys = loaded(file)
    assert keys.derived_at("x", NOW - HOUR) == old.derived("x")
    assert keys.derived_at("x", NOW) == new.derived("x")
    assert [keys.used_until(key) for key in keys.keys] == [None, NOW]


def test_the_file_stays_its_owners(file: Path) -> None:
    add_key(file, NOW)
    assert file.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_cut_leaves_the_file_as_it_was(file: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    before = file.read_bytes()

    def cut(*_: object) -> None:
        raise OSError(28, "No space left on device")

    if step == "fsync":
        monkeypatch.setattr(os, "fsync", cut)
    else:
        monkeypatch.setattr(Path, "replace", cut)
    with pytest.raises(OSError, match="No space"):
        add_key(file, NOW)
    assert file.read_bytes() == before
    assert [each.name for each in file.parent.iterdir()] == [file.name]


def test_what_a_power_cut_left_beside_the_file_is_in_nobodys_way(file: Path) -> None:
    file.with_name(file.name + ".part").write_text("half a li")
    new = add_key(file, NOW)
    assert loaded(file).in_use.id == new.id
    assert [each.name for each in file.parent.iterdir()] == [file.name]


def test_a_file_is_on_the_disk_before_it_takes_the_name_and_its_name_after_it(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def flushed(descriptor: int) -> None:
        order.append("folder" if os.path.isdir(f"/proc/self/fd/{descriptor}") else "file")
        fsync(descriptor)

    def named(part: Path, path: Path) -> Path:
        order.append("name")
        return replace(part, path)

    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(Path, "replace", named)
    add_key(file, NOW)
    assert order == ["file", "name", "folder"]


def test_the_blinds_of_checkpoints_outlive_the_first_key(file: Path) -> None:
    first = loaded(file)
    add_key(file, NOW)
    assert loaded(file).blind == first.blind
    drop_key(file, first.in_use.id)
    left = loaded(file)
    assert left.blind == first.blind == first.derived("audit blind")
    assert len(left.keys) == 1
    add_key(file, NOW + HOUR)
    drop_key(file, left.in_use.id)
    assert loaded(file, NOW + HOUR).blind == first.blind


def test_a_running_server_reads_a_file_that_was_replaced_and_keeps_its_keys_where_that_is_broken(
    file: Path,
) -> None:
    keys = loaded(file)
    old = keys.in_use
    add_key(file, NOW)
    read_again(keys)
    assert keys.in_use.id == old.id  # until it is told the hour
    assert keys.advance(NOW)
    assert keys.keys[0].id == keys.in_use.id != old.id
    assert not keys.advance(NOW)
    file.write_text("half a li")
    with pytest.raises(KeyFileError):
        read_again(keys)
    assert len(keys.keys) == 2


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("{key}", "twice"),
        ("{other} tomorrow", "not an instant"),
        ("{other} 2026-11-30T12:00", "not an instant"),
        ("rubbish", "not a key"),
    ],
)
def test_a_line_that_is_none_stops_the_start(file: Path, more: str, says: str) -> None:
    key, other = file.read_text().strip(), bytes(range(32)).hex()
    file.write_text(f"{key}\n{more.format(key=key, other=other)}\n")
    with pytest.raises(KeyFileError, match=says):
        load_key_file(file)
