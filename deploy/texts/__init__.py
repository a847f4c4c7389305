"""`./numerek texts update|missing|compile`: the sentences of every program, page and letter, for translators."""
