"""One widget per screen of the conversation: they show values and report touches, and decide nothing."""
