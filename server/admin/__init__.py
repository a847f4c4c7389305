"""What an administrator does from the console: set-up, people, devices, reservations, records, backups."""
