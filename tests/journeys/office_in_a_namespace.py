"""`python -m tests.journeys.office_in_a_namespace FOLDER PORT URL`: the demo's server, on all networks."""

from __future__ import annotations

import sys
from pathlib import Path

from deploy.demo.serve import demo_settings, prepare
from server.clock import Clock, FileClock, SystemClock
from server.run import serve


def main(folder: Path, port: int, base_url: str) -> None:
    """Fill the folder and serve until it is told to stop; a file `clock` in the folder is its clock."""
    clock_file = folder / "clock"
    clock: Clock = FileClock(clock_file) if clock_file.exists() else SystemClock()
    settings = demo_settings(folder, port, base_url)
    prepare(folder, base_url, settings, clock, past=False)
    own = settings.server.model_copy(update={"listen": "0.0.0.0"})
    serve(settings.model_copy(update={"server": own}), clock, lambda _: print("ready", flush=True))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
