"""Keys outside the database: sealed values open only where they belong, and a bad key file stops the start."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.store.key_file import create_key_file, load_key_file
from server.store.keyring import KeyFileError, Keyring, new_token, token_hash
from server.store.queries.office import keep_key_check
from server.store.store import Store

KEYS = Keyring(bytes(range(32)))


def test_a_sealed_value_opens_only_beside_what_it_is_bound_to() -> None:
    sealed = KEYS.seal(b"482910378", b"codes")
    assert b"482910378" not in sealed
    assert KEYS.open(sealed, b"codes") == b"482910378"
    with pytest.raises(KeyFileError):
        KEYS.open(sealed, b"person")
    with pytest.raises(KeyFileError):
        Keyring(bytes(range(1, 33))).open(sealed, b"codes")


def test_two_seals_of_one_value_differ() -> None:
    assert KEYS.seal(b"x", b"y") != KEYS.seal(b"x", b"y")


def test_look_ups_depend_on_key_and_kind() -> None:
    other = Keyring(bytes(range(1, 33)))
    assert len({KEYS.lookup("code", "1"), KEYS.lookup("token", "1"), other.lookup("code", "1")}) == 3
    assert KEYS.lookup("code", "1") == KEYS.lookup("code", "1")


@pytest.mark.parametrize(
    "change", ["{id:x}-" + "a" * 26, "{id:x}", "zz", "", "-", "f" * 20, "{token}x", "١-{mac}"]
)
def test_a_track_token_cannot_be_made_up(change: str) -> None:
    token = KEYS.track_token(1234)
    assert KEYS.tracked_ticket(token) == 1234
    assert KEYS.tracked_ticket(change.format(id=1234, token=token, mac=token.partition("-")[2])) is None


def test_a_track_token_of_another_ticket_does_not_fit() -> None:
    mac = KEYS.track_token(1234).partition("-")[2]
    assert KEYS.tracked_ticket(f"{1235:x}-{mac}") is None


def test_tokens_tell_whose_they_are_and_never_repeat() -> None:
    tokens = {new_token("nd") for _ in range(100)}
    assert len(tokens) == 100
    assert all(token.startswith("nd_") and len(token) >= 46 for token in tokens)
    assert len({token_hash(token) for token in tokens}) == 100


def test_a_key_file_is_written_for_its_owner_only_and_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "numerek.key"
    made = create_key_file(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert load_key_file(file).check == made.check
    with pytest.raises(FileExistsError):
        create_key_file(file)


@pytest.mark.parametrize(
    ("text", "mode", "says"),
    [
        (bytes(range(32)).hex(), 0o644, "others can read it"),
        (bytes(range(32)).hex(), 0o620, "others can read it"),
        ("not hexadecimal", 0o600, "not a key"),
        ("00" * 32, 0o600, "no secret"),
        (bytes(range(31)).hex(), 0o600, "32 bytes"),
        ("", 0o600, "no secret|32 bytes"),
    ],
)
def test_a_bad_key_file_stops_the_start(tmp_path: Path, text: str, mode: int, says: str) -> None:
    file = tmp_path / "numerek.key"
    file.write_text(text)
    file.chmod(mode)
    with pytest.raises(KeyFileError, match=says):
        load_key_file(file)


def test_a_missing_key_file_is_told_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match=r"numerek\.key"):
        load_key_file(tmp_path / "numerek.key")


def test_a_database_refuses_another_key(database_url: str) -> None:
    store = Store(database_url)
    try:
        for _ in range(2):
            store.write(lambda session: keep_key_check(session, KEYS))
        other = Keyring(bytes(range(1, 33)))
        with pytest.raises(KeyFileError, match="not the one"):
            store.write(lambda session: keep_key_check(session, other))
    finally:
        store.close()
