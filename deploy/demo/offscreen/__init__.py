"""The hall without a display: the same programs offscreen, and the story that they run through by themselves."""
