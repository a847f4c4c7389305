"""The names of the store that a route may say: where work and looks are done, and who asks at which device."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.store.prepared import Place
from server.store.queries.access.principals import ClerkRow, DeviceRow, IntegratorRow

__all__ = ["ClerkRow", "DeviceRow", "IntegratorRow", "Place", "Session"]
