"""The reservations desk: the staff of a branch find reservations, read them, change them and book."""
