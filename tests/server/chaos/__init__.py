"""What must not break the server: kills, power cuts, full disks, held databases, slow and dead clients."""
