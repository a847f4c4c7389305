"""A small HTTP server on loopback that answers as a test tells it, also badly."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
