"""Rules of the queue: who may check in or walk in, the life of a ticket, who is next, and when about."""
