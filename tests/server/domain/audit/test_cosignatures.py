"""What a witness signs of a checkpoint, and a clear word for each co-signature that is none."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.domain.audit import cosignatures, notes
from server.domain.audit.cosignatures import read_witness, witness_line
from server.domain.audit.documents import Alone
from server.domain.audit.notes import KeyKind, NoteError, Verifier
from server.domain.audit.verification import check
from tests.server.domain.audit.made_log import NOON, MadeLog, faults, is_genuine

LOG = MadeLog(300, 620)
SECRET = Ed25519PrivateKey.from_private_bytes(bytes(range(50, 82)))
WITNESS = Verifier("witness.example/w1", SECRET.public_key().public_bytes_raw(), KeyKind.COSIGNATURE)
SEEN = datetime(2026, 11, 24, 1, 2, 3, tzinfo=UTC)


def cosigned(note: str, at: datetime = SEEN, secret: Ed25519PrivateKey = SECRET) -> str:
    """Add what a witness signs."""
    seconds = int(at.timestamp())
    value = secret.sign(cosignatures.signed_text(notes.read_note(note).text, seconds))
    return note + cosignatures.cosignature(WITNESS, seconds, value)


def found_in(text: str, witness: Verifier = WITNESS) -> datetime | None:
    found = cosignatures.cosigned_at(notes.read_note(text), witness, is_genuine)
    return found[0] if found else None


def test_a_line_is_that_of_the_specification() -> None:
    """The key id is made with the byte 4; the line has eight bytes of time before the signature."""
    note = LOG.note(0)
    line = cosigned(note).removeprefix(note)
    name, _, value = line.removeprefix("\u2014 ").rstrip("\n").partition(" ")
    raw = base64.b64decode(value)
    assert name == "witness.example/w1"
    assert raw[:4] == hashlib.sha256(b"witness.example/w1\n\x04" + WITNESS.key).digest()[:4]
    assert int.from_bytes(raw[4:12], "big") == int(SEEN.timestamp())
    text = notes.read_note(note).text
    signed = b"cosignature/v1\ntime " + str(int(SEEN.timestamp())).encode() + b"\n" + text.encode()
    assert is_genuine(WITNESS.key, signed, raw[12:])


def test_it_is_known_who_signed_and_when() -> None:
    assert found_in(cosigned(LOG.note(0))) == SEEN
    assert found_in(LOG.note(0)) is None
    assert found_in(cosigned(LOG.note(0)), replace(WITNESS, name="witness.example/w2")) is None
    assert found_in(cosigned(LOG.note(0)), replace(WITNESS, kind=KeyKind.NOTE)) is None
    assert faults(LOG.found(Alone(cosigned(LOG.note(0))))) == [], "the office's own signature is as it was"


def test_a_false_one_is_told() -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(range(51, 83)))
    line = cosigned(LOG.note(1)).removeprefix(LOG.note(1))
    for text, why in (
        (cosigned(LOG.note(0), secret=other), "is false"),
        (LOG.note(0) + line, "is false"),
        (LOG.note(0) + cosignatures.cosignature(WITNESS, 1, b"x" * 63), "another length"),
        (LOG.note(0) + cosignatures.cosignature(WITNESS, 1, b"x" * 65), "another length"),
        (LOG.note(0) + cosignatures.cosignature(WITNESS, 2**63, b"x" * 64), "is false"),
    ):
        with pytest.raises(NoteError, match=why):
            found_in(text)


def test_a_time_beyond_all_calendars_is_false_whoever_signed_it() -> None:
    text = notes.read_note(LOG.note(0)).text

    def signed(seconds: int) -> str:
        value = SECRET.sign(cosignatures.signed_text(text, seconds))
        return LOG.note(0) + cosignatures.cosignature(WITNESS, seconds, value)

    assert found_in(signed(2**37 - 1)) == datetime.fromtimestamp(2**37 - 1, UTC)
    with pytest.raises(NoteError, match="is false"):
        found_in(signed(2**37))


def test_whoever_checks_may_want_a_witness() -> None:
    def told(text: str, now: datetime = NOON) -> list[tuple[bool, str]]:
        found = check([("file", Alone(text))], [LOG.verifier], is_genuine, now, witnesses=[WITNESS])
        return [(each.is_good, each.text) for each in found][1:]

    said = "file: witness.example/w1 co-signed this on 2026-11-24 01:02:03 UTC"
    assert told(cosigned(LOG.note(0))) == [(True, said)]
    assert told(LOG.note(0)) == [(False, "file: witness.example/w1 has not co-signed this")]
    line = cosigned(LOG.note(1)).removeprefix(LOG.note(1))
    assert "is false" in told(LOG.note(0) + line)[0][1]
    late = cosigned(LOG.note(0), NOON + timedelta(minutes=5, seconds=1))
    assert told(late) == [(False, "file: the co-signature of witness.example/w1 is from the future")]
    assert told(cosigned(LOG.note(0), NOON + timedelta(minutes=5)))[0][0]


def test_a_line_of_the_settings_is_a_key_and_perhaps_an_address() -> None:
    key = str(WITNESS)
    assert read_witness(key) == cosignatures.Witness(WITNESS, None)
    assert read_witness(f" {key}   https://w.example/add ").url == "https://w.example/add"
    assert witness_line(f"{key}  http://w.example") == f"{key} http://w.example"
    assert witness_line(f"{key} ") == key
    by_mail = read_witness(f"{key}  w@example.org ")
    assert (by_mail.mail, by_mail.url) == ("w@example.org", None)
    assert witness_line(f"{key}   w@example.org") == f"{key} w@example.org"
    assert cosignatures.witnesses_in([key, key]) == [cosignatures.Witness(WITNESS, None)] * 2


@pytest.mark.parametrize(
    "line",
    [
        *("", "x", 7, None, str(LOG.verifier), str(WITNESS)[:-2], f"{WITNESS} w.example"),
        *(f"{WITNESS} https://", f"{WITNESS} https:// x", f"{WITNESS} ftp://w.example"),
        f"{WITNESS} https://a.example https://b.example",
        *(f"{WITNESS} w@localhost", f"{WITNESS} w@a@example.org", f"{WITNESS} a@example.org b@example.org"),
    ],
)
def test_another_line_is_refused(line: object) -> None:
    with pytest.raises(ValueError):
        witness_line(line)
