"""Against bots and trade in slots: limits that are rows, evidence of reservations, and what looks suspicious."""
