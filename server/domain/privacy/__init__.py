"""What is kept about people, what for and how long."""
