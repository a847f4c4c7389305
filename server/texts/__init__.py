"""The sentences of pages and letters in every language: gettext catalogues, one folder a language."""

from __future__ import annotations

from pathlib import Path

# The first one is what a visitor gets whose browser asks for none of them.
LANGUAGES = ("pl", "en", "uk", "ru")
FOLDER = Path(__file__).parent
