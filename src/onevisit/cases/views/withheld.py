"""Keeps small numbers out of open statistics, so that nobody can be recognised in them."""

from collections.abc import Sequence

SMALLEST = 5
"""Fewer cases than this are not told: 少于5."""


def shown(number: int) -> int | None:
    """The number as it is published; None for what is too small."""
    return None if 0 < number < SMALLEST else number


def withheld(table: Sequence[Sequence[int]]) -> list[list[int | None]]:
    """A table that is published together with its sums, by row and by column.

    A number that is withheld alone in its row or column could be worked out from the sum, so the
    next smallest beside it is withheld too, until none stands alone.
    """
    found = [[shown(number) for number in row] for row in table]
    lines = [[(row, column) for column in range(len(found[row]))] for row in range(len(found))]
    if found:
        lines += [[(row, column) for row in range(len(found))] for column in range(len(found[0]))]
    changed = True
    while changed:
        changed = any([_covered(table, found, line) for line in lines])  # noqa: C419 -- each line
    return found


def _covered(
    table: Sequence[Sequence[int]], found: list[list[int | None]], line: Sequence[tuple[int, int]]
) -> bool:
    """Withhold a second number of a line in which one stands alone; whether it was done."""
    alone = [place for place in line if found[place[0]][place[1]] is None]
    if len(alone) != 1:
        return False
    others = [(table[row][column], row, column) for row, column in line if found[row][column]]
    if not others:  # the sum is as small as the number itself and is withheld with it
        return False
    _, row, column = min(others)
    found[row][column] = None
    return True
