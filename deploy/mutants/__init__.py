"""`numerek test --mutants`: small faults are put into rules and brains, and the tests must notice each."""
