"""The forecaster rests by what forecasts cost, and by nothing else."""

from __future__ import annotations

import subprocess
import sys

_FIRST_LOOK = """
import sys
from types import SimpleNamespace
from server.workers import forecaster

def clock():
    sys.exit(0 if "numpy" in sys.modules else "the clock runs while numpy is loaded")

assert "numpy" not in sys.modules, "a start loads numpy"
forecaster.time = SimpleNamespace(monotonic=clock)
forecaster.Forecaster(None, None).look()
"""


def test_to_load_numpy_is_no_time_of_the_first_forecast() -> None:
    looked = subprocess.run([sys.executable, "-c", _FIRST_LOOK], capture_output=True, text=True, check=False)
    assert looked.returncode == 0, looked.stderr
