"""What a shop may be made of, and what it tells of itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from shopwright import Money, OrderNumbers, PutProduct, Shop, Terms, accepted, staff
from shopwright.adapters.fake_gateway import FakeGateway
from shopwright.adapters.flat_rate import FlatRate
from shopwright.adapters.memory import MemoryStorage
from shopwright.catalog.products import Product
from shopwright.errors import InvalidValue, StorageUnavailable
from shopwright.testing.clock import FrozenClock
from shopwright.wire.kinds import KINDS

RATE = Money(350, "EUR")


def named(name: Any) -> FakeGateway:
    return FakeGateway(name=name)


@pytest.mark.parametrize(
    ("ways", "message"),
    [
        ({"gateways": [FakeGateway(), FakeGateway()]}, "a shop has one gateway of each name; got 'fake' twice"),
        ({"carriers": [FlatRate(rate=RATE, clock=FrozenClock()), FlatRate(rate=RATE, clock=FrozenClock())]}, "one carrier of each name"),
        ({"gateways": [named("")]}, "the name of a gateway is a letter and up to 59 more of a-z, 0-9 and _; got ''"),
        ({"gateways": [named("Fake")]}, "got 'Fake'"),
        ({"gateways": [named("a/b")]}, "got 'a/b'"),
        ({"gateways": [named("x" * 61)]}, "up to 59 more"),
        ({"gateways": [named(None)]}, "got None"),
        ({"gateways": ["fake"]}, "got None from 'fake'"),
        ({"gateways": [FakeGateway]}, "the name of a gateway"),
        ({"terms": "fair"}, "Ports.terms must be Terms, got str"),
        ({"numbers": 7}, "Ports.numbers must be OrderNumbers, got int"),
        ({"clock": datetime.now}, "expected a clock with now"),
        ({"clock": FrozenClock}, "expected a clock with now"),
        ({"ids": "random"}, "expected a source of ids with new_id, randbytes"),
        ({"observers": print}, "expected observers with heard"),
    ],
)
def test_what_a_shop_cannot_work_with_is_refused_when_it_is_opened(ways: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        Shop(MemoryStorage(KINDS), **ways)
    assert message in str(caught.value)


@pytest.mark.parametrize("storage", [None, "sqlite:///mall.sqlite", MemoryStorage, object()])
def test_a_shop_stands_on_a_storage(storage: Any) -> None:
    with pytest.raises(InvalidValue, match="expected a storage with kinds, load, commit"):
        Shop(storage)


@pytest.mark.parametrize("url", ["", "mall.sqlite", "mysql://x/y", "sqlite:/x"])
def test_a_url_that_names_no_database_is_refused(url: str) -> None:
    with pytest.raises(InvalidValue, match=r"expected sqlite:///path or postgresql://"):
        Shop.open(url)


def test_a_clock_that_knows_no_zone_is_found_out_before_anything_is_written() -> None:
    class Naive:
        def now(self) -> datetime:
            return datetime(2026, 3, 1)

    storage = MemoryStorage(KINDS)
    shop = Shop(storage, clock=Naive(), terms=Terms(), numbers=OrderNumbers())
    product = Product(sku="TEA", title="Tea", seller_id="house", prices=(Money(1, "EUR"),))
    with pytest.raises(InvalidValue, match="at must be a datetime with a time zone"):
        shop.goods.put(PutProduct(key="k", by=staff("clerk"), product=product))
    assert storage.load(Product, "TEA") is None


def test_a_shop_that_was_closed_says_so() -> None:
    shop = Shop(MemoryStorage(KINDS))
    product = Product(sku="TEA", title="Tea", seller_id="house", prices=(Money(1, "EUR"),))
    accepted(shop.goods.put(PutProduct(key="k", by=staff("clerk"), product=product)))
    shop.close()

    with pytest.raises(StorageUnavailable):
        shop.orders.get("x")


def test_a_shop_shows_its_ports_and_not_its_groups() -> None:
    told = repr(Shop(MemoryStorage(KINDS)))

    assert told.startswith("Shop(ports=Ports(storage=")
    assert "Orders(" not in told
