"""Which of millions of names have come before, in some twenty bytes for each.

Rules
- a name is remembered by a number of 64 bits, so that two of a million names are taken for one in one of thirty million files;
- the numbers differ from process to process: nobody can write a file whose names collide.
"""

from __future__ import annotations

from array import array

from attrs import define, field

_MASK = 2**64 - 1


@define
class Seen:
    """Names that have come before: a table of numbers that doubles when it is three quarters full."""

    count: int = 0
    _table: array[int] = field(factory=lambda: array("Q", bytes(8 * 1024)))

    def first(self, name: str) -> bool:
        """Whether this name comes for the first time; it is remembered then."""
        if 4 * self.count > 3 * len(self._table):
            self._grow()
        if not self._put(hash(name) & _MASK or 1):
            return False
        self.count += 1
        return True

    def _put(self, number: int) -> bool:
        table, last = self._table, len(self._table) - 1
        place = number & last
        while table[place]:
            if table[place] == number:
                return False
            place = (place + 1) & last
        table[place] = number
        return True

    def _grow(self) -> None:
        known = self._table
        self._table = array("Q", bytes(16 * len(known)))
        for number in known:
            if number:
                self._put(number)
