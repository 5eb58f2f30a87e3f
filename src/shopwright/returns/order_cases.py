"""The cases of one order, all together: how many there are, and which units they keep others from.

Two applications for the last unit of a line write this one value, so that the later of them is decided again (RETURN-5).
"""

from __future__ import annotations

from attrs import evolve, field, frozen

from shopwright.edges import members, text, whole
from shopwright.returns.case import Case

Units = tuple[tuple[int, int], ...]


@frozen(kw_only=True)
class CaseClaim:
    """The units that one case keeps others from: pairs of the line of the order and how many."""

    case_id: str
    units: Units


@frozen(kw_only=True)
class OrderCases:
    """What the cases of an order claim, those that claim nothing left out; `count` is how many were ever opened."""

    order_id: str = field(validator=text(least=1))
    count: int = field(default=0, validator=whole(least=0))
    claims: tuple[CaseClaim, ...] = field(default=(), validator=members(CaseClaim))

    @property
    def taken(self) -> dict[int, int]:
        """How many units of each line are in a case, or were compensated (RETURN-5)."""
        found: dict[int, int] = {}
        for claim in self.claims:
            for line_no, units in claim.units:
                found[line_no] = found.get(line_no, 0) + units
        return found

    def opened(self, case: Case) -> OrderCases:
        """With one case more."""
        return evolve(self.with_case(case), count=self.count + 1)

    def with_case(self, case: Case) -> OrderCases:
        """With what a case claims as it stands now, in place of what it claimed before."""
        others = tuple(claim for claim in self.claims if claim.case_id != case.id)
        units = tuple(sorted(case.claimed().items()))
        return evolve(self, claims=(*others, CaseClaim(case_id=case.id, units=units)) if units else others)
