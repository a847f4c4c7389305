"""What the office owes to people for their data: its end in time, and a copy on their wish."""
