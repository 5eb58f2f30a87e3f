"""A mall whose goods lie in Hamburg and in Lyon, for tests of orders that are shipped from several places."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from attrs import evolve

from shopwright import Address, Cart, CartLine, Money, Order, PlaceOrder, Product, PutProduct, Shop, Tender, accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.catalog.products import Component
from shopwright.inventory.keys import place_key
from shopwright.inventory.locations import Rate
from shopwright.inventory.places import Place, Places
from shopwright.inventory.plans import Policy
from shopwright.inventory.stock import Keeping
from shopwright.ports.quotas import Grant
from shopwright.ports.storage import Changeset, Operation, Storage
from shopwright.wire.kinds import KINDS
from tests.flows.mall import CLERK, START, Mall, an_order

HAMBURG = Place("hamburg", rates=(Rate("DE", parcel=490), Rate("FR", parcel=1290)))
LYON = Place("lyon", rates=(Rate("FR", parcel=590), Rate("DE", parcel=990)))
SPLIT = Policy(split_lines=True)


def two_places(policy: Policy = SPLIT, **facts: Any) -> Places:
    """Hamburg and Lyon; Germany is cheaper from the one, France from the other."""
    return Places((HAMBURG, LYON), policy=policy, **facts)


def a_mall(storage: Storage | None = None, *, hamburg: int = 5, lyon: int = 5, places: Places | None = None, **ways: Any) -> Mall:
    """So many teas, and cups, at each place, and a set of a cup and three teas."""
    mall = Mall(storage or MemoryStorage(KINDS), ways={"places": places or two_places(), **ways})
    for sku in ("TEA", "CUP"):
        come(mall.shop, "hamburg", sku, hamburg)
        come(mall.shop, "lyon", sku, lyon)
    parts = (Component("CUP", 1), Component("TEA", 3))
    product = Product(sku="SET", title="Set", seller_id="house", prices=(Money(5000, "EUR"),), components=parts)
    accepted(mall.shop.goods.put(PutProduct(key="put-SET", by=CLERK, product=product)))
    return mall


def come(shop: Shop, place: str, sku: str, units: int, *, key: str = "first") -> None:
    """Goods come in; a test of orders does not care how."""
    if units:
        move = Grant(place_key(place, sku), units)
        accepted(shop.ports.storage.commit(Changeset(Operation(f"{key}/{place}/{sku}", "come"), START, moves=(move,))))


def ordering(*lines: tuple[str, int], key: str = "o1", country: str = "DE", **facts: Any) -> PlaceOrder:
    """A command that places an order of these skus and quantities."""
    address = Address("Ann Lee", ("1 Harbor Street",), "Hamburg", country=country)
    cart = Cart("EUR", tuple(CartLine(*line) for line in lines))
    card = Tender(method="card", amount=100_000, gateway="fake", source="tok_ok")
    return evolve(an_order(key=key), **{"cart": cart, "exact_tenders": False, "ship_to": address, "tenders": (card,), **facts})


def bought(shop: Shop, *lines: tuple[str, int], key: str = "o1", **facts: Any) -> Order:
    """An order that was placed."""
    return accepted(shop.orders.place(ordering(*lines, key=key, **facts)))


def parts(order: Order) -> list[tuple[str, int, str, int, int]]:
    """Place, line, sku, units, and how many of those are awaited."""
    assert order.sourcing is not None
    return [(it.place, it.line_no, it.sku, it.quantity, it.awaited) for it in order.sourcing.parts]


def free(mall: Mall, *keys: str, at: datetime = START) -> list[int]:
    """What is free of these quotas."""
    found = mall.storage.quota(keys, at=at)
    return [found[key].free for key in keys]


LATE = {"skus": {"TEA": Keeping(backorder=6)}}
"""Six teas may be ordered from each place that are not there."""

