"""What the people of the staff may do, by their roles."""
