"""Tests of the command that makes a machine a server, a kiosk, a board or a counter."""
