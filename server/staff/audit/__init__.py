"""What auditors see to beside the statistics: special treatment, and what witnesses co-signed of the log."""

from __future__ import annotations

from server.staff.audit import cosignatures, treatment

PAGES = (treatment, cosignatures)
