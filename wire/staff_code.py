"""The one-time code for the menu of the staff at a kiosk: six digits by time (TOTP, RFC 6238)."""

from __future__ import annotations

STEP_SECONDS = 120
"""How long a code is the newest one; it counts until the next one has gone too."""

DIGITS = 6
