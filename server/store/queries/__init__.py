"""The statements of the store, one file a subject; they return frozen rows, never live objects."""
