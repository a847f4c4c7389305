"""The clerk's window: the ticket in hand, who waits, and one key for each thing that may be done now."""
