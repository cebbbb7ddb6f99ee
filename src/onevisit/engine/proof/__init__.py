"""Proves a service before a case runs: every obligation, or the path that refutes it."""
