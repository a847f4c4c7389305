"""`python -m server`: the server from config.toml, until it is told to stop."""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import os
import signal
import sys
from pathlib import Path

from server.admin.failures import failure_sentence
from server.clock import SystemClock
from server.run import serve, set_up_logging
from wire.config_file import ConfigError
from wire.settings import Settings, load_settings
from wire.version import VERSION

_M_ARENA_MAX = -8  # malloc.h


def main(arguments: list[str] | None = None) -> int:
    """Serve; return 0 after an orderly stop, 1 with one sentence for what an operator has to mend."""
    parser = argparse.ArgumentParser(
        prog="numerek server", description="Serves devices, phones and programs."
    )
    parser.add_argument("--version", action="version", version=f"numerek {VERSION}")
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings (default: config.toml)")
    chosen = parser.parse_args(arguments)
    _share_memory()
    os.umask(0o077)  # key, database and what is exported are for this account only
    # Uvicorn stops in good order at the first signal and then raises it again: by then all is put away.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    try:
        settings = load_settings(chosen.config, os.environ)
    except ConfigError as error:
        return _fail(str(error))
    set_up_logging(settings)
    try:
        serve(settings, SystemClock(), lambda port: _tell_ready(settings, port))
    except Exception as error:
        sentence = failure_sentence(error, settings.server)
        if sentence is None:
            raise
        return _fail(sentence)
    return 0


def _share_memory() -> None:
    """Let all threads have memory from two arenas of glibc: each with its own keeps what another could use."""
    with contextlib.suppress(OSError, AttributeError):  # another system, or another libc
        ctypes.CDLL("libc.so.6").mallopt(_M_ARENA_MAX, 2)


def _leave(_number: int, _frame: object) -> None:
    raise SystemExit(0)


def _tell_ready(settings: Settings, port: int) -> None:
    print(f"numerek: ready on {settings.server.listen}, port {port}", flush=True)


def _fail(sentence: str) -> int:
    print(f"numerek: {sentence}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
