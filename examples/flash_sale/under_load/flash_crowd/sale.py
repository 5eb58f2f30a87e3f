"""The sale that a crowd storms: one teapot at half its price, so many units for an hour, so many for each member, and a shop that sells it.

Rules
- there are exactly as many teapots as the sale has units: a unit too many would be missing from the shelf as well;
- in a shop with places the teapots lie there in parts as equal as can be, and the sale is one all the same;
- the same sale has the same visitors in every run; which of them are served is up to the race.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from attrs import frozen

import shopwright as sw
from shopwright.flows.inventory.commands import ReceiveGoods
from shopwright.inventory.places import Places
from shopwright.ports.storage import Storage
from shopwright.promotions.matching import Named
from shopwright.promotions.price_rules import Beyond, CatalogPrice, SetPrice
from shopwright.promotions.windows import DateWindow
from shopwright.testing.clock import FrozenClock

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
UNPAID_UNTIL = timedelta(minutes=15)
SECOND_WAVE = NOON + timedelta(minutes=16)
LIST_PRICE, FLASH_PRICE = sw.Money.of("40.00", "EUR"), sw.Money.of("20.00", "EUR")
SKU, RULE = "POT", "flash"
STOCK, UNITS = f"stock/{SKU}", f"promotion/{RULE}/units"
CLERK = sw.staff("clerk")


class Then(StrEnum):
    """What a visitor does with an order."""

    PAYS = "pays"
    CANCELS = "cancels at once"
    LEAVES = "leaves without paying"
    PAYS_LATE = "pays when the time to pay is over"


@frozen
class Visit:
    """Somebody who opens the page `after` seconds from the opening of the sale and wants so many teapots."""

    number: int
    member: str
    wants: int
    after: float
    then: Then


@frozen(kw_only=True)
class Sale:
    """How many units there are, how many of them a member may have, how many visits come within how many seconds, what makes them up, and at
    which places the units lie; without `places` the shop has one.
    """

    units: int = 300
    share: int = 2
    visits: int = 2_000
    seconds: float = 2.0
    seed: int = 1
    grabbers: int = 10
    places: Places | None = None

    @property
    def stock_keys(self) -> tuple[str, ...]:
        """The quotas that count the teapots."""
        return (STOCK,) if self.places is None else self.places.keys((SKU,))

    def crowd(self) -> tuple[Visit, ...]:
        """All visits in the order in which they come. One in ten is by one of a few grabbers, who come again and again for as much as they can."""
        chance = random.Random(self.seed)
        moments = sorted(chance.uniform(0, self.seconds) for _ in range(self.visits))
        return tuple(self._visit(number, after, chance) for number, after in enumerate(moments))

    def _visit(self, number: int, after: float, chance: random.Random) -> Visit:
        grabs = chance.random() < 0.1
        member = f"grabber-{chance.randrange(self.grabbers)}" if grabs else f"member-{number}"
        wants = self.share + 1 if grabs else chance.randint(1, self.share)
        then = chance.choices(list(Then), weights=(80, 6, 10, 4))[0]
        return Visit(number, member, wants, after, then)


def a_shop(storage: Storage, sale: Sale, *, at: datetime = NOON) -> sw.Shop:
    """The shop that holds the sale."""
    flash = CatalogPrice(
        id=RULE,
        to=SetPrice(FLASH_PRICE),
        lines=Named("sku", SKU),
        window=DateWindow(NOON, NOON + timedelta(hours=1)),
        units=sale.units,
        units_per_member=sale.share,
        beyond=Beyond.NOTHING,
    )
    return sw.Shop(storage, prices=(flash,), terms=sw.Terms(payment_window=UNPAID_UNTIL), clock=FrozenClock(at), places=sale.places)


def stocked(shop: sw.Shop, sale: Sale) -> None:
    """Put the teapots on the shelf: as many as the sale has units."""
    pot = sw.Product(sku=SKU, title="Teapot", seller_id="kiln", prices=(LIST_PRICE,))
    sw.accepted(shop.goods.put(sw.PutProduct(key="put", by=CLERK, product=pot)))
    if sale.places is None:
        sw.accepted(shop.goods.receive(sw.ReceiveStock(key="pots", by=CLERK, sku=SKU, quantity=sale.units)))
        return
    names = sale.places.names
    for number, place in enumerate(names):
        units = (sale.units + number) // len(names)
        sw.accepted(shop.stock.receive(ReceiveGoods(key=f"pots-{place}", by=CLERK, place=place, sku=SKU, units=units)))
