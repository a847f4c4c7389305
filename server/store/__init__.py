"""Where the truth is kept: tables, queries, the one write path, facts and migrations."""
