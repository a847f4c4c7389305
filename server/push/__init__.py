"""The event feed: facts behind a place in the log, and the bell that wakes waiting streams."""
