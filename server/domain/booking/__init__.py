"""Rules of booking: what a service asks for, its slots, the people who book, and the life of a reservation."""
