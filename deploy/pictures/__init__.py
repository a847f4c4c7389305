"""The pictures of docs/en and docs/pl: taken of a demo office whose day is always the same."""
