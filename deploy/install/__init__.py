"""Makes a Debian machine a server, a kiosk, a board or a counter by one command, and takes it back."""
