"""What guards the pages: limits on requests, the puzzle against automation, and where a request comes from."""
