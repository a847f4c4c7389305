"""The outside world: mail, text messages, papers, countries, puzzles; each with a dummy beside it."""
