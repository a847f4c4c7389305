"""Statistics: what a wait or a service is, how a day is summed up, and what figures come from sums."""
