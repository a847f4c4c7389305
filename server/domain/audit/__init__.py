"""What anybody can check: the log as a Merkle tree, its checkpoints, and what they prove."""
