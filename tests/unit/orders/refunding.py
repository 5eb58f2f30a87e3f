"""Orders of which goods have come, with taxes and discounts, and plans of what goes back of them."""

from __future__ import annotations

from typing import Any

from shopwright.money import Money
from shopwright.orders import Order
from shopwright.orders.planning import plan_refund, refund_planned
from shopwright.orders.refund_plan import RefundPlan
from shopwright.pricing.facts import FlatShipping, PriceFacts
from shopwright.pricing.quote import Quote, price
from shopwright.pricing.tax import Prices, TaxPolicy
from shopwright.pricing.tax_rates import Ruling, TaxRate, TaxRule, TaxTable
from shopwright.pricing.taxes import TableTaxes
from shopwright.promotions.coupons import Coupon
from shopwright.refusals import accepted
from shopwright.testing.builders import CLERK, NOON, Sold, a_cart, a_product, an_order, delivered, paid, sold

TENTH = Coupon("TENTH", percent=1_000)
TEN_OFF = Coupon("TEN", amounts=(Money(1_000, "EUR"),))
TENTH_FROM_300 = Coupon("TENTH", percent=1_000, minimums=(Money(30_000, "EUR"),))
ALL_OFF = Coupon("ALL", percent=10_000)
TWENTY, SEVEN = TaxRate("VAT", "20 %"), TaxRate("LOW", "7 %")
TABLE = TaxTable("shop", (TaxRule("standard", Ruling((TWENTY,))), TaxRule("books", Ruling((SEVEN,)))))
ON_TOP, WITHIN = TableTaxes(TABLE, TaxPolicy(prices=Prices.EXCLUSIVE)), TableTaxes(TABLE, TaxPolicy(prices=Prices.INCLUSIVE))
LAMP = sold("LAMP", 2, 3_999)
BOOK = sold("BOOK", 3, 1_000, tax_class="books")


def taxed(*goods: Sold, taxes: TableTaxes, coupon: Coupon | None = None, shipping: int = 0) -> Quote:
    """The price of goods with taxes, and with shipping that one pays for."""
    products = tuple(a_product(it.sku, it.price, **dict(it.facts)) for it in goods)
    facts = PriceFacts(products, coupon, FlatShipping("post", shipping), taxes=taxes)
    return accepted(price(a_cart(*goods, coupon_code=coupon.code if coupon else ""), facts, at=NOON))


def come(*goods: Sold, **facts: Any) -> Order:
    """A paid order that has been delivered."""
    return delivered(paid(an_order(*goods, **facts)))


def planned(order: Order, *units: tuple[int, int], **facts: Any) -> RefundPlan:
    """What goes back for these units; raises `Refused` when it is refused."""
    return accepted(plan_refund(order, units, **{"reason": "it does not fit", "by": CLERK, "at": NOON, **facts}))


def given_back(order: Order, *units: tuple[int, int], **facts: Any) -> Order:
    """The order once this is done."""
    return accepted(refund_planned(order, planned(order, *units, **facts))).order
