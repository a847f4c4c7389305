"""The office's set-up, read whole and written from a file, and its information pages."""
