"""What a voivodeship runs, on one machine: PostgreSQL under Patroni, what stands before it, three servers."""
