"""What the three Qt programs share: the client of the server, its clock, the theme, the texts, the kiosk mode."""
