"""The cluster of the demo: its settings, its checker, and how it dies."""
