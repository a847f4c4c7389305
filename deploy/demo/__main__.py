"""`numerek demo`: a living hall in windows, by itself without a display, on a cluster, or the server alone."""

from __future__ import annotations

import argparse
import errno
import logging
import os
import signal
import sys
from pathlib import Path

from server.clock import ClockError
from server.run import set_up_logging
from server.store.keyring import KeyFileError
from wire.config_file import ConfigError

DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")
FIRST_PORT = 8080
# Qt tells of every sound and video library that it could use and this machine does not have.
QUIET_QT = "qt.multimedia.*=false"


def main(arguments: list[str]) -> int:
    """Run the demo; return the exit code."""
    chosen = _parser().parse_args(arguments)
    if chosen.serve_only:
        return _serve_only(chosen)
    if chosen.cluster:
        from deploy.cluster.story import tell

        return tell()
    os.environ.setdefault("QT_LOGGING_RULES", QUIET_QT)
    if chosen.headless or not any(os.environ.get(name) for name in DISPLAYS):
        return _headless(chosen)
    from deploy.demo.hall import open_hall

    return open_hall(chosen.data, FIRST_PORT if chosen.port is None else chosen.port)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="numerek demo", description=__doc__)
    parser.add_argument("--headless", action="store_true", help="no windows: the story runs by itself")
    parser.add_argument("--out", type=Path, default=Path("out"), help="where --headless leaves what was seen")
    parser.add_argument("--serve-only", action="store_true", help="only the server with the sample branch")
    parser.add_argument(
        "--cluster",
        action="store_true",
        help="three servers on a PostgreSQL cluster, whose primary is killed",
    )
    parser.add_argument(
        "--data", type=Path, default=Path("demo-data"), help="folder for database and demo.json"
    )
    parser.add_argument("--port", type=_port, help=f"the server's port, {FIRST_PORT} if it is free")
    parser.add_argument(
        "--clock", type=Path, help="file with the RFC 3339 instant that the server takes as now"
    )
    return parser


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no port: 0 to 65535")


def _headless(chosen: argparse.Namespace) -> int:
    if not chosen.headless:
        print(f"numerek demo: there is no display, so the story runs by itself and leaves {chosen.out}")
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from deploy.demo.offscreen.story import play

    return play(chosen.out)


def _serve_only(chosen: argparse.Namespace) -> int:
    from deploy.demo.serve import demo_settings, serve_only

    os.umask(0o077)  # the database beside the key holds people, sample or not
    port = FIRST_PORT if chosen.port is None else chosen.port
    set_up_logging(demo_settings(chosen.data, port, f"http://127.0.0.1:{port}"))
    logging.getLogger("numerek.requests").setLevel(logging.WARNING)
    try:
        serve_only(
            chosen.data,
            port,
            chosen.clock,
            lambda port: print(f"ready on http://127.0.0.1:{port}", flush=True),
        )
    except KeyboardInterrupt:
        return 0
    except (ClockError, ConfigError, KeyFileError, OSError) as error:
        taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        print(f"numerek demo: {f'port {port} is taken' if taken else error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    # A shell starts what it puts into the background with SIGINT ignored, and Python leaves that as it is.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    sys.exit(main(sys.argv[1:]))
