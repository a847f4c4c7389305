"""What the programs say to each other: words, messages, booking codes and settings."""
