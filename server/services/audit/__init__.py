"""A log that anybody can check: its trees grow, each day is signed, and what was signed is handed out."""
