"""Statements about personal data: keys of persons, an owner's copy, erasure."""
