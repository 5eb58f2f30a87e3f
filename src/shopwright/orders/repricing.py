"""The lines of an order priced again for another coupon or another way of shipping (EDIT-7 of `shopwright.orders.editing`).

Rules
- prices, promotions and taxes are those that were frozen; only the coupon, as it is today, or what shipping costs is another one;
- what a promotion took off the shipping was reckoned from that shipping, and taxes that an engine told fit no other price: neither is guessed.

Refusal codes, in order: `edit_price_promoted`, `edit_tax_engine`, and those of `shopwright.pricing.price`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from attrs import evolve

from shopwright.orders.edit_changes import Change, ChangeCoupon, ChangeShipping
from shopwright.orders.edit_events import LinesRepriced
from shopwright.orders.events import OrderEvent, OrderPlaced
from shopwright.pricing.facts import Granted
from shopwright.pricing.offers import SHIPPING
from shopwright.pricing.quote import Quote, price
from shopwright.pricing.replay import frozen_facts
from shopwright.pricing.taxes import GivenTaxes
from shopwright.promotions.coupons import Coupon
from shopwright.refusals import Refusal


def wants_repricing(changes: Iterable[Change]) -> bool:
    """Whether an edit changes the price of lines that are there."""
    return any(isinstance(it, ChangeShipping | ChangeCoupon) for it in changes)


def frozen_price(history: Iterable[OrderEvent]) -> OrderPlaced | None:
    """The price of the lines that an order was placed with, as it is frozen now: what placed it, with what it was priced at since."""
    frozen: OrderPlaced | None = None
    for event in history:
        if isinstance(event, OrderPlaced):
            frozen = event
        elif isinstance(event, LinesRepriced) and frozen is not None:
            frozen = evolve(frozen, lines=event.lines, trace=event.trace, coupon_code=event.coupon_code, coupon_version=event.coupon_version)
    return frozen


def priced_again(frozen: OrderPlaced, changes: Iterable[Change], coupon: Coupon | None, *, at: datetime) -> Quote | Refusal:
    """What the lines of an order cost with another coupon or way of shipping. `coupon` is the one that is asked for, `None` where there is none."""
    cart, facts = frozen_facts(frozen)
    if isinstance(facts.taxes, GivenTaxes):
        return Refusal("edit_tax_engine", f"the taxes of order {frozen.number} were told for this very price; place another order", {})
    for change in changes:
        if isinstance(change, ChangeShipping):
            if isinstance(facts.offers, Granted) and any(it.step == SHIPPING for it in facts.offers.entries):
                return Refusal("edit_price_promoted", f"a promotion bears on the shipping of order {frozen.number}; place another order", {})
            facts = evolve(facts, shipping=change.shipping)
        if isinstance(change, ChangeCoupon):
            cart, facts = evolve(cart, coupon_code=change.code), evolve(facts, coupon=coupon)
    return price(cart, facts, at=at)
