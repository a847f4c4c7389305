"""`numerek bench`: measures what is promised and prints one table, the machine's raw limits in the same run."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from bench import (
    commands,
    country,
    day,
    draws,
    feedback,
    forecasts,
    growth,
    live,
    many_visits,
    migrations,
    one_check_in,
    pages,
    paper,
    patterns,
    phones,
    profile,
    public_feed,
    qr,
    reseal,
    scale,
    screens,
    servers,
    sizes,
    stampede,
    start,
    statistics,
    streams,
    supervisors,
    voice,
    webhooks,
    what_if,
)
from bench.table import Row, bounded, print_table

PARTS: dict[str, Callable[[], list[Row]]] = {
    "start": start.run,
    "commands": commands.run,
    "profile": profile.run,
    "growth": growth.run,
    "sizes": sizes.run,
    "streams": streams.run,
    "phones": phones.run,
    "day": day.run,
    "voice": voice.run,
    "one-check-in": one_check_in.run,
    "pages": pages.run,
    "paper": paper.run,
    "qr": qr.run,
    "qr-faults": qr.run_faults,
    "screens": screens.run,
    "many-calls": many_visits.calls,
    "many-visits": many_visits.visits,
    "patterns": patterns.run,
    "draws": draws.run,
    "forecasts": forecasts.run,
    "stampede": stampede.run,
    "servers": servers.run,
    "country": country.run,
    "scale": scale.run,
    "migrations": migrations.run,
    "reseal": reseal.run,
    "supervisors": supervisors.run,
    "live": live.run,
    "statistics": statistics.run,
    "what-if": what_if.run,
    "public-feed": public_feed.run,
    "webhooks": webhooks.run,
    "feedback": feedback.run,
}
# Each part ends after that, whatever hangs; twenty thousand visits take hours on a poor machine.
_BOUND_SECONDS = 1200.0
BOUND_SECONDS = {"many-calls": 6 * 3600.0, "many-visits": 6 * 3600.0}


def main(arguments: list[str]) -> int:
    """Run the chosen parts, print the table and perhaps write it as JSON; 0 also when a goal is missed."""
    parser = argparse.ArgumentParser(prog="numerek bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all by default")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows as JSON too")
    chosen = parser.parse_args(arguments)
    unknown = sorted(set(chosen.parts) - set(PARTS))
    if unknown:
        parser.error(f"there is no part {unknown[0]!r}; there are {', '.join(PARTS)}")
    rows: list[Row] = [Row("load of the machine before", os.getloadavg()[0], f"of {os.cpu_count()} cores")]
    for name in chosen.parts or PARTS:
        rows += bounded(name, PARTS[name], BOUND_SECONDS.get(name, _BOUND_SECONDS))
    print_table(rows)
    if chosen.json:
        chosen.json.write_text(json.dumps([asdict(row) for row in rows], indent=1, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
