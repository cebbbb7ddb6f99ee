"""The people who work here: administrators change their accounts and posts, on the record."""
