"""Statistics: the keeping of each day's sums, and the report that is made from them."""
