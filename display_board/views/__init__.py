"""What a board looks like: one value in, a picture out."""
