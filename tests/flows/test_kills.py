"""A shop whose process is killed, again and again, at moments that nobody chose: what it had acknowledged is there, nobody is
charged twice, and what was held for orders that never came to an end is free again once the holds have lapsed.
"""

from __future__ import annotations

import multiprocessing
import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from shopwright import CancelOrder, Money, Order, PayOrder, Product, PutProduct, ReceiveStock, Shop, accepted
from shopwright.adapters.fake_gateway import FakeGateway, FakeProvider
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.orders import OrderState, fold
from shopwright.orders.events import ClaimState
from shopwright.ports.quotas import Reserve
from shopwright.ports.storage import Changeset, Committed, Operation, Query, Storage
from shopwright.testing.clock import FrozenClock
from shopwright.wire.kinds import KINDS
from tests.flows.mall import ANN, CLERK, START, an_order

Opener = Callable[[], Storage]
STOCK = 1_000_000
STEP = timedelta(seconds=40)
TOKENS = ("tok_ok", "tok_ok", "tok_lost_applied", "tok_lost_not_applied", "tok_declined", "tok_redirect")


def _shop(storage: Storage, provider_file: Path, at: datetime) -> tuple[Shop, FakeProvider]:
    provider = FakeProvider(clock=FrozenClock(at), path=provider_file)
    return Shop(storage, gateways=[FakeGateway(provider=provider)], clock=FrozenClock(at)), provider


def _one_customer(storage: Storage, provider_file: Path, number: int) -> None:
    """Place an order and, mostly, pay it; every seventh is canceled again. Safe to run again from the beginning."""
    at = START + number * STEP
    shop, _ = _shop(storage, provider_file, at)
    order = accepted(shop.orders.place(an_order(key=f"o{number}", token=TOKENS[number % len(TOKENS)])))
    if number % 5:
        accepted(shop.payments.pay(PayOrder(key=f"pay{number}", by=ANN, order_id=order.id)))
    if number % 7 == 0:
        accepted(shop.orders.cancel(CancelOrder(key=f"cancel{number}", by=ANN, order_id=order.id)))


def _sell(opener: Opener, provider_file: Path, first: int, pipe: Connection) -> None:
    """A process that serves one customer after another, and says so after each."""
    storage = opener()
    number = first
    while True:
        _one_customer(storage, provider_file, number)
        pipe.send(number)
        number += 1


def _killed_after(opener: Opener, provider_file: Path, first: int, seconds: float) -> int:
    """The next customer after a seller, who was killed after a while, had acknowledged some."""
    context = multiprocessing.get_context("fork")
    mine, theirs = context.Pipe(duplex=False)
    seller = context.Process(target=_sell, args=(opener, provider_file, first, theirs), daemon=True)
    seller.start()
    theirs.close()
    next_one = first
    if mine.poll(30):
        next_one = mine.recv() + 1
    seller.join(seconds)
    seller.kill()
    seller.join()
    try:
        while True:
            next_one = mine.recv() + 1
    except EOFError:
        return next_one


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.full)])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    """How another process opens the one storage of this test."""
    if request.param == "sqlite":
        path = tmp_path / "mall.sqlite"
        SqliteStorage.open(path, kinds=KINDS, upgrade=True).close()
        yield lambda: SqliteStorage.open(path, kinds=KINDS)
        return
    from shopwright.adapters.postgres.storage import PostgresStorage

    conninfo = request.getfixturevalue("postgres_database")
    PostgresStorage.open(conninfo, kinds=KINDS, upgrade=True).close()
    yield lambda: PostgresStorage.open(conninfo, kinds=KINDS)


@pytest.mark.parametrize("kills", [12, pytest.param(200, marks=pytest.mark.full)])
def test_a_shop_that_is_killed_again_and_again_loses_nothing_and_charges_nobody_twice(opener: Opener, kills: int, tmp_path: Path) -> None:
    provider_file = tmp_path / "provider.json"
    _stocked(opener)
    chance = random.Random(kills)
    following = 1
    for _ in range(kills):
        following = _killed_after(opener, provider_file, following, chance.uniform(0, 0.15))
    assert following > kills / 2, "the sellers were killed before they sold anything"

    storage = opener()
    for number in range(1, following + 1):
        _one_customer(storage, provider_file, number)
    end = START + following * STEP + timedelta(days=1)
    shop, provider = _shop(storage, provider_file, end)
    shop.orders.sweep(at=end)
    orders = _orders(storage)
    _check_orders(shop, orders, following)
    _check_money(orders, provider)
    _check_goods(storage, orders, end)
    storage.close()


def _stocked(opener: Opener) -> None:
    storage = opener()
    shop = Shop(storage)
    for sku, price in (("TEA", 1000), ("CUP", 2500)):
        product = Product(sku=sku, title=sku, seller_id="house", prices=(Money(price, "EUR"),))
        accepted(shop.goods.put(PutProduct(key=f"put-{sku}", by=CLERK, product=product)))
        accepted(shop.goods.receive(ReceiveStock(key=f"get-{sku}", by=CLERK, sku=sku, quantity=STOCK)))
    storage.close()


def _orders(storage: Storage) -> list[Order]:
    found: list[Order] = []
    after = ""
    while True:
        page = storage.find(Query(Order, limit=500, after=after))
        found += [stored.value for stored in page.items]
        if not page.next:
            return found
        after = page.next


def _check_orders(shop: Shop, orders: list[Order], customers: int) -> None:
    """One order for each customer, whatever was repeated; each is what its history tells."""
    assert len(orders) == customers
    for order in orders:
        assert fold(event.value for event in shop.orders.history(order.id)) == order
        assert order.open_attempts == ()


def _check_money(orders: list[Order], provider: FakeProvider) -> None:
    """The provider has taken from each payment what its order says, once, and given back what the order says."""
    taken, returned = Counter[str](), Counter[str]()
    for movement in provider.charges():
        taken[movement.reference] += movement.amount.minor
    for movement in provider.refunds():
        returned[movement.reference] += movement.amount.minor
    payments = [payment for order in orders for payment in order.payments if payment.reference]
    told = {it.reference: (it.captured, it.refunded) for it in payments}
    assert {reference: (taken[reference], returned[reference]) for reference in told} == told
    assert taken.total() == sum(it.captured for it in payments)
    assert max(taken.values()) == 4900
    assert {order.paid for order in orders if order.state is OrderState.CANCELED} == {0}


def _check_goods(storage: Storage, orders: list[Order], end: datetime) -> None:
    """Sold is what live orders claim; nothing else is held; all the rest can be had."""
    sold = Counter[str]()
    for order in orders:
        if order.claim.state is ClaimState.USED:
            sold.update(dict(order.claim.items))
    for key, quota in storage.quota(("stock/TEA", "stock/CUP"), at=end).items():
        assert (quota.used, quota.held) == (sold[key], 0)
        rest = Reserve(f"rest-{key}", ((key, STOCK - sold[key]),), end + timedelta(days=1))
        assert isinstance(storage.commit(Changeset(Operation(f"all-{key}", "all"), end, moves=(rest,))), Committed)
