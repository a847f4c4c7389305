"""Use cases of the queue: check-in, walk-in, calls the clerk's steps, and what each screen shows."""
