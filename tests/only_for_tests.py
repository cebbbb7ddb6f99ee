"""The keys under which tests keep what is secret: public, and worth nothing anywhere else."""

from pathlib import Path

from onevisit.store.keys_file import keyring_of

KEYS_FILE = Path(__file__).with_name("only_for_tests.json")
KEYRING = keyring_of(KEYS_FILE)
