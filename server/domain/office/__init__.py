"""What an office rules: settings of branches and services, read from JSON or TOML, and opening hours."""
