"""What the three Qt programs share: the server's door, its clock, the theme, the texts, the kiosk mode."""
