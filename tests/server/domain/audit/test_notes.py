"""Signed notes and checkpoints: a known note of others, and a clear word for each damage."""

from __future__ import annotations

from datetime import date

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from server.domain.audit import notes
from server.domain.audit.notes import Checkpoint, NoteError, Verifier

# The example of golang.org/x/mod/sumdb/note, where the format comes from.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\u2014 PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
SECRET = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OURS = Verifier("queue.example.org/wroclaw", SECRET.public_key().public_bytes_raw())
HEAD = Checkpoint("queue.example.org/wroclaw", 20852163, bytes(range(32)), date(2026, 11, 28))


def is_genuine(key: bytes, body: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, body)
    except InvalidSignature:
        return False
    return True


def ours() -> str:
    return notes.signed(HEAD.text, [(OURS, SECRET.sign(HEAD.text.encode()))])


def test_a_note_that_others_signed_is_read_and_checked() -> None:
    verifier = notes.read_verifier(GO_KEY)
    assert str(verifier) == GO_KEY
    note = notes.read_note(GO_NOTE)
    assert notes.check_note(note, [verifier], is_genuine) == [verifier]
    assert notes.signed(note.text, [(verifier, note.signatures[0].value)]) == GO_NOTE


def test_a_checkpoint_says_whose_how_many_what_and_which_day() -> None:
    assert HEAD.text == (
        "queue.example.org/wroclaw\n20852163\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\nday 2026-11-28\n"
    )
    note = notes.read_note(ours())
    assert notes.check_note(note, [OURS], is_genuine) == [OURS]
    assert notes.read_checkpoint(note.text) == HEAD
    assert notes.read_verifier(str(OURS)) == OURS


def test_signatures_of_strangers_are_left_alone_and_one_of_ours_is_enough() -> None:
    stranger = Verifier("witness.example/w1", bytes(32))
    text = notes.signed(HEAD.text, [(stranger, b"x" * 72), (OURS, SECRET.sign(HEAD.text.encode()))])
    assert notes.check_note(notes.read_note(text), [OURS], is_genuine) == [OURS]
    with pytest.raises(NoteError, match="nobody whose key is known"):
        notes.check_note(notes.read_note(text), [Verifier(OURS.name, bytes(32))], is_genuine)


def test_a_changed_text_is_not_what_was_signed() -> None:
    note = notes.read_note(ours().replace("20852163", "20852164"))
    with pytest.raises(NoteError, match="is false"):
        notes.check_note(note, [OURS], is_genuine)


def test_a_short_code_tells_two_heads_apart() -> None:
    other = Checkpoint(HEAD.origin, HEAD.size, HEAD.root, date(2026, 11, 29))
    assert len(HEAD.short) == 11
    assert HEAD.short != other.short
    assert HEAD.short == Checkpoint(HEAD.origin, HEAD.size, HEAD.root, HEAD.day).short


@pytest.mark.parametrize(
    ("note", "why"),
    [
        ("", "no signatures"),
        (HEAD.text, "no signatures"),
        (HEAD.text + "\n", "no signatures"),
        (ours()[:-1], "no signatures"),
        (ours().replace("\u2014 ", "- "), "dash and a name"),
        (ours()[:-6] + "\n", "base64"),
        (ours().replace("wroclaw", "wro\tclaw"), "control characters"),
        (f"{HEAD.text}\n" + "\u2014 a AAAAAAAA\n" * 65, "too many"),
        (f"{HEAD.text}\n\u2014 a AAAA\n", "too short"),
        (f"{HEAD.text}\n\u2014 a AAAAAA==\n", "too short"),
        (f"{HEAD.text}\n\u2014 a AAAA AAAA\n", "base64"),
        (f"{HEAD.text}\n\u2014 a AAAAAB==\n", "base64"),
        ("\n\n\u2014 a AAAAAAAA\n", "no signatures"),
        (f"{HEAD.text}\n\u2014 a b AAAAAAAA\n", "base64"),
    ],
)
def test_a_damaged_note_is_told(note: str, why: str) -> None:
    with pytest.raises(NoteError, match=why):
        notes.read_note(note)


def test_a_note_has_up_to_64_signatures() -> None:
    lines = "\u2014 a AAAAAAAA\n" * 64
    assert len(notes.read_note(f"{HEAD.text}\n{lines}").signatures) == 64
    short = notes.read_note(f"{HEAD.text}\n\u2014 a AAAAAAA=\n")
    assert short.signatures[0].value == b"\0", "how long a signature is, is the matter of its kind of key"


def test_other_lines_of_a_checkpoint_are_left_alone() -> None:
    assert notes.read_checkpoint(HEAD.text + "another extension\n") == HEAD


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a\n1\n", "no checkpoint"),
        (HEAD.text.partition("day ")[0], "one day"),
        (HEAD.text.replace("Hh8=", "Hh9="), "base64"),
        (HEAD.text[:-1], "no checkpoint"),
        (HEAD.text.replace("20852163", "020"), "size"),
        (HEAD.text.replace("20852163", "-1"), "size"),
        (HEAD.text.replace("20852163", "\u0661"), "size"),
        (HEAD.text.replace("AAEC", "AAE"), "base64"),
        (HEAD.text.replace("AAEC", ""), "length"),
        (HEAD.text.replace("day ", "date "), "one day"),
        (HEAD.text.replace("-28", "-31"), "one day"),
        (HEAD.text + "day 2026-11-29\n", "one day"),
    ],
)
def test_a_text_that_is_no_checkpoint_is_told(text: str, why: str) -> None:
    with pytest.raises(NoteError, match=why):
        notes.read_checkpoint(text)


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("", "Ed25519"),
        ("a+b", "Ed25519"),
        (GO_KEY.replace("c74f20a3", "c74f20a4"), "damaged"),
        (GO_KEY.replace("PeterNeumann", "Someone"), "damaged"),
        (GO_KEY.replace("PeterNeumann", ""), "no name"),
        (GO_KEY.replace("ARpc", "Ahpc"), "Ed25519"),
        (GO_KEY[:-1] + "!", "base64"),
    ],
)
def test_a_damaged_key_is_told(key: str, why: str) -> None:
    with pytest.raises(NoteError, match=why):
        notes.read_verifier(key)
