"""What is shown to whom: tickets, boards, counters, offers and phones as frozen values."""
