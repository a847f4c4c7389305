"""Reading QRs in pictures: a ladder of readers in a process of its own, which may die without harm."""
