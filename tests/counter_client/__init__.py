"""Tests of the clerk's window."""
