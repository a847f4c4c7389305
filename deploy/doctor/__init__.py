"""Checks a machine and says what is missing and how to mend it; needs nothing but Python itself."""
