"""How much memory a program holds."""

from __future__ import annotations

import re
from pathlib import Path


def resident_megabytes(process_id: int) -> float:
    """Return the resident memory of a process in MiB. Raises RuntimeError where the system does not tell."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{process_id}/status").read_text())
    if found is None:
        raise RuntimeError("no memory figure")
    return int(found[1]) / 1024
