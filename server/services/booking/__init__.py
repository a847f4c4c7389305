"""Booking on the web: from a chosen hour to a visit that stands, and what may become of it (rules 1 to 13)."""
