"""What a stranger may learn of a paper whose number and check code they hold (公开核验).

No account, no case: what is printed anyway, what has become of the paper since, and whether a name
that somebody reads from it is the one on record. Who has the number alone learns nothing.
"""

from onevisit.cases.verification.look_up import holder_matches, look_up, sha256_of
from onevisit.cases.verification.no_longer import revoked_numbers
from onevisit.cases.verification.standing import Issuer, Standing, Status

__all__ = [
    "Issuer",
    "Standing",
    "Status",
    "holder_matches",
    "look_up",
    "revoked_numbers",
    "sha256_of",
]
