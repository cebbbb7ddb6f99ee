"""Keeps small numbers out of open statistics, so that nobody can be recognised in them."""

from collections.abc import Sequence
from typing import Literal

SMALLEST = 5
"""Fewer cases than this are not told."""
Told = int | Literal["few", "withheld"]
"""A number, or why it is not told: too few cases (少于5), or another could be worked out from it
(不公开)."""
Table = list[list[Told]]


def shown(number: int) -> Told:
    """The number as it is published."""
    return "few" if 0 < number < SMALLEST else number


def number_of(told: Told) -> int | None:
    """The number, if it is told."""
    return told if isinstance(told, int) else None


def withheld(table: Sequence[Sequence[int]]) -> Table:
    """The table as it may be published, with its sums: a last column of row sums and a last row of
    column sums.

    A number that is withheld alone in its row or column could be worked out from the others and
    the sum, so the next smallest is withheld too, until none stands alone.
    """
    rows = [[*row, sum(row)] for row in table]
    whole = [*rows, [sum(column) for column in zip(*rows, strict=True)]]
    found = [[shown(number) for number in row] for row in whole]
    height, width = len(whole), len(whole[-1])
    lines = [[(row, column) for column in range(width)] for row in range(height)]
    lines += [[(row, column) for row in range(height)] for column in range(width)]
    while any([_covered(whole, found, line) for line in lines]):  # noqa: C419 -- every line each time
        pass
    return found


def _covered(whole: Sequence[Sequence[int]], found: Table, line: Sequence[tuple[int, int]]) -> bool:
    """Withhold a second number of a line in which one stands alone, a zero only where there is
    nothing else; whether it was done."""
    if sum(not isinstance(found[row][column], int) for row, column in line) != 1:
        return False
    others = [
        (whole[row][column] == 0, whole[row][column], row, column)
        for row, column in line
        if isinstance(found[row][column], int)
    ]
    _, _, row, column = min(others)
    found[row][column] = "withheld"
    return True
