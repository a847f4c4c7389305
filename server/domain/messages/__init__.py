"""Rules of messages: when a failed delivery is tried again."""
