"""`numerek demo`: a living hall in windows, the same hall by itself without a display, or the server alone."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from server.clock import ClockError
from server.run import set_up_logging
from server.store.seal import KeyFileError


def main(arguments: list[str]) -> int:
    """Run the demo; return the exit code."""
    parser = argparse.ArgumentParser(prog="numerek demo", description=__doc__)
    parser.add_argument("--serve-only", action="store_true", help="only the server with the sample branch")
    parser.add_argument(
        "--data", type=Path, default=Path("demo-data"), help="folder for database and demo.json"
    )
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument(
        "--clock", type=Path, help="file with the RFC 3339 instant that the server takes as now"
    )
    chosen = parser.parse_args(arguments)
    from deploy.demo.serve import demo_settings, serve_only

    set_up_logging(demo_settings(chosen.data, chosen.port, f"http://127.0.0.1:{chosen.port}"))
    logging.getLogger("numerek.requests").setLevel(logging.WARNING)
    try:
        serve_only(
            chosen.data,
            chosen.port,
            chosen.clock,
            lambda port: print(f"ready on http://127.0.0.1:{port}", flush=True),
        )
    except (ClockError, KeyFileError, OSError) as error:
        print(f"numerek demo: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
