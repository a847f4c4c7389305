"""`numerek dev`: the demo's server on loopback, started again whenever a file of the server changes."""

from __future__ import annotations

import argparse
import logging
import os
import socket
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from uvicorn import Config
from uvicorn.supervisors.statreload import StatReload

ROOT = Path(__file__).resolve().parents[1]
WATCHED_FOLDERS = ("server", "wire", "printers", "deploy/demo")
WATCHED_SUFFIXES = frozenset({".py", ".html", ".txt", ".xml", ".po", ".toml", ".css", ".js", ".svg"})
FIRST_PORT = 8080
_LOOK_SECONDS = 0.25

log = logging.getLogger("numerek.dev")


class Reloader(StatReload):
    """Uvicorn's reloader, which also watches templates, translations, styles and scripts."""

    def iter_py_files(self) -> Iterator[Path]:
        """List the files whose change starts the server again."""
        return (file for folder in self.config.reload_dirs for file in watched_files(folder))


def main(arguments: list[str]) -> int:
    """Serve until Ctrl+C or SIGTERM; return 1 when the port is taken."""
    chosen = _parser().parse_args(arguments)
    if _is_taken(chosen.port):
        print(f"numerek dev: port {chosen.port} is taken", file=sys.stderr)
        return 1
    os.umask(0o077)  # the database beside the key holds people, sample or not
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    Reloader(_config(), _server(chosen.data.absolute(), chosen.port), []).run()
    return 0


def watched_files(folder: Path) -> Iterator[Path]:
    """List the files below a folder that the server reads when it starts."""
    return (file for file in folder.rglob("*") if file.suffix in WATCHED_SUFFIXES)


def serve(data: Path, port: int, sockets: list[socket.socket] | None = None) -> None:
    """Serve once, in a process of its own: bring the translations up to date, then open the demo's server."""
    # Everything of the server is imported here, so that the parent never holds old code.
    from deploy.demo.serve import demo_settings, serve_only
    from server.run import set_up_logging

    compile_translations()
    set_up_logging(demo_settings(data, port, f"http://127.0.0.1:{port}"))
    serve_only(data, port, None, _say_ready)


def compile_translations() -> None:
    """Compile each language whose .po file is newer than its .mo file."""
    from deploy.texts.collecting import DOMAINS, compiled, mo_file, po_file, translated

    for domain, language in [(each, language) for each in DOMAINS for language in translated(each)]:
        made = mo_file(language, domain)
        if not made.exists() or made.stat().st_mtime_ns < po_file(language, domain).stat().st_mtime_ns:
            made.write_bytes(compiled(language, domain))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="numerek dev", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("demo-data"), help="folder of the demo's data")
    parser.add_argument("--port", type=int, default=FIRST_PORT, help=f"port on loopback ({FIRST_PORT})")
    return parser


def _config() -> Config:
    return Config(
        "server.run",  # only a name for uvicorn's log: `serve` puts the application together
        reload=True,
        reload_delay=_LOOK_SECONDS,
        reload_dirs=[str(ROOT / folder) for folder in WATCHED_FOLDERS],
        log_config=None,
    )


def _server(data: Path, port: int) -> Callable[..., None]:
    return partial(serve, data, port)


def _is_taken(port: int) -> bool:
    try:
        with socket.create_server(("127.0.0.1", port)):
            return False
    except OSError:
        return True


def _say_ready(port: int) -> None:
    print(f"ready on http://127.0.0.1:{port}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
