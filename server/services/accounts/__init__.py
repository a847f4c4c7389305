"""Accounts of those who book: made, confirmed, entered, changed and deleted, without a hint of whose they are."""
