"""Widgets that know nothing: `show(face)` in, intents out."""
