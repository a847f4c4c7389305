"""Reads texts aloud: a sound is rendered first, by a voice of its language, and then played."""
