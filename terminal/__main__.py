"""`python -m terminal ROLE CODE [--config FILE]`: fetches a device's token with a one-time code, and ends."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from terminal.client import Client
from terminal.clock import ServerClock
from terminal.enrolment import EnrolmentFailed, enrol
from terminal.launch import keep_token
from wire.config_file import ConfigError
from wire.settings import load_settings
from wire.vocabulary import DeviceRole


def main(argv: Sequence[str] | None = None) -> int:
    """Enrol the device; return 0, or 1 with a sentence for the operator."""
    parser = argparse.ArgumentParser(prog="python -m terminal", allow_abbrev=False)
    parser.add_argument("role", type=DeviceRole, choices=list(DeviceRole))
    parser.add_argument("code", help="the one-time code of the page Devices")
    parser.add_argument("--config", type=Path, metavar="FILE", help="the settings, instead of config.toml")
    options = parser.parse_args(argv)
    _loop = QCoreApplication.instance() or QCoreApplication(sys.argv[:1])  # what the client waits in
    try:
        table = getattr(load_settings(options.config, os.environ), options.role.value)
        token = enrol(Client(table.server_url, None, ServerClock()), options.role, options.code)
    except (ConfigError, EnrolmentFailed) as failed:
        print(failed, file=sys.stderr)
        return 1
    keep_token(table.token_file, token)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
