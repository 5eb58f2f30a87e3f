"""Price lists in a price: what one unit on a line costs by the lists of the shop, and which list says so.

Rules
- LISTS-1: the price of the list that `PriceLists` takes is the unit price; where no list has one, it is that of the product itself;
- LISTS-2: the lines of one sku reach a break together, by the sum of their quantities;
- each line has an entry of the trace that names the list, the break and why other lists in the currency were passed over; it changes no amount, for
  the list prices are what it says;
- a frozen price is made again from what was listed then: no list of today is asked (`Granted`).
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from functools import cached_property

from attrs import field, frozen

from shopwright.catalog.price_lists import PassedFor, PriceFound, PriceLists
from shopwright.catalog.products import Product
from shopwright.edges import of, text
from shopwright.pricing.cart import MAX_QUANTITY, Cart
from shopwright.pricing.trace import TraceStep
from shopwright.refusals import Fact

LISTED = "price_list"
"""The step of a trace that tells which price list a line has its price from."""

MOST_PASSED = 20
"""Of how many other lists an entry tells why they were passed over."""


@frozen
class Listed:
    """The price lists of a shop with their prices of the skus in question, and the tier of who buys, empty where it is none or not known."""

    lists: PriceLists = field(validator=of(PriceLists))
    tier: str = field(default="", validator=text())


@frozen(slots=False)
class Found:
    """What the lists say of a cart at a moment, each sku asked once."""

    listed: Listed
    cart: Cart
    at: datetime

    @cached_property
    def _units(self) -> Counter[str]:
        units: Counter[str] = Counter()
        for line in self.cart.lines:
            units[line.sku] += line.quantity
        return units

    @cached_property
    def _asked(self) -> dict[str, PriceFound]:
        return {}

    def of(self, sku: str) -> PriceFound:
        """Which list has the price of a sku, and why the others do not."""
        if sku not in self._asked:
            quantity = min(max(1, self._units[sku]), MAX_QUANTITY)  # LISTS-2; what is no quantity is refused where it is checked
            cart = self.cart
            self._asked[sku] = self.listed.lists.price(
                sku, quantity=quantity, currency=cart.currency, channel=cart.channel, tier=self.listed.tier, at=self.at
            )
        return self._asked[sku]

    def price(self, product: Product) -> int | None:
        """What one unit costs in minor units of the cart's currency (LISTS-1)."""
        money = self.of(product.sku).money
        return product.price_in(self.cart.currency) if money is None else money.minor

    def entries(self) -> tuple[TraceStep, ...]:
        """What the lists say of each line, as entries that do not know yet where they begin."""
        return tuple([_entry(number, line.sku, self.of(line.sku)) for number, line in enumerate(self.cart.lines, 1)])


def _entry(number: int, sku: str, found: PriceFound) -> TraceStep:
    passed = [f"{each.list_id} {each.reason}" for each in found.passed if each.reason is not PassedFor.CURRENCY][:MOST_PASSED]
    facts: list[tuple[str, Fact]] = [("passed", ", ".join(passed)), ("sku", sku)]
    if found.break_taken is None or found.list_id is None:
        return TraceStep(LISTED, "own", 0, 0, 0, facts=tuple(facts), line_no=number)
    facts += [("from", found.break_taken.quantity), ("unit", found.break_taken.minor)]
    return TraceStep(LISTED, "listed", 0, 0, 0, rule=found.list_id, facts=tuple(sorted(facts)), line_no=number)
