"""What config.toml may say: how each program of a machine starts, its devices and its files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationError, model_validator

from wire.config_file import ConfigError, explain, read_tables
from wire.setting_kinds import (
    CONFIG_VARIABLE,
    DEFAULT_CONFIG,
    ITS_DEFAULTS,
    AddedText,
    Count,
    File,
    Hour,
    Network,
    OptionalFile,
    Percent,
    PrinterDevice,
    Seconds,
    SecretText,
    Table,
    TextKind,
    WebAddress,
    paper_width,
)


class ServerSettings(Table):
    """[server]"""

    listen: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    public_url: WebAddress = "http://127.0.0.1:8080"
    data_dir: File = Path("data")
    database_url: SecretText = ""
    session_database_url: SecretText = ""
    read_database_url: SecretText = ""
    read_lag_seconds: Seconds = 5
    secrets_file: File = Path("data/numerek.key")
    trusted_proxies: Annotated[tuple[Network, ...], Field(strict=False)] = ()
    max_body_bytes: Annotated[int, Field(ge=1024, le=16_777_216)] = 65536
    request_seconds: Seconds = 10
    max_waiting_writes: Count = 1000
    max_streams: Count = 2000
    max_streams_each: Count = 8
    max_phones: Count = 5000
    stop_seconds: Seconds = 5


class PortalSettings(Table):
    """[portal]: the booking pages."""

    enabled: bool = True
    terms_version: Annotated[str, Field(pattern=r"^[0-9A-Za-z.-]{1,20}$")] = "2026-12"
    challenge_cost: Annotated[int, Field(ge=1_000, le=1_000_000)] = 5_000
    limits_store: SecretText = ""
    requests_per_minute: Count = 300
    newcomers_per_ten_minutes: Count = 2_500
    block_requests_per_minute: Count = 30_000
    admit_per_second: Annotated[int, Field(ge=0, le=10_000)] = 0
    turn_kept_minutes: Annotated[int, Field(ge=1, le=120)] = 10
    country_file: OptionalFile = None
    allowed_networks: Annotated[tuple[Network, ...], Field(strict=False)] = ()
    session_idle_minutes: Annotated[int, Field(ge=5, le=1440)] = 30
    session_hours: Annotated[int, Field(ge=1, le=168)] = 12


class StaffSettings(Table):
    """[staff]: the pages of the staff."""

    enabled: bool = True
    networks: Annotated[tuple[Network, ...], Field(strict=False)] = ()
    second_factor: bool = True
    session_idle_minutes: Annotated[int, Field(ge=5, le=1440)] = 60
    session_hours: Annotated[int, Field(ge=1, le=24)] = 12


class MetricsSettings(Table):
    """[metrics]: what a monitoring system reads at /metrics."""

    networks: Annotated[tuple[Network, ...], Field(strict=False)] = ("127.0.0.0/8", "::1/128")


class TracesSettings(Table):
    """[traces]: where spans of requests go (OpenTelemetry)."""

    endpoint: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = ""
    percent: Percent = 100


Megabytes = Annotated[int, Field(ge=0, le=1_000_000)]


class ReadinessSettings(Table):
    """[readiness]: from when /readyz warns of what is behind, late or full."""

    lag_seconds: Seconds = 30
    disk_low_mb: Megabytes = 2_000
    disk_full_mb: Megabytes = 20
    outbox_minutes: Annotated[int, Field(ge=1, le=1440)] = 15


class MailSettings(Table):
    """[mail]: how letters leave; a folder takes them in trials."""

    host: str = ""
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password_file: OptionalFile = None
    sender: str = ""
    folder: OptionalFile = None
    timeout_seconds: Seconds = 20


class SmsSettings(Table):
    """[sms]: a gateway that takes HTTP; a folder takes the messages in trials."""

    url: str = ""
    method: Literal["POST", "GET"] = "POST"
    body: str = '{"to": "{to}", "text": "{text}"}'
    content_type: str = "application/json"
    token_file: OptionalFile = None
    auth_header: Annotated[str, Field(pattern=r"^[A-Za-z-]{1,40}$")] = "Authorization"
    auth_prefix: str = "Bearer "
    folder: OptionalFile = None
    timeout_seconds: Seconds = 20


class WebhookSettings(Table):
    """[webhooks]: how programs of others are told what happens."""

    networks: Annotated[tuple[Network, ...], Field(strict=False)] = ()
    timeout_seconds: Annotated[int, Field(ge=1, le=60)] = 10


class PrinterSettings(Table):
    """[counter.printer] and [kiosk.second_printer]; the fields are those of the printers room."""

    device: PrinterDevice = ""
    profile: Annotated[str, Field(min_length=1)] = "default"
    width_dots: Annotated[int, AfterValidator(paper_width)] = 0
    completion: Literal["auto", "report", "status", "none"] = "auto"
    cut: Literal["full", "part", "none"] = "part"
    text: TextKind = "auto"
    native_qr: bool = False
    logo: OptionalFile = None
    free_lines: Annotated[tuple[str, ...], Field(strict=False)] = ()


class KioskPrinterSettings(PrinterSettings):
    """[kiosk.printer]: a kiosk without any printer set prints on the virtual one."""

    device: PrinterDevice = "virtual:"
    roll_metres: Annotated[int, Field(ge=0, le=1000)] = 80
    roll_warning_metres: Annotated[int, Field(ge=0, le=100)] = 10


class ScannerSettings(Table):
    """[kiosk.scanner]"""

    wedge: bool = True
    serial: str = ""
    baud: Annotated[int, Field(ge=300, le=4_000_000)] = 9600
    prefix: AddedText = ""
    suffix: AddedText = ""
    gap_ms: Annotated[int, Field(ge=20, le=300)] = 60
    unfinished_ms: Annotated[int, Field(ge=100, le=2000)] = 300
    camera: str = ""
    rung_rest_seconds: Annotated[int, Field(ge=0, le=3600)] = 60
    images: OptionalFile = None


class KioskSettings(Table):
    """[kiosk]"""

    server_url: WebAddress = "http://127.0.0.1:8080"
    token_file: File = Path("data/kiosk.token")
    full_screen: bool = True
    idle_seconds: Annotated[int, Field(ge=25, le=3600)] = 60
    touch_pause_ms: Annotated[int, Field(ge=0, le=2000)] = 400
    panel_width_mm: Annotated[int, Field(ge=0, le=3000)] = 0
    panel_bottom_mm: Annotated[int, Field(ge=0, le=2000)] = 700
    headset: str = ""
    offline_list_every: Annotated[int, Field(ge=0, le=1000)] = 10
    line_port: Annotated[int, Field(ge=0, le=65535)] = 0
    printer: KioskPrinterSettings = Field(default=ITS_DEFAULTS)
    second_printer: PrinterSettings = Field(default=ITS_DEFAULTS)
    scanner: ScannerSettings = Field(default=ITS_DEFAULTS)


class VolumeByHour(Table):
    """A row of board.voice.volume_by_hour: the volume from one hour until another, also over midnight."""

    from_: Hour = Field(alias="from")
    until: Hour
    volume: Percent


class VoiceSettings(Table):
    """[board.voice]"""

    enabled: bool = True
    times: Annotated[int, Field(ge=1, le=3)] = 2
    volume: Percent = 100
    volume_by_hour: Annotated[tuple[VolumeByHour, ...], Field(strict=False)] = ()
    recalled_after_seconds: Seconds = 60


class WayToCounters(Table):
    """A row of board.ways: which way it is from the screen to some counters."""

    counters: Annotated[tuple[Count, ...], Field(strict=False)]
    way: Literal["left", "right", "ahead", "back", "ahead_left", "ahead_right"]


class MediaPiece(Table):
    """A row of board.media: a picture, a silent video or a text, in its hours (the same hour twice: always)."""

    file: OptionalFile = None
    text: str = ""
    seconds: Annotated[int, Field(ge=3, le=3600)] = 15
    from_: Hour = Field(alias="from", default=time(0))
    until: Hour = time(0)

    @model_validator(mode="after")
    def _is_one(self) -> MediaPiece:
        if (self.file is None) == (not self.text):
            raise ValueError("should have either a file or a text")
        return self


class BoardSettings(Table):
    """[board]"""

    server_url: WebAddress = "http://127.0.0.1:8080"
    token_file: File = Path("data/board.token")
    full_screen: bool = True
    layout: Literal["auto", "landscape", "portrait"] = "auto"
    halls: Annotated[tuple[str, ...], Field(strict=False, max_length=3)] = ()
    ways: Annotated[tuple[WayToCounters, ...], Field(strict=False)] = ()
    media: Annotated[tuple[MediaPiece, ...], Field(strict=False)] = ()
    chime: bool = True
    voice: VoiceSettings = Field(default=ITS_DEFAULTS)


class CounterSettings(Table):
    """[counter]"""

    server_url: WebAddress = "http://127.0.0.1:8080"
    token_file: File = Path("data/counter.token")
    full_screen: bool = False
    mini_bar: bool = False
    key_pause_ms: Annotated[int, Field(ge=0, le=5000)] = 700
    kiosk_lines: Annotated[tuple[WebAddress, ...], Field(strict=False, max_length=8)] = ()
    printer: PrinterSettings = Field(default=ITS_DEFAULTS)


class SpeechVoices(Table):
    """[speech.voices]: files of neural voices."""

    pl: OptionalFile = None
    en: OptionalFile = None
    uk: OptionalFile = None
    ru: OptionalFile = None
    be: OptionalFile = None
    vi: OptionalFile = None
    ar: OptionalFile = None
    ka: OptionalFile = None


class SpeechSettings(Table):
    """[speech]: with which voices the programs of this machine speak; a folder takes it in trials."""

    piper: Annotated[str, Field(min_length=1)] = "piper"
    folder: OptionalFile = None
    voices: SpeechVoices = Field(default=ITS_DEFAULTS)


class LogSettings(Table):
    """[log]"""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "json"


class Settings(Table):
    """All of config.toml."""

    server: ServerSettings = Field(default=ITS_DEFAULTS)
    portal: PortalSettings = Field(default=ITS_DEFAULTS)
    staff: StaffSettings = Field(default=ITS_DEFAULTS)
    metrics: MetricsSettings = Field(default=ITS_DEFAULTS)
    traces: TracesSettings = Field(default=ITS_DEFAULTS)
    readiness: ReadinessSettings = Field(default=ITS_DEFAULTS)
    mail: MailSettings = Field(default=ITS_DEFAULTS)
    sms: SmsSettings = Field(default=ITS_DEFAULTS)
    webhooks: WebhookSettings = Field(default=ITS_DEFAULTS)
    kiosk: KioskSettings = Field(default=ITS_DEFAULTS)
    board: BoardSettings = Field(default=ITS_DEFAULTS)
    counter: CounterSettings = Field(default=ITS_DEFAULTS)
    speech: SpeechSettings = Field(default=ITS_DEFAULTS)
    log: LogSettings = Field(default=ITS_DEFAULTS)


def load_settings(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Read the settings from a file, every missing one by its default.

    Without a path the file is the one that NUMEREK_CONFIG in environ names, else config.toml beside the programs
    or, where there is none, in the user's own folder of settings; it may be absent. Relative paths in it are
    relative to its folder.
    Raises ConfigError, whose text is one sentence for the operator, with the place and what may be meant.
    """
    named = path or (Path(environ[CONFIG_VARIABLE]) if environ.get(CONFIG_VARIABLE) else None)
    file = (named or DEFAULT_CONFIG).absolute()
    if named is None and not file.exists():
        return Settings()
    text, tables = read_tables(file)
    try:
        return Settings.model_validate(tables, context={"folder": file.parent})
    except ValidationError as error:
        raise ConfigError(explain(file, text, error, setting_names())) from error


def setting_names(table: type[Table] = Settings, prefix: str = "") -> list[str]:
    """List every setting by its dotted name, such as kiosk.printer.cut."""
    names = []
    for name, field in table.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Table):
            names += setting_names(kind, f"{prefix}{name}.")
        else:
            names.append(prefix + name)
    return names
