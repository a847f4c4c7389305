"""How places are released where too many want them: waiting rooms of daily releases, and draws (rule 10)."""
