"""Letters by SMTP (RFC 5321), with the folder beside it that takes them in trials."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path
from typing import Literal

from server.adapters.trial_folder import put_into
from server.domain.messages.addresses import split_address
from server.services.ports import Letter, NotDelivered

# A connection is kept for the next letter: of four hundred at once each would pay for TLS and log-in.
_KEPT_SECONDS = 5.0
_MOST_KEPT = 4
_OK, _GO_ON = 250, 354
_DOTS = re.compile(rb"(?m)^\.")


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where letters are handed over, and as whom; the certificate is verified unless `security` is none."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    sender: Address
    user: str = ""
    password: str = ""
    timeout_seconds: float = 20.0
    trusted: ssl.SSLContext | None = None


class SmtpMailer:
    """Hands letters to a mail server, and knows of each whether it was taken."""

    def __init__(self, server: MailServer, now: Callable[[], datetime]) -> None:
        self._server, self._now = server, now
        self._lock = threading.Lock()
        self._kept: list[tuple[float, smtplib.SMTP]] = []

    def send(self, letter: Letter) -> None:
        """Send a letter. Raises NotDelivered; what was refused for good, and what may have arrived, is told."""
        message = compose(letter, self._server.sender, self._now())
        to = envelope_address(letter.to)
        connection = self._connection()
        try:
            self._hand_over(connection, message, to)
        except NotDelivered:
            connection.close()
            raise
        with self._lock:
            self._kept.append((time.monotonic(), connection))
            spare = [self._kept.pop(0)[1] for _ in range(len(self._kept) - _MOST_KEPT)]
        for each in spare:
            each.close()

    def close(self) -> None:
        """Close politely what is kept open (QUIT)."""
        with self._lock:
            kept, self._kept = self._kept, []
        for _, connection in kept:
            with suppress(OSError, smtplib.SMTPException):
                connection.quit()

    def _connection(self) -> smtplib.SMTP:
        """Return a usable connection: the one kept from the last letter, or a new one."""
        while True:
            with self._lock:
                if not self._kept:
                    break
                since, kept = self._kept.pop()
            with suppress(OSError, smtplib.SMTPException):
                if time.monotonic() - since < _KEPT_SECONDS and kept.noop()[0] == _OK:
                    return kept
            kept.close()
        return _connected(self._server)

    def _hand_over(self, connection: smtplib.SMTP, message: EmailMessage, to: str) -> None:
        content = _DOTS.sub(b"..", message.as_bytes())
        try:
            self._begin(connection, to)
            connection.send(content if content.endswith(b"\r\n") else content + b"\r\n")
        except (OSError, smtplib.SMTPException) as broken:
            raise NotDelivered(_line_problem(broken), retry=True) from None
        # From the full stop on the server may have the letter, whatever we hear of it.
        try:
            connection.send(b".\r\n")
            code = connection.getreply()[0]
        except (OSError, smtplib.SMTPException):
            raise NotDelivered("broken_line", retry=False, unclear=True) from None
        _accepted(code, "letter_refused")

    def _begin(self, connection: smtplib.SMTP, to: str) -> None:
        """Name sender and reader, and announce the letter."""
        options = () if to.isascii() else ("SMTPUTF8",)
        if options and not connection.has_extn("smtputf8"):
            raise NotDelivered("address_needs_utf8", retry=False)
        if options:
            connection.command_encoding = "utf-8"
        # The office's own address or account is wrong: to be mended here, and no fault of the letter.
        _accepted(connection.mail(self._server.sender.addr_spec, options)[0], "sender_refused", retry=True)
        _accepted(connection.rcpt(to)[0], "address_refused")
        code = connection.docmd("DATA")[0]
        if code != _GO_ON:
            _accepted(code, "letter_refused")
            raise NotDelivered(f"letter_refused_{code}", retry=True)


class FolderMailer:
    """The dummy beside it: letters become .eml files, which any mail program opens."""

    def __init__(self, folder: Path, sender: Address, now: Callable[[], datetime]) -> None:
        self._folder, self._sender, self._now = folder, sender, now

    def send(self, letter: Letter) -> None:
        """Put a letter into the folder."""
        message = compose(letter, self._sender, self._now())
        put_into(self._folder, self._now(), letter.key, ".eml", message.as_bytes())

    def close(self) -> None:
        """Do nothing: nothing is kept open."""


def compose(letter: Letter, sender: Address, now: datetime) -> EmailMessage:
    """Write a letter as a message: text and HTML beside each other, then the attachments.

    Nothing in it can become a header of its own: line breaks of a subject are spaces, and an address that is none
    is refused. Raises NotDelivered.
    """
    to = address(letter.to)
    # Quoted-printable: every server takes it, and no line becomes too long.
    message = EmailMessage(policy.SMTP if to.username.isascii() else policy.SMTPUTF8)
    message["From"] = sender
    message["To"] = to
    if letter.reply_to:
        message["Reply-To"] = address(letter.reply_to)
    message["Subject"] = one_line(letter.subject)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{sha256(letter.key.encode()).hexdigest()[:40]}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    for each in letter.attachments:
        kind, _, parameters = each.kind.partition(";")
        maintype, _, subtype = kind.partition("/")
        named = dict(part.strip().split("=", 1) for part in parameters.split(";") if part.strip())
        message.add_attachment(each.body, maintype, subtype, filename=each.name, params=named or None)
    # Last: what stands here before would have become the first part's own.
    message["Content-Language"] = letter.language
    return message


def address(text: str) -> Address:
    """Read an e-mail address: plain, without a name or quotes. Raises NotDelivered for what is none."""
    try:
        user, domain = split_address(text)
    except ValueError:
        raise NotDelivered("no_address", retry=False) from None
    return Address(username=user, domain=domain)


def envelope_address(text: str) -> str:
    """Return an address as the mail server is told it."""
    return address(text).addr_spec


def one_line(text: str) -> str:
    """Return a text as a header takes it: one line, in which nothing is decoded into more than it shows."""
    visible = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(visible.replace("=?", "= ?").split())


def _connected(server: MailServer) -> smtplib.SMTP:
    """Connect, secure the line and log in. Raises NotDelivered: all of it may be better later."""
    connection: smtplib.SMTP | None = None
    try:
        connection = _open(server, server.trusted or ssl.create_default_context())
        if server.user:
            connection.login(server.user, server.password)
        # The full stop goes out alone: it would wait 40 ms for the letter before it to be acknowledged.
        assert connection.sock is not None
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        if connection is not None:
            connection.close()
        raise NotDelivered(_line_problem(error), retry=True) from None
    return connection


def _open(server: MailServer, trusted: ssl.SSLContext) -> smtplib.SMTP:
    # With a name of ours: the library would ask the network for this machine's, which may take long.
    name, seconds = server.sender.domain, server.timeout_seconds
    connection: smtplib.SMTP
    if server.security == "tls":
        connection = smtplib.SMTP_SSL(server.host, server.port, name, timeout=seconds, context=trusted)
    else:
        connection = smtplib.SMTP(server.host, server.port, name, timeout=seconds)
    try:
        if server.security == "starttls":
            connection.starttls(context=trusted)
        connection.ehlo_or_helo_if_needed()
    except Exception:
        connection.close()
        raise
    return connection


def _accepted(code: int, problem: str, *, retry: bool = False) -> None:
    """Read a reply: 2xx is yes, 5xx no for good, all else no for now. Raises NotDelivered."""
    if not 200 <= code < 300:
        raise NotDelivered(f"{problem}_{code}", retry=retry or not 500 <= code < 600)


def _line_problem(error: Exception) -> str:
    """Say in a word of ours what is wrong with the line; what the server said may name people."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return "certificate"
    if isinstance(error, ssl.SSLError):
        return "tls"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "log_in_refused"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "not_supported"
    if isinstance(error, TimeoutError):
        return "timeout"
    return "no_connection" if isinstance(error, ConnectionError) else "broken_line"
