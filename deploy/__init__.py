"""What surrounds the programs on their machines: set-up, doctor, units, demo and trial databases."""
