"""The office changes how early visitors must come: open reservations follow, reinstated ones keep their own end."""

from __future__ import annotations
