"""What the office owes people for their data: erasure in time, and a copy on request."""
