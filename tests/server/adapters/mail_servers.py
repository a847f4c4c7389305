"""A real mail server on loopback that keeps what it is sent, and can be told to be unwilling."""

from __future__ import annotations

import email
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from server.adapters.mail import MailServer, SmtpMailer

USER, PASSWORD = "numerek", "a long password of the mail server"


@dataclass
class Kept:
    """What came, and what is answered: `replies` by command, `breaks_after` counts letters swallowed silently."""

    letters: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    replies: dict[str, str] = field(default_factory=dict)
    breaks: bool = False

    async def handle_MAIL(
        self, _server: Any, _session: Any, envelope: Any, who: str, options: list[str]
    ) -> str:
        """Take a sender."""
        if "MAIL" in self.replies:
            return self.replies["MAIL"]
        envelope.mail_from = who
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, who: str, _options: Any) -> str:
        """Take a reader."""
        if "RCPT" in self.replies:
            return self.replies["RCPT"]
        envelope.rcpt_tos.append(who)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:
        """Take a letter; where the line breaks, it is taken, and the answer never comes."""
        if "DATA" in self.replies:
            return self.replies["DATA"]
        self.letters.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        if self.breaks:
            server.transport.abort()
        return "250 OK"

    def messages(self) -> list[EmailMessage]:
        """Read what came."""
        return [email.message_from_bytes(body, policy=policy.default) for _, _, body in self.letters]  # type: ignore[misc]


def mail_server(kept: Kept, port: int = 0, tls: ssl.SSLContext | None = None, **more: Any) -> Controller:
    """Start a mail server; with a context it wants STARTTLS, then the account."""
    if tls is not None:
        more |= {
            "tls_context": tls,
            "require_starttls": True,
            "auth_required": True,
            "authenticator": _authenticate,
        }
    controller = _OnAnyPort(kept, "127.0.0.1", port, enable_SMTPUTF8=True, **more)
    controller.start()
    return controller


@contextmanager
def mailbox(now: datetime) -> Iterator[tuple[Kept, SmtpMailer]]:
    """Give what a mail server keeps, with the product's line to it."""
    kept = Kept()
    server = mail_server(kept)
    where = MailServer(
        "127.0.0.1", server.port, "none", Address("Urząd", "wizyty", "example.org"), timeout_seconds=20
    )
    mailer = SmtpMailer(where, lambda: now)
    try:
        yield kept, mailer
    finally:
        mailer.close()
        server.stop()


class _OnAnyPort(Controller):
    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def _authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (
        USER.encode(),
        PASSWORD.encode(),
    )
    return AuthResult(success=good, handled=False)
