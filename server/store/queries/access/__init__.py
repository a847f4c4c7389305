"""Statements about who may come in: devices, clerks' sessions, integrators."""
