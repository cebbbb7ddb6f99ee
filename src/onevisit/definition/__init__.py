"""What an admin wrote: frozen, self-validating values with their source positions; no files."""
