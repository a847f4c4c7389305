"""`numerek admin`: set-up, people, devices, reservations, records and backups from the console."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from server.admin import backups, guard, keys, messages, office, records, release, states
from server.admin.access import devices, people
from server.admin.audit import signing
from server.admin.booking import reservations, slots
from server.admin.failures import failure_sentence
from wire.config_file import ConfigError
from wire.settings import load_settings

_MODULES = (
    office,
    people,
    devices,
    slots,
    release,
    reservations,
    guard,
    messages,
    records,
    signing,
    keys,
    backups,
    states,
)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return 0, 1 with one sentence for what has to be mended, or 2 for a wrong command."""
    chosen = _parser().parse_args(arguments)
    os.umask(0o077)  # key, database and what is exported are for this account only
    try:
        settings = load_settings(chosen.config, os.environ).server
    except ConfigError as error:
        return _fail(str(error))
    try:
        chosen.run(chosen, settings)
    except KeyboardInterrupt:
        return _fail("stopped.")
    except BrokenPipeError:
        sys.stdout = None  # whoever read the output has gone: nothing is left to flush
        return 1
    except Exception as error:
        sentence = failure_sentence(error, settings)
        if sentence is None:
            raise
        return _fail(sentence)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="numerek admin", description="Set-up, people, devices, reservations, records and backups."
    )
    _add_config_to(parser, None)
    commands = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")
    for module in _MODULES:
        module.add_to(commands)
    for command in _leaves(commands):
        _add_config_to(command, argparse.SUPPRESS)
    return parser


def _leaves(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> list[argparse.ArgumentParser]:
    """List the parsers of the commands themselves, so that --config may also stand after them."""
    found = []
    for parser in commands.choices.values():
        deeper = [each for each in parser._actions if isinstance(each, argparse._SubParsersAction)]
        found += [leaf for each in deeper for leaf in _leaves(each)] or [parser]
    return found


def _add_config_to(parser: argparse.ArgumentParser, default: str | None) -> None:
    parser.add_argument(
        "--config", type=Path, default=default, metavar="FILE", help="settings (default: config.toml)"
    )


def _fail(sentence: str) -> int:
    print(f"numerek: {sentence}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
