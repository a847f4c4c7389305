"""Statements about booking: drafts, reservations, slots and their plans, verifications, wishes."""
