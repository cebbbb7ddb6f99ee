"""What people see: pages for every role over the verbs of `cases`, and nothing decided here."""
