"""The screen on the wall: who is called where, who was called before, who waits."""
