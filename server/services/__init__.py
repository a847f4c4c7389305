"""What people can do with the office: one use case, one function, one transaction."""
