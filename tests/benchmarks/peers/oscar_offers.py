"""Site offers with django-oscar: `Applicator.apply` on a basket that is loaded, with an offer of 10 % on each product.

Offers are exclusive, as Oscar makes them, and each is about one product: no line has two, so the order of offers says nothing. Offers that stack
would cost it much more. The applicator reads the offers from the database each time, as it does in a shop; the lines of the basket are read before
the clock starts.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.benchmarks import offered, work
from tests.benchmarks.peers.oscar import cents, classes, set_up
from tests.benchmarks.sides import CPU, Bench, peer


def open_bench(url: str, lines: int, offers: int) -> Bench:
    """A shop with as many products as offers or lines, each product with an offer as far as there are any."""
    set_up(url)
    oscar, db = classes(), peer("django.db")
    with db.transaction.atomic():
        products = fill(oscar, max(lines, offers))
        offer(oscar, products[:offers])

    def prepare(turn: int) -> Any:
        basket = oscar.Basket.objects.create()
        basket.strategy = oscar.Default(None)
        for number, (_, quantity, _) in enumerate(offered.lines(turn, lines)):
            basket.add_product(products[number], quantity)
        loaded = oscar.Basket.objects.get(pk=basket.pk)
        loaded.strategy = oscar.Default(None)
        list(loaded.all_lines())
        return loaded

    def run(basket: Any) -> Any:
        oscar.Applicator().apply(basket)
        return basket

    return Bench(run=run, prepare=prepare, tell=told, close=db.connection.close, clock=CPU, once=True)


def fill(oscar: Any, count: int) -> list[Any]:
    """The products, with a price and without end."""
    kind = oscar.ProductClass.objects.create(name="thing", requires_shipping=True, track_stock=False)
    partner = oscar.Partner.objects.create(name="house")
    skus = [offered.sku(number) for number in range(count)]
    products = oscar.Product.objects.bulk_create(
        oscar.Product(title=sku, slug=sku, product_class=kind, structure="standalone", upc=sku) for sku in skus
    )
    oscar.StockRecord.objects.bulk_create(
        oscar.StockRecord(
            product=product, partner=partner, partner_sku=product.upc, price=Decimal(offered.price(number)), price_currency=work.CURRENCY
        )
        for number, product in enumerate(products)
    )
    return list(products)


def offer(oscar: Any, products: list[Any]) -> None:
    """An offer of 10 % on each product."""
    ranges = oscar.Range.objects.bulk_create(oscar.Range(name=product.upc, slug=product.upc) for product in products)
    through = oscar.Range.included_products.through
    through.objects.bulk_create(through(range=each, product=product) for each, product in zip(ranges, products, strict=True))
    conditions = oscar.Condition.objects.bulk_create(oscar.Condition(range=each, type="Count", value=1) for each in ranges)
    benefits = oscar.Benefit.objects.bulk_create(oscar.Benefit(range=each, type="Percentage", value=offered.OFF) for each in ranges)
    oscar.ConditionalOffer.objects.bulk_create(
        oscar.ConditionalOffer(name=each.name, slug=each.name, offer_type="Site", condition=condition, benefit=benefit)
        for each, condition, benefit in zip(ranges, conditions, benefits, strict=True)
    )


def told(basket: Any) -> dict[str, Any]:
    """The answer as all sides put it."""
    parts = [cents(line.discount_value) for line in basket.all_lines()]
    return {"discount": cents(basket.total_discount), "parts": parts}
