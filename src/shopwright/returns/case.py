"""The case: what a customer is not content with, line by line, and how far it has come. Values answer questions; the verbs are functions.

Rules
- RETURN-1: of each line no more units are received than were asked for, none is found that was not received, and none is resolved twice;
- RETURN-2: for a line whose goods have to come back nothing is done about units that have not come (spree PR#14678), but for those that were lost on
  a way back that the shop pays.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from attrs import frozen

from shopwright.returns.events import LineTerms
from shopwright.returns.label import ReturnLabel
from shopwright.returns.states import FINAL, CaseState
from shopwright.returns.words import BROKEN, GIVES_UP, Condition, Disposition, Evidence, Finding, Granted, Outcome, Resolution, Wish


class CaseKind(StrEnum):
    """What a case is called, by what it grants or, before that, by what is wished."""

    RETURN = "return"
    """Goods come back, and money goes back."""
    CLAIM = "claim"
    """Something is given for goods that stay, or that never came."""
    EXCHANGE = "exchange"
    """Goods come back, and others go out."""
    RESHIP = "reship"
    """Goods go out again."""


class Inspection(StrEnum):
    """What an inspection found, all in all."""

    NONE = "none"
    ACCEPTED = "accepted"
    PARTLY = "partly"
    DAMAGED = "damaged"
    NOT_AS_DESCRIBED = "not_as_described"


class WaitsFor(StrEnum):
    """Who has to do something next about a case that is open."""

    SHOP = "shop"
    CUSTOMER = "customer"
    CARRIER = "carrier"


@frozen(kw_only=True)
class CaseLine:
    """One line of a case: the wish, the terms that it was taken on by, what was granted, and what was found of it. `no` counts from 1."""

    no: int
    wish: Wish
    terms: LineTerms
    evidence: tuple[Evidence, ...] = ()
    granted: Granted | None = None
    received: int = 0
    findings: tuple[Finding, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    quarantined: int = 0

    @property
    def goods_back(self) -> bool:
        """Whether its goods have to come back before anything is done."""
        return self.granted is not None and self.granted.goods_back

    def found(self, *conditions: Condition) -> int:
        """How many units were found in one of these conditions; in any, if none is named."""
        return sum([it.units for it in self.findings if not conditions or it.condition in conditions])

    def disposed(self, disposition: Disposition) -> int:
        """Of how many units that came this is to become."""
        return sum([it.units for it in self.findings if it.disposition is disposition and it.condition is not Condition.LOST])

    @property
    def inspected(self) -> int:
        """How many of the units that came were looked at."""
        return self.found() - self.found(Condition.LOST)

    @property
    def compensated(self) -> int:
        """For how many units that the customer kept, or that were lost, something was given in their place."""
        again = {Resolution.REJECT, Resolution.REPLACE, Resolution.REPAIR} | (GIVES_UP if self.goods_back else frozenset())
        return sum([it.units for it in self.outcomes if it.resolution not in again])

    @property
    def given_up(self) -> int:
        """How many units the customer gave up: they are the shop's again, wherever they are."""
        return sum([it.units for it in self.outcomes if it.resolution in GIVES_UP]) if self.goods_back else 0

    @property
    def restocked(self) -> int:
        """How many of the units that were given up were put on sale again as the case was resolved."""
        return min(self.disposed(Disposition.RESTOCK), self.given_up)

    @property
    def entitled(self) -> int:
        """How many units what was granted is due for (RETURN-2): those that were found as they were sold or as the customer said, and those that
        were lost on a way back that the shop pays.
        """
        if not self.goods_back:
            return self.wish.units
        broken = self.found(Condition.DAMAGED) if self.wish.why in BROKEN else 0
        return self.found(Condition.ACCEPTED) + broken + self.lost_for_shop

    @property
    def lost_for_shop(self) -> int:
        """How many units were lost on a way back that the shop pays."""
        return self.found(Condition.LOST) if self.terms.shop_pays_return else 0

    @property
    def within_reach(self) -> int:
        """About how many units something can be done (RETURN-2): for goods that have to come back those that did, or were lost for the shop."""
        return self.inspected + self.lost_for_shop if self.goods_back else self.wish.units


@frozen(kw_only=True)
class Case:
    """A case as it stands after its events; `event_count` says how many those are. `label` is the newest of its return labels, `labels` how many
    were asked for.
    """

    id: str
    number: str
    order_id: str
    buyer_id: str
    currency: str
    state: CaseState
    lines: tuple[CaseLine, ...]
    opened_at: datetime
    changed_at: datetime
    due_at: datetime | None = None
    approved_by_rule: str = ""
    rejected_for: str = ""
    carrier: str = ""
    tracking_number: str = ""
    closed_at: datetime | None = None
    label: ReturnLabel | None = None
    labels: int = 0
    event_count: int = 1

    @property
    def open(self) -> bool:
        """Whether it still wants something of somebody."""
        return self.state not in FINAL

    def line(self, no: int) -> CaseLine | None:
        """The line of this number."""
        return next((line for line in self.lines if line.no == no), None)

    @property
    def goods_back(self) -> bool:
        """Whether goods of it have to come back."""
        return any(line.goods_back for line in self.lines)

    @property
    def shop_pays_return(self) -> bool:
        """Whether the shop pays the way back of any of its goods, as it was when the case was opened (LABEL-1)."""
        return any(line.goods_back and line.terms.shop_pays_return for line in self.lines)

    @property
    def waits_for(self) -> WaitsFor | None:
        """Who has to do something next; `None` once it is closed. A parcel that its carrier has brought, or gives up for lost, waits for the shop."""
        if not self.open:
            return None
        if self.state is CaseState.IN_TRANSIT:
            return WaitsFor.SHOP if self.label is not None and self.label.ended else WaitsFor.CARRIER
        awaited = self.state is CaseState.APPROVED and self.goods_back
        return WaitsFor.CUSTOMER if awaited or self.state is CaseState.ASKED else WaitsFor.SHOP

    @property
    def kind(self) -> CaseKind:
        """What it is called."""
        wanted = {line.wish.resolution if line.granted is None else line.granted.resolution for line in self.lines}
        back = self.goods_back if any(line.granted for line in self.lines) else any(line.wish.returns for line in self.lines)
        if Resolution.EXCHANGE in wanted or (back and Resolution.REPLACE in wanted):
            return CaseKind.EXCHANGE
        if Resolution.REPLACE in wanted:
            return CaseKind.RESHIP
        return CaseKind.RETURN if back else CaseKind.CLAIM

    @property
    def inspection(self) -> Inspection:
        """What was found, all in all: of several things the one that a person has to look at first."""
        found = {it.condition for line in self.lines for it in line.findings}
        if not found:
            return Inspection.NONE
        if found == {Condition.ACCEPTED}:
            whole = all(line.found(Condition.ACCEPTED) == line.wish.units for line in self.lines if line.goods_back)
            return Inspection.ACCEPTED if whole else Inspection.PARTLY
        if Condition.ACCEPTED in found:
            return Inspection.PARTLY
        return Inspection.NOT_AS_DESCRIBED if Condition.NOT_AS_DESCRIBED in found else Inspection.DAMAGED

    def claimed(self) -> dict[int, int]:
        """How many units of each line of the order, of those that were delivered or lost, nobody else may ask for (RETURN-5)."""
        found: dict[int, int] = {}
        for line in self.lines:
            units = line.wish.units if self.open else line.compensated
            if units:
                found[line.wish.line_no] = found.get(line.wish.line_no, 0) + units
        return found
