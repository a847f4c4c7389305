"""Tests of the pages of the queue."""
