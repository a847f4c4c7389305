"""`numerek doctor`: one line for each thing and how to mend it; exit code 1 if something is broken."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from deploy.doctor import devices, machine
from deploy.doctor.finding import Finding, Level, broken


def findings(config: Path | None) -> Iterator[Finding]:
    """Look at everything, the machine first; what the settings name only when they can be read."""
    yield machine.look_at_python()
    yield machine.look_at_libraries()
    yield machine.look_at_web_assets(Path(sys.prefix) / "web/site")
    yield machine.look_at_packages()
    yield from machine.look_at_typefaces()
    yield machine.look_at_screen(os.environ)
    yield machine.look_at_clock()
    try:
        # Here, since without the set-up their library is missing, and the doctor must still speak.
        from wire.config_file import ConfigError
        from wire.settings import load_settings
    except ImportError:
        return
    try:
        settings = load_settings(config, os.environ)
    except ConfigError as error:
        yield broken(
            f"the settings: {error}", "mend that line; config.toml of the project holds every setting"
        )
        return
    yield machine.look_at_disk(settings.server.data_dir)
    yield devices.look_at_secrets(settings.server)
    if settings.portal.enabled:
        yield devices.look_at_countries(settings.portal, datetime.now(UTC).date())
    stations = (settings.kiosk, settings.board, settings.counter)
    for url in dict.fromkeys(station.server_url for station in stations):
        tokens = [station.token_file for station in stations if station.server_url == url]
        yield from devices.look_at_server(url, enrolled=any(file.exists() for file in tokens))
    yield devices.look_at_printer("kiosk", settings.kiosk.printer)
    if settings.kiosk.second_printer.device:
        yield devices.look_at_printer("second kiosk", settings.kiosk.second_printer)
    yield devices.look_at_printer("counter", settings.counter.printer)
    yield from devices.look_at_scanners(settings.kiosk.scanner)
    yield from devices.look_at_media(settings.board)
    yield from devices.look_at_voices(settings.speech)


def main() -> int:
    """Print the findings as they come."""
    parser = argparse.ArgumentParser(prog="numerek doctor", allow_abbrev=False)
    parser.add_argument("--config", type=Path, metavar="FILE", help="the settings, instead of config.toml")
    worst = 0
    for finding in findings(parser.parse_args().config):
        print(finding, flush=True)
        worst += finding.level is Level.BROKEN
    print(f"{worst} broken" if worst else "nothing is broken")
    return 1 if worst else 0


if __name__ == "__main__":
    sys.exit(main())
