"""The house's own rules: borders between rooms, style, requirements and what the project says of itself."""
