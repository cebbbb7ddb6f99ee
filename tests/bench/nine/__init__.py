"""One case of nine durable acts, done by this engine and by others on the same databases."""
