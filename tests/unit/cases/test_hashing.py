"""Passwords are hashed with as much work as whoever stole the hashes should have."""

from argon2 import Type, extract_parameters

from once import HASHER


def test_a_password_is_kept_under_argon2id_with_the_work_of_rfc_9106() -> None:
    """RFC 9106, section 4: the second recommended option (64 MiB, three passes, four lanes)."""
    made = extract_parameters(HASHER.hash("only-for-tests"))
    assert made.type is Type.ID
    assert made.memory_cost >= 65536 and made.time_cost >= 3 and made.parallelism >= 4
    assert made.salt_len >= 16 and made.hash_len >= 32
