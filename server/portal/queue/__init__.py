"""The page on which a visitor's phone follows a ticket."""
