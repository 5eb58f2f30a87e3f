"""Our side: a shop on a store of its own, with the catalog, stock and the coupon in it, placing orders."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from shopwright.adapters.fake_gateway import FakeGateway
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.flows.commands import PlaceOrder
from shopwright.inventory.keys import stock_key
from shopwright.members.actors import customer
from shopwright.orders.order import Order
from shopwright.payments.payment import Tender
from shopwright.ports.quota_ways import QuotaWays
from shopwright.ports.quotas import Grant
from shopwright.ports.storage import Changeset, Committed, Operation, Put, Query, Storage
from shopwright.promotions.coupons import coupon_key
from shopwright.promotions.effects import Percent
from shopwright.promotions.matching import Named
from shopwright.promotions.promotion import Promotion
from shopwright.shop import Shop
from shopwright.wire.kinds import KINDS
from tests.benchmarks import our_values, work
from tests.benchmarks.sides import Bench, peer
from tests.benchmarks.work import Wanted


def on_sqlite(path: Path, durability: str, *, round_prices: bool = False, offers: int = 0) -> Bench:
    """A shop in a new file, with so many offers for other goods."""
    return placing(sqlite(path, durability), round_prices=round_prices, offers=offers)


def on_postgres(conninfo: str, *, round_prices: bool = False) -> Bench:
    """A shop in an empty database."""
    return placing(postgres(conninfo), round_prices=round_prices)


def sqlite(path: Path, durability: str) -> Storage:
    """A store in a new file."""
    return SqliteStorage.open(path, kinds=KINDS, durability=durability, upgrade=True)


def postgres(conninfo: str, ways: QuotaWays | None = None) -> Storage:
    """A store in an empty database, or the one that is there."""
    storage: Storage = peer("shopwright.adapters.postgres.storage").PostgresStorage.open(conninfo, kinds=KINDS, upgrade=True, ways=ways)
    return storage


def placing(storage: Storage, *, round_prices: bool = False, offers: int = 0) -> Bench:
    """The command on this store, with nobody observing."""
    fill(storage, round_prices=round_prices)
    shop = Shop(storage, gateways=[FakeGateway()], promotions=[ten_off(sku) for sku in work.offered_elsewhere(offers)])

    def run(asked: PlaceOrder) -> Order:
        order = shop.orders.place(asked, at=work.AT)
        assert isinstance(order, Order), order
        return order

    return Bench(
        run=run,
        tell=told,
        prepare=lambda turn: command(work.wanted(turn), round_prices=round_prices),
        facts=lambda: facts(storage),
        close=storage.close,
    )


def ten_off(sku: str) -> Promotion:
    """An offer on one product."""
    return Promotion(id=f"ten-off-{sku}", effects=(Percent(work.COUPON_BASIS_POINTS, Named("sku", sku)),))


def command(wanted: Wanted, *, coupon: bool = True, round_prices: bool = False) -> PlaceOrder:
    """What the buyer asks for, having seen the price."""
    shown = work.answer([(our_values.unit_price(sku, round_prices=round_prices), quantity) for sku, quantity in wanted.lines])
    total = shown["total"] if coupon else shown["subtotal"] + work.SHIPPING
    return PlaceOrder(
        key=wanted.key,
        by=customer(wanted.buyer),
        buyer_id=wanted.buyer,
        cart=our_values.cart(wanted, coupon=coupon),
        ship_to=our_values.ADDRESS,
        tenders=(Tender(method="card", amount=total, gateway="fake", source="tok_yes"),),
        shipping=our_values.SHIPPING,
    )


def fill(storage: Storage, *, round_prices: bool = False) -> None:
    """Products, their stock, the coupon and its uses."""
    products = [our_values.product(item.sku, round_prices=round_prices) for item in work.catalog()]
    write(storage, "coupon", [Put(work.COUPON, our_values.COUPON)], [Grant(coupon_key(work.COUPON), work.COUPON_USES, rank=10)])
    for start in range(0, len(products), 100):
        some = products[start : start + 100]
        write(storage, f"products/{start}", [Put(each.sku, each) for each in some], [Grant(stock_key(each.sku), work.STOCK) for each in some])


def write(storage: Storage, key: str, puts: Iterable[Put], moves: Iterable[Any]) -> None:
    """One changeset that must succeed."""
    done = storage.commit(Changeset(Operation(f"fill/{key}", "fill"), work.AT, puts=tuple(puts), moves=tuple(moves)))
    assert isinstance(done, Committed), done


def told(order: Order) -> dict[str, Any]:
    """The answer as all sides put it."""
    parts = [line.discount for line in order.lines]
    return work.told(subtotal=sum(line.subtotal for line in order.lines), discount=sum(parts), total=order.total.minor, parts=parts)


def facts(storage: Storage) -> dict[str, int]:
    """What stands in the store, read through the port."""
    orders = [stored.value for stored in storage.find(Query(Order, limit=1_000)).items]
    skus = {line.sku for order in orders for line in order.lines}
    stock = storage.quota([stock_key(sku) for sku in skus], at=work.AT)
    uses = storage.quota([coupon_key(work.COUPON)], at=work.AT)[coupon_key(work.COUPON)].held
    return work.facts(
        orders=len(orders), units=sum(quota.held for quota in stock.values()), coupon_uses=uses, total=sum(order.total.minor for order in orders)
    )
