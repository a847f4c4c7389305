"""The kinds of values that config.toml holds, and what all its tables have in common."""

from __future__ import annotations

import ipaddress
import os
from datetime import datetime, time
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from platformdirs import user_config_path
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic import ValidationInfo as Info

from wire.systemd import CREDENTIALS_VARIABLE

CONFIG_VARIABLE = "NUMEREK_CONFIG"
CREDENTIAL = "credential:"
"""A file so named is one that systemd hands over."""
_BESIDE_THE_PROGRAMS = Path(__file__).resolve().parent.parent / "config.toml"
_OF_A_PERSON = user_config_path("numerek", appauthor=False) / "config.toml"
# Programs that were installed as a wheel have no file beside them: settings and token are their user's own.
DEFAULT_CONFIG = _BESIDE_THE_PROGRAMS if _BESIDE_THE_PROGRAMS.exists() else _OF_A_PERSON
PRINTER_SCHEMES = ("tcp", "serial", "usb", "file", "cups", "virtual")


def _path(value: object, info: Info) -> Path | None:
    """Read a path as relative to the folder of the file it stands in; an empty one is none."""
    if value is None or value == "":
        return None
    if isinstance(value, Path):
        value = str(value)
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("should be a path")
    if value.startswith(CREDENTIAL):
        return _credential(value.removeprefix(CREDENTIAL))
    folder = (info.context or {}).get("folder", DEFAULT_CONFIG.parent)
    return Path(folder, value)


def _credential(name: str) -> Path:
    """Find what systemd hands over by LoadCredential= under a name."""
    folder = os.environ.get(CREDENTIALS_VARIABLE)
    if not folder:
        raise ValueError(f"names a credential, and systemd gave none (LoadCredential={name}:…)")
    if not name or "/" in name or name.startswith("."):
        raise ValueError("should name a credential, such as credential:numerek.key")
    return Path(folder, name)


def _or_credential(value: str) -> str:
    """Read a text that stands in a credential; any other is itself."""
    if not value.startswith(CREDENTIAL):
        return value
    file = _credential(value.removeprefix(CREDENTIAL))
    try:
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeError):
        raise ValueError(f"names a credential that cannot be read ({file.name})") from None


def _needed_path(value: object, info: Info) -> Path:
    path = _path(value, info)
    if path is None:
        raise ValueError("should be a path")
    return path


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("should be an address such as https://numerek.example.org")
    return value.rstrip("/")


def _network(value: str) -> str:
    return str(ipaddress.ip_network(value))


def paper_width(value: int) -> int:
    """Let a paper be 0 or so many dots wide. Raises ValueError."""
    if value and not 200 <= value <= 2000:
        raise ValueError("should be 0 (as the profile says) or between 200 and 2000")
    return value


def _hour(value: object) -> time:
    if isinstance(value, time):
        return value
    try:
        return datetime.strptime(str(value), "%H:%M").time()  # noqa: DTZ007
    except ValueError:
        raise ValueError("should be an hour such as '07:30'") from None


def _printer_device(value: str) -> str:
    if value and value.partition(":")[0] not in PRINTER_SCHEMES:
        raise ValueError("should begin with one of " + ", ".join(f"{name}:" for name in PRINTER_SCHEMES))
    return value


File = Annotated[Path, BeforeValidator(_needed_path)]
SecretText = Annotated[str, AfterValidator(_or_credential)]
OptionalFile = Annotated[Path | None, BeforeValidator(_path)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Network = Annotated[str, AfterValidator(_network)]
# What a scanner adds to each code: it may be typed on any keyboard.
AddedText = Annotated[str, Field(pattern=r"^[ -~]{0,20}$")]
PrinterDevice = Annotated[str, AfterValidator(_printer_device)]
TextKind = Literal["auto", "native", "raster"]
Seconds = Annotated[float, Field(gt=0, le=86400)]
Hour = Annotated[time, BeforeValidator(_hour)]
Percent = Annotated[int, Field(ge=0, le=100)]
Count = Annotated[int, Field(ge=1, le=1_000_000)]


ITS_DEFAULTS: Any = {}  # an empty table of the file, so that a default is validated as if it stood there


class Table(BaseModel):
    """A table of config.toml: fixed once read, without unknown keys, of exact types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, validate_default=True)
