"""Tests of the kiosk's scanners."""
