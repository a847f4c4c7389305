"""The terminal in the hall: find the reservation, check in, take a ticket."""
