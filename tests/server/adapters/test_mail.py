"""Letters reach a real mail server whole, and of each it is known whether it was taken."""

from __future__ import annotations

import email
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email import policy
from email.headerregistry import Address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from server.adapters.mail import FolderMailer, MailServer, SmtpMailer, compose
from server.services.ports import Attachment, Letter, NotDelivered
from tests.server.adapters.certificates import certificate
from tests.server.adapters.mail_servers import PASSWORD, USER, Kept, mail_server

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SENDER = Address("Urząd Wojewódzki", "wizyty", "example.org")
LETTER = Letter(
    key="visit:17:confirmation:email",
    to="ganna@example.net",
    language="uk",
    subject="Ваш візит – 23 листопада",
    text="Добрий день\n.\n.. крапки\nкод 482 910 378\n",
    html="<p>Добрий день</p>",
    attachments=(Attachment("confirmation.pdf", "application/pdf", b"%PDF-1.7\r\n\x00\xff"),),
)


@pytest.fixture
def kept() -> Kept:
    """Give a mailbox."""
    return Kept()


@pytest.fixture
def start(kept: Kept) -> Iterator[Callable[..., Controller]]:
    """Give what starts mail servers, and stop them afterwards."""
    started: list[Controller] = []

    def begin(**more: Any) -> Controller:
        started.append(mail_server(kept, **more))
        return started[-1]

    yield begin
    for each in started:
        if each._thread is not None:
            each.stop()


def mailer(port: int, **more: Any) -> SmtpMailer:
    """Make a mailer for a port of loopback."""
    told: dict[str, Any] = {"security": "none", "sender": SENDER, "timeout_seconds": 3.0}
    return SmtpMailer(MailServer("127.0.0.1", port, **(told | more)), lambda: NOW)


def refusal(sends: SmtpMailer, letter: Letter = LETTER) -> tuple[str, bool, bool]:
    """Send a letter that does not arrive; say why, whether later it may, and whether that is unclear."""
    with pytest.raises(NotDelivered) as caught:
        sends.send(letter)
    return caught.value.problem, caught.value.retry, caught.value.unclear


def test_a_letter_arrives_whole_over_starttls_with_an_account(
    kept: Kept, start: Callable[..., Controller], tmp_path: Path
) -> None:
    serving, trusting = certificate(tmp_path)
    port = start(tls=serving).port
    sends = mailer(port, security="starttls", user=USER, password=PASSWORD, trusted=trusting)
    sends.send(LETTER)
    sends.close()
    ((sender, readers, _),) = kept.letters
    assert (sender, readers) == ("wizyty@example.org", ["ganna@example.net"])
    (message,) = kept.messages()
    assert message["Subject"] == LETTER.subject
    assert message["From"] == "Urząd Wojewódzki <wizyty@example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == NOW
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().replace("\r\n", "\n") == LETTER.text
    assert html.get_content().strip() == LETTER.html
    (pdf,) = message.iter_attachments()
    assert (pdf.get_filename(), pdf.get_content()) == ("confirmation.pdf", LETTER.attachments[0].body)


def test_a_letter_arrives_over_tls_from_the_first_byte(
    kept: Kept, start: Callable[..., Controller], tmp_path: Path
) -> None:
    serving, trusting = certificate(tmp_path)
    port = start(ssl_context=serving).port
    sends = mailer(port, security="tls", trusted=trusting)
    sends.send(LETTER)
    sends.close()
    assert len(kept.letters) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for_ends_it_before_a_word_is_said(
    kept: Kept, start: Callable[..., Controller], tmp_path: Path, security: str
) -> None:
    serving, _ = certificate(tmp_path)
    more = {"tls": serving} if security == "starttls" else {"ssl_context": serving}
    assert refusal(mailer(start(**more).port, security=security)) == ("certificate", True, False)
    assert kept.letters == []


def test_a_server_without_starttls_gets_no_letter_in_clear(
    kept: Kept, start: Callable[..., Controller]
) -> None:
    assert refusal(mailer(start().port, security="starttls")) == ("not_supported", True, False)
    assert kept.letters == []


def test_a_wrong_password_is_the_offices_fault_and_not_the_letters(
    start: Callable[..., Controller], tmp_path: Path
) -> None:
    serving, trusting = certificate(tmp_path)
    port = start(tls=serving).port
    sends = mailer(port, security="starttls", user=USER, password="wrong", trusted=trusting)
    assert refusal(sends) == ("log_in_refused", True, False)


def test_nobody_there_is_for_later(start: Callable[..., Controller]) -> None:
    controller = start()
    controller.stop()
    assert refusal(mailer(controller.port)) == ("no_connection", True, False)


