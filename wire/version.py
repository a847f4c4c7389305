"""The version of all programs, said here once: the package, `numerek --version` and the metrics read it."""

from __future__ import annotations

VERSION = "0.1.0"
