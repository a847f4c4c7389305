"""Places that can be booked: planned from the templates, shown, taken, and given back later."""
