"""Promotions of every effect for a marketplace in Brazil, and its past orders as a file that can be simulated."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from attrs import frozen

from marketplace.source import CURRENCY, Marketplace, Sale, read
from shopwright.catalog import Product
from shopwright.money import Money
from shopwright.pricing import Cart, CartLine, FlatShipping

PROMOTIONS = Path(__file__).with_suffix(".yaml")


@frozen
class Past:
    """A sale with what the shop knew of its buyer then."""

    sale: Sale
    categories: dict[str, str]
    orders_before: int

    @property
    def lines(self) -> list[tuple[str, str, int, int]]:
        """The product, the seller, the price and the quantity of each line."""
        counts = Counter((it.product_id, it.seller_id, it.price) for it in self.sale.items)
        return [(*key, count) for key, count in counts.items()]

    @property
    def plain(self) -> dict[str, Any]:
        """As a line of a file of past orders."""
        sale = self.sale
        return {
            "order": sale.id,
            "at": sale.purchased_at.isoformat(),
            "currency": CURRENCY,
            "paid": _units(sale.paid),
            "shipping": _units(sale.freight),
            "payment_method": sale.payments[0].type if sale.payments else None,
            "ship_to": "BR",
            "member": sale.customer.person,
            "segments": [sale.customer.state],
            "orders_before": self.orders_before,
            "lines": [
                {
                    "sku": f"{product}/{seller}/{price}",
                    "quantity": count,
                    "unit_price": _units(price),
                    "seller": seller,
                    "categories": [self.categories[product]] if self.categories[product] else [],
                }
                for product, seller, price, count in self.lines
            ],
        }

    @property
    def cart(self) -> Cart:
        """As a cart that a shop can price."""
        return Cart(CURRENCY, tuple([CartLine(f"{product}/{seller}/{price}", count) for product, seller, price, count in self.lines]))

    @property
    def products(self) -> tuple[Product, ...]:
        """What the shop knows of its goods."""
        return tuple(
            [
                Product(
                    f"{product}/{seller}/{price}",
                    product,
                    seller,
                    (Money(price, CURRENCY),),
                    categories=(self.categories[product],) if self.categories[product] else (),
                )
                for product, seller, price, _ in self.lines
            ]
        )

    @property
    def shipping(self) -> FlatShipping:
        """What its transport cost."""
        return FlatShipping("freight", self.sale.freight)


def past_of(folder: Path) -> list[Past]:
    """The orders of the marketplace that have items, oldest first."""
    market: Marketplace = read(folder)
    categories = {id: goods.category for id, goods in market.goods.items()}
    before: Counter[str] = Counter()
    found = []
    for sale in market.sales:
        if sale.items:
            found.append(Past(sale, categories, before[sale.customer.person]))
            before[sale.customer.person] += 1
    return found


def written(past: list[Past], folder: Path) -> tuple[Path, Path]:
    """The files of the promotions and of the orders."""
    sellers = Counter(line[1] for each in past for line in each.lines)
    promotions, orders = folder / "promotions.yaml", folder / "orders.jsonl"
    promotions.write_text(PROMOTIONS.read_text().replace("SELLER", sellers.most_common(1)[0][0]))
    orders.write_text("".join(f"{json.dumps(each.plain)}\n" for each in past))
    return promotions, orders


def _units(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"
