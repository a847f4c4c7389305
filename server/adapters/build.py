"""Builds the outside world from the settings: what is not set up is None, and its messages wait."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from email.headerregistry import Address
from email.utils import parseaddr
from pathlib import Path

from server.adapters.challenges import AltchaChallenges, Spend
from server.adapters.countries import CountryFileError, open_countries
from server.adapters.day_player import DayPlayer
from server.adapters.mail import FolderMailer, MailServer, SmtpMailer
from server.adapters.papers import OfficePapers
from server.adapters.plots import PlotRenderer
from server.adapters.sms import FolderTexter, Gateway, GatewayTexter
from server.adapters.webhooks import HttpWebhooks
from server.domain.messages.addresses import ascii_domain
from server.services.ports import Countries, Mailer, Outside, Texter
from wire.config_file import ConfigError
from wire.settings import MailSettings, Settings, SmsSettings
from wire.systemd import others_read

_TRIAL_SENDER = "Numerek <numerek@localhost.localdomain>"


def build(
    settings: Settings,
    now: Callable[[], datetime],
    secrets_of: Callable[[str], Sequence[bytes]],
    spend: Spend,
) -> Outside:
    """Build the outside world.

    `now` is the office's clock, `secrets_of` gives the keys for a purpose, `spend` keeps what may be used once.
    Raises ConfigError for a setting or a file that cannot be.
    """
    cost = settings.portal.challenge_cost
    return Outside(
        papers=OfficePapers(),
        plots=PlotRenderer(),
        simulations=DayPlayer(),
        countries=_countries(settings.portal.country_file),
        challenges=AltchaChallenges(lambda: secrets_of("challenges"), cost, spend),
        mailer=mailer(settings.mail, now),
        texter=texter(settings.sms, now),
        webhooks=HttpWebhooks(settings.webhooks.networks, settings.webhooks.timeout_seconds),
    )


def mailer(own: MailSettings, now: Callable[[], datetime]) -> Mailer | None:
    """Return what sends letters, None where nothing is set. Raises ConfigError."""
    if own.folder is not None:
        return FolderMailer(own.folder, _sender(own.sender or _TRIAL_SENDER), now)
    if not own.host:
        return None
    if not own.sender:
        raise ConfigError("config.toml: 'mail.sender' is needed: from whom letters come.")
    password = read_secret(own.password_file, "mail.password_file") if own.password_file else ""
    server = MailServer(
        own.host, own.port, own.security, _sender(own.sender), own.user, password, own.timeout_seconds
    )
    return SmtpMailer(server, now)


def texter(own: SmsSettings, now: Callable[[], datetime]) -> Texter | None:
    """Return what sends text messages, None where nothing is set. Raises ConfigError."""
    if own.folder is not None:
        return FolderTexter(own.folder, now)
    if not own.url:
        return None
    headers = {}
    if own.token_file is not None:
        headers[own.auth_header] = own.auth_prefix + read_secret(own.token_file, "sms.token_file")
    try:
        gateway = Gateway(own.url, own.method, own.body, own.content_type, headers, own.timeout_seconds)
    except ValueError as error:
        raise ConfigError(f"config.toml: {error}.") from None
    return GatewayTexter(gateway)


def read_secret(file: Path, setting: str) -> str:
    """Read a password or a token from a file that nobody else can read. Raises ConfigError."""
    try:
        if others_read(file):
            raise ConfigError(f"config.toml: '{setting}': others can read {file}; chmod 600 it.")
        text = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or "no text"
        raise ConfigError(f"config.toml: '{setting}': {file}: {why}.") from None
    if not text or not text.isascii() or not text.isprintable():
        raise ConfigError(f"config.toml: '{setting}': {file} should hold one line of ASCII.")
    return text


def _sender(text: str) -> Address:
    name, spec = parseaddr(text)
    try:
        if not text.isprintable() or "@" not in spec:
            raise ValueError
        user, _, domain = spec.rpartition("@")
        return Address(name, user, ascii_domain(domain))
    except (ValueError, IndexError):
        raise ConfigError(
            "config.toml: 'mail.sender' should be such as 'Urząd <wizyty@example.org>'."
        ) from None


def _countries(file: Path | None) -> Countries:
    try:
        return open_countries(file)
    except CountryFileError as error:
        raise ConfigError(f"config.toml: 'portal.country_file': {error}") from None
