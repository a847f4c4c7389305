"""Rules of release: when places are given out, waiting rooms and draws."""
