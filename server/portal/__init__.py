"""The public web pages; today the page on which a visitor's phone follows a ticket."""
