"""Rules against guessing and automation."""
