"""Statistics: the rows of a day, the sums that are kept of it, and what many days' sums come to."""
