"""What auditors look at beside the statistics: who was treated otherwise than the line would have it."""

from __future__ import annotations

from server.staff.audit import treatment

PAGES = (treatment,)
