"""The names of the store that a route may say: the session at work, and the device that a request comes from."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.store.queries.people import DeviceRow

__all__ = ["DeviceRow", "Session"]
