"""Turns the desk's state into sentences: one language, one instant, no widgets."""
