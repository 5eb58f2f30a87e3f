"""A flash sale: ten teapots at half their price, two for each member, and eight members who want three at the same moment.

Run it with `python main.py`. Nobody is promised a price that the cart does not charge, and no teapot too many is sold.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp

import shopwright as sw
from shopwright.pricing import ShelfPrice
from shopwright.pricing.trace_table import trace_table
from shopwright.promotions.basket import Buyer
from shopwright.promotions.matching import Named
from shopwright.promotions.price_rules import Audience, CatalogPrice, MemberPrice, SetPrice
from shopwright.promotions.windows import DateWindow

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
POT = Named("sku", "POT")
GOLD = MemberPrice(id="gold", to=SetPrice(sw.Money.of("36.00", "EUR")), who=Audience(tiers="gold"), lines=POT)
FLASH = CatalogPrice(
    id="flash",
    to=SetPrice(sw.Money.of("20.00", "EUR")),
    lines=POT,
    window=DateWindow(NOON, NOON + timedelta(hours=1)),
    title="Half price for an hour",
    units=10,
    units_per_member=2,
)


class Club:
    """Who the members are: `m0` and `m4` are gold."""

    def known(self, buyer_id: str, *, at: datetime) -> Buyer:
        """The tier of a member."""
        return Buyer(buyer_id, tier="gold" if buyer_id in {"m0", "m4"} else "basic")


shop = sw.Shop.open(f"sqlite:///{Path(mkdtemp()) / 'mall.sqlite'}", prices=(GOLD, FLASH), buyers=Club())
clerk = sw.staff("clerk")
pot = sw.Product(sku="POT", title="Teapot", seller_id="kiln", prices=(sw.Money.of("40.00", "EUR"),))
sw.accepted(shop.goods.put(sw.PutProduct(key="put", by=clerk, product=pot), at=NOON))
sw.accepted(shop.goods.receive(sw.ReceiveStock(key="pots", by=clerk, sku="POT", quantity=100), at=NOON))


def page(member: str, at: datetime = NOON) -> ShelfPrice:
    """What the page of the teapot shows a member."""
    shown = shop.goods.shelf(("POT",), currency="EUR", buyer_id=member, at=at)["POT"]
    assert isinstance(shown, ShelfPrice), shown
    return shown


def buy(number: int) -> sw.Order:
    """Three teapots for a member, at whatever the quote says; asked again when others were faster in between."""
    member = f"m{number}"
    for again in range(100):
        command = sw.PlaceOrder(
            key=f"{member}-{again}",
            by=sw.customer(member),
            buyer_id=member,
            cart=sw.Cart("EUR", (sw.CartLine("POT", 3),)),
            ship_to=sw.Address(f"Member {number}", ("1 Harbor Street",), "Hamburg", country="DE"),
            tenders=(sw.Tender(method="cash", amount=0, via=sw.Via.ON_DELIVERY),),
            exact_tenders=False,
        )
        order = shop.orders.place(command, at=NOON)
        if isinstance(order, sw.Order):
            return order
    raise AssertionError("somebody else was always faster")


before = page("m1")
print(f"m1 sees {before.price} in place of {before.list_price}, for {before.units} units, until {before.until}")
print(f"an hour later: m0 sees {page('m0', NOON + timedelta(hours=1)).price}, m1 sees {page('m1', NOON + timedelta(hours=1)).price}")

with ThreadPoolExecutor(8) as crowd:
    orders = sorted(crowd.map(buy, range(8)), key=lambda order: order.buyer_id)

for order in orders:
    off = {it.rule: sw.Money(-it.amount, "EUR") for it in order.lines[0].adjustments}
    print(f"{order.buyer_id} pays {order.total}, {', '.join(f'{rule} took {money}' for rule, money in off.items()) or 'the list price'}")

sold = shop.ports.storage.quota(("promotion/flash/units",), at=NOON)["promotion/flash/units"]
print(f"\nsold at the flash price: {sold.used + sold.held} of {sold.granted}; a page now shows {page('m9').price}\n")
quote = sw.accepted(shop.orders.quote(sw.PlaceOrder(
    key="look", by=sw.customer("m0"), buyer_id="m0", cart=sw.Cart("EUR", (sw.CartLine("POT", 3),)), ship_to=sw.Address("Member 0", country="DE"),
), at=NOON))  # fmt: skip
print(trace_table(quote.trace, currency=quote.currency))
