"""Whether a system of linear bounds has a solution: an exact simplex on fractions, small and sure.

The unknowns are zero or more, and so are all numbers. Fractions may solve what whole numbers cannot: then "yes" is said where "no" is meant, never
the other way round.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from attrs import frozen


@frozen
class Row:
    """So much of each unknown sums to at least `low` and, unless it is `None`, at most `high`."""

    parts: tuple[int, ...]
    low: int = 0
    high: int | None = None


def has_solution(rows: Sequence[Row]) -> bool:
    """Whether there are unknowns from zero up that fit every row."""
    if any(row.high is not None and row.high < row.low for row in rows):
        return False
    equations = _equations(rows)
    return not equations or _Tableau(equations).solved()


def _equations(rows: Sequence[Row]) -> list[tuple[tuple[int, ...], int, int]]:
    """Each bound as parts, what it is, and the sign of its slack; a lower bound of zero says nothing."""
    found = []
    for row in rows:
        if row.low > 0:
            found.append((row.parts, row.low, -1))
        if row.high is not None:
            found.append((row.parts, row.high, 1))
    return found


class _Tableau:
    """Phase one of the simplex: artificial unknowns stand in for what is missing below, and are driven to zero."""

    def __init__(self, equations: list[tuple[tuple[int, ...], int, int]]) -> None:
        unknowns, count = len(equations[0][0]), len(equations)
        self.basis: list[int] = []
        self.rows: list[list[Fraction]] = []
        self.columns = unknowns + 2 * count
        for place, (parts, bound, sign) in enumerate(equations):
            row = [Fraction(part) for part in parts] + [Fraction(0)] * (2 * count) + [Fraction(bound)]
            row[unknowns + place] = Fraction(sign)
            row[unknowns + count + place] = Fraction(1 if sign < 0 else 0)
            self.rows.append(row)
            self.basis.append(unknowns + count + place if sign < 0 else unknowns + place)
        self.first_artificial = unknowns + count
        missing = [row for row, column in zip(self.rows, self.basis, strict=True) if column >= self.first_artificial]
        self.cost = [sum((row[column] for row in missing), Fraction(0)) for column in range(self.columns + 1)]
        for column in range(self.first_artificial, self.columns):
            self.cost[column] = Fraction(0)

    def solved(self) -> bool:
        """Whether nothing is missing in the end. The first column that helps is taken (Bland's rule), so that it ends."""
        while self.cost[-1] > 0:
            column = next((it for it in range(self.first_artificial) if self.cost[it] > 0), None)
            if column is None:
                return False
            ratios = [(row[-1] / row[column], self.basis[place], place) for place, row in enumerate(self.rows) if row[column] > 0]
            if not ratios:
                return False
            self._pivot(min(ratios)[2], column)
        return True

    def _pivot(self, place: int, column: int) -> None:
        row = self.rows[place]
        scale = row[column]
        row[:] = [each / scale for each in row]
        for other in (*[it for it in self.rows if it is not row], self.cost):
            factor = other[column]
            if factor:
                other[:] = [mine - factor * theirs if theirs else mine for mine, theirs in zip(other, row, strict=True)]
        self.basis[place] = column