@pytest.mark.parametrize(
    ("command", "reply", "told"),
    [
        ("MAIL", "450 busy", ("sender_refused_450", True, False)),
        ("MAIL", "550 not from you", ("sender_refused_550", True, False)),
        ("RCPT", "450 try later", ("address_refused_450", True, False)),
        ("RCPT", "550 no such user", ("address_refused_550", False, False)),
        ("DATA", "452 no space", ("letter_refused_452", True, False)),
        ("DATA", "554 looks like spam", ("letter_refused_554", False, False)),
    ],
)
def test_a_no_for_now_is_told_from_a_no_for_good(
    kept: Kept, start: Callable[..., Controller], command: str, reply: str, told: tuple[str, bool, bool]
) -> None:
    kept.replies[command] = reply
    assert refusal(mailer(start().port)) == told


def test_a_line_that_breaks_after_the_letter_leaves_it_unclear(
    kept: Kept, start: Callable[..., Controller]
) -> None:
    kept.breaks = True
    assert refusal(mailer(start().port)) == ("broken_line", False, True)
    assert len(kept.letters) == 1


def test_letters_close_together_share_a_connection_and_a_dead_one_is_replaced(
    kept: Kept, start: Callable[..., Controller]
) -> None:
    controller = start()
    sends = mailer(controller.port)
    for place in range(3):
        sends.send(replace(LETTER, key=str(place)))
    assert len(kept.letters) == 3
    assert len(sends._kept) == 1
    controller.stop()
    start(port=controller.port)
    sends.send(LETTER)
    sends.close()
    assert len(kept.letters) == 4


def test_the_same_message_has_the_same_id_and_another_another(kept: Kept) -> None:
    one, again, other = (compose(replace(LETTER, key=key), SENDER, NOW)["Message-ID"] for key in "aab")
    assert one == again
    assert one != other
    assert one.endswith("@example.org>")


@pytest.mark.parametrize(
    "hostile",
    [
        "a\r\nBcc: all@example.org",
        "a\nBcc: all@example.org",
        "a\r\n\r\n<script>",
        "a\x00b",
        "a\x85Bcc: x@example.org",
        "a\u2028Bcc: x@example.org",
        "=?utf-8?q?a=0D=0ABcc:_x@example.org?=",
        "\u202eevil",
        "x" * 10_000,
        "😀" * 300,
    ],
)
def test_no_subject_or_text_becomes_a_header(kept: Kept, hostile: str) -> None:
    letter = replace(LETTER, subject=hostile, text=hostile, html=hostile)
    raw = compose(letter, SENDER, NOW).as_bytes()
    head = raw.partition(b"\r\n\r\n")[0]
    read = email.message_from_bytes(raw, policy=policy.default)
    assert read["Bcc"] is None
    assert sorted(read.keys()) == sorted(compose(LETTER, SENDER, NOW).keys())
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert b"\n" not in head.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    "hostile",
    [
        "a@example.org\r\nBcc: b@example.org",
        "a@example.org, b@example.org",
        "a@example.org\r\nRCPT TO:<b@example.org>",
        "<a@example.org>",
        '"a b"@example.org',
        "nobody",
        "@example.org",
        "a@",
        "",
        "a@b@c",
        "=?utf-8?q?a=0D=0ABcc:_x?=@example.org",
        "a..b@example.org",
        "a@exa mple.org",
        "a@" + "x" * 300 + ".org",
        "a\x00@example.org",
        "a@[127.0.0.1]",
    ],
)
def test_what_is_no_address_goes_nowhere(kept: Kept, start: Callable[..., Controller], hostile: str) -> None:
    assert refusal(mailer(start().port), replace(LETTER, to=hostile)) == ("no_address", False, False)
    assert kept.letters == []


def test_an_address_in_another_script_goes_where_servers_know_it(
    kept: Kept, start: Callable[..., Controller]
) -> None:
    port = start().port
    sends = mailer(port)
    sends.send(replace(LETTER, to="ganna@пошта.укр"))
    sends.send(replace(LETTER, to="ганна@пошта.укр"))
    sends.close()
    assert [readers for _, readers, _ in kept.letters] == [
        ["ganna@xn--80a1acn3a.xn--j1amh"],
        ["ганна@xn--80a1acn3a.xn--j1amh"],
    ]


def test_in_trials_letters_become_files_that_a_mail_program_opens(tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    FolderMailer(folder, SENDER, lambda: NOW).send(LETTER)
    (file,) = folder.iterdir()
    assert (file.suffix, file.stat().st_mode & 0o777) == (".eml", 0o600)
    read = email.message_from_bytes(file.read_bytes(), policy=policy.default)
    assert (read["To"], read["Subject"]) == (LETTER.to, LETTER.subject)


def test_a_folder_that_cannot_be_written_is_for_later(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("no folder")
    with pytest.raises(NotDelivered) as caught:
        FolderMailer(tmp_path / "mail", SENDER, lambda: NOW).send(LETTER)
    assert (caught.value.problem, caught.value.retry) == ("folder", True)
