"""The departments' own systems: keys to come in with, and the officers' verbs for them."""
