"""The names of the store that a route may say: where work and looks are done, and the device that asks."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.store.prepared import Place
from server.store.queries.access.principals import DeviceRow

__all__ = ["DeviceRow", "Place", "Session"]
