"""Proofs about the log from the console: the office's keys, and the check of what was published for everybody."""
