"""Lengths on the glass that hands and eyes need, in mm."""

from __future__ import annotations

KEY_MM = 20.0
SMALLEST_KEY_MM = 15.0
GAP_MM = 3.0
# Above the floor, from a wheelchair (EN 301 549, 8.3).
REACH_MM = 1200.0
# A capital H under 0.7 degrees at 600 mm (EN 301 549, 5.1.4).
LETTER_MM = 7.33
