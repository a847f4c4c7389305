"""Plots as SVG: a child process draws them (its libraries are large), and what was drawn is kept by content."""

from __future__ import annotations

import hashlib
import json
import sys
import threading
from collections import OrderedDict
from dataclasses import asdict

from server.adapters.press import Press
from server.services.ports import Plot

_COMMAND = [sys.executable, "-m", "server.adapters.plots.plot_process"]
_KEPT = 128


class PlotRenderer:
    """Draws plots, each content once; its process begins with the first and rests when none comes for long."""

    def __init__(self, press: Press | None = None) -> None:
        self._press = press or Press(_COMMAND)
        self._lock = threading.Lock()
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()

    def svg(self, plot: Plot) -> bytes:
        """Draw a plot. Raises NotWritten (`busy`, `too_slow`, `broken`)."""
        text = json.dumps(asdict(plot), sort_keys=True)
        key = hashlib.sha256(text.encode("utf-8", "replace")).digest()
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        drawn = self._press.print(text)
        with self._lock:
            self._kept[key] = drawn
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return drawn

    def stop(self) -> None:
        """End the process."""
        self._press.stop()
