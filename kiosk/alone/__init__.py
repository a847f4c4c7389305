"""The kiosk without its server: the list it keeps, the journal of what it gave, and its way to the server."""
