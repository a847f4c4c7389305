"""Widgets that decide nothing: `show(face)` in, intents out."""
