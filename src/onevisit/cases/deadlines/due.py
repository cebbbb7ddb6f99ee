"""Everything that falls due by itself, in the order in which a sweep looks at the rows."""

from collections.abc import Callable, Sequence
from datetime import datetime

from onevisit.cases import authorise, discard, figures
from onevisit.cases.afterwards import validity
from onevisit.cases.deadlines import alerts, overdue, recompute, timers
from onevisit.cases.deadlines.look import Transaction
from onevisit.cases.deferral import forfeit
from onevisit.cases.interface import answers
from onevisit.cases.privacy import sweep
from onevisit.catalog.catalog import Catalog
from onevisit.store.files import FileStore

Look = Callable[[Transaction, Catalog, FileStore, datetime], int]
LOOKS: tuple[Look, ...] = (
    recompute.run_due,
    timers.run_due,
    forfeit.run_overdue,
    validity.run_due,
    overdue.run_due,
    alerts.run_due,
    authorise.run_expired,
    discard.run_expired,
    sweep.seal_reads,
    sweep.run_expired,
    figures.run_due,
    answers.run_expired,
    discard.remove_files,
)
"""Each finds rows that are due at `now`, does each in a transaction of its own, and tells how
many it did. Whatever it could not do stays due."""


def run_all(
    transaction: Transaction,
    catalog: Catalog,
    files: FileStore,
    now: datetime,
    looks: Sequence[Look] | None = None,
) -> int:
    """One look at everything, or at what `looks` names; how much was done.

    A look that fails keeps none of the others from theirs; all faults are raised together
    afterwards, as an ExceptionGroup.
    """
    done, faults = 0, []
    for look in LOOKS if looks is None else looks:
        try:
            done += look(transaction, catalog, files, now)
        except Exception as error:
            faults.append(error)
    if faults:
        raise ExceptionGroup("到期的工作没有全部做成", faults)
    return done
