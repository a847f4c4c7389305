"""Tests of what a release consists of."""
