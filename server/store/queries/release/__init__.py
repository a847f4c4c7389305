"""Statements about release: waiting rooms, draws, applications."""
