"""Orders are found as a plain look at every order finds them, on every storage, in the same order, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shopwright import Order
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.postgres.storage import PostgresStorage
from shopwright.adapters.sqlite.storage import SqliteStorage
from shopwright.flows.finding import each_order, find_orders
from shopwright.flows.ports import Ports
from shopwright.orders.finding import OrderFilter, meets
from shopwright.orders.holds import HoldReason
from shopwright.orders.standing import Standing
from shopwright.orders.states import OrderState
from shopwright.ports.storage import Changeset, Committed, Operation, Put
from shopwright.testing.builders import NOON
from shopwright.testing.postgres import LocalPostgres
from shopwright.testing.strategies import orders
from shopwright.wire.kinds import KINDS
from tests.flows.mall import Mall

BUYERS, CHANNELS, COUPONS = ("ann", "bob"), ("", "web", "app"), ("", "SPRING")


@st.composite
def books(draw: st.DrawFn) -> tuple[Order, ...]:
    """Some orders, several of them placed at the same moment."""
    found = draw(st.lists(orders(most_moves=8), min_size=0, max_size=8))
    return tuple(
        evolve(
            order,
            id=f"o{number:03}",
            number=f"N{number:03}",
            buyer_id=draw(st.sampled_from(BUYERS)),
            channel=draw(st.sampled_from(CHANNELS)),
            coupon_code=draw(st.sampled_from(COUPONS)),
            external_id=f"x{number}" if number % 2 else "",
            placed_at=NOON + timedelta(hours=draw(st.integers(0, 3))),
        )
        for number, order in enumerate(found)
    )


@st.composite
def filters(draw: st.DrawFn) -> OrderFilter:
    """A filter of a few conditions, of values that orders have."""
    said = {
        "number": st.sampled_from(("N000", "N003", "none")),
        "external_id": st.sampled_from(("x1", "x3")),
        "buyer_id": st.sampled_from(BUYERS),
        "sku": st.sampled_from(("TEA", "A", "CUP")),
        "channel": st.sampled_from(CHANNELS),
        "coupon": st.sampled_from(COUPONS),
        "states": st.frozensets(st.sampled_from(OrderState), max_size=3),
        "standings": st.frozensets(st.sampled_from(Standing), max_size=4),
        "hold": st.sampled_from(HoldReason),
        "placed_from": st.integers(0, 3).map(lambda hours: NOON + timedelta(hours=hours)),
        "placed_before": st.integers(0, 4).map(lambda hours: NOON + timedelta(hours=hours)),
        "words": st.sampled_from(("n00", "TEA ann", "spring", "nothing like it")),
    }
    facts = {name: draw(said[name]) for name in draw(st.sets(st.sampled_from(sorted(said)), max_size=3))}
    bounds = draw(st.sampled_from(({}, {"currency": "EUR", "least": 1_000}, {"currency": "EUR", "most": 5_000}, {"currency": "JPY"})))
    return OrderFilter(**facts, **bounds)


@pytest.fixture(scope="module")
def malls(tmp_path_factory: pytest.TempPathFactory, postgres_server: LocalPostgres) -> Iterator[tuple[Ports, ...]]:
    """A shop on each storage; examples are tenants of their own in it."""
    sqlite = SqliteStorage.open(tmp_path_factory.mktemp("found") / "shop.db", kinds=KINDS, upgrade=True)
    postgres = PostgresStorage.open(postgres_server.conninfo, kinds=KINDS, schema="found", upgrade=True)
    ports = Mall(MemoryStorage(KINDS)).shop.ports
    yield (ports, evolve(ports, storage=sqlite), evolve(ports, storage=postgres))
    sqlite.close()
    postgres.close()


_tenants = count()


def holding(ports: Ports, found: tuple[Order, ...]) -> Ports:
    """The same shop for a tenant that has these orders."""
    tenant = evolve(ports, storage=ports.storage.scoped(f"tenant{next(_tenants)}"))
    puts = tuple(Put(order.id, order) for order in found)
    assert isinstance(tenant.storage.commit(Changeset(Operation("books", "books"), NOON, puts=puts)), Committed)
    return tenant


def paged(ports: Ports, wanted: OrderFilter, limit: int) -> list[Order]:
    """All pages, one behind the other."""
    page = find_orders(ports, wanted, limit=limit)
    found = list(page.orders)
    while page.next:
        page = find_orders(ports, wanted, limit=limit, after=page.next)
        assert len(page.orders) <= limit
        found += page.orders
    return found


def plainly(found: tuple[Order, ...], wanted: OrderFilter) -> list[Order]:
    """What a look at every order finds (FIND-1), newest first, then by id (FIND-4)."""
    return sorted([it for it in found if meets(it, wanted)], key=lambda it: (it.placed_at, it.id), reverse=True)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(found=books(), wanted=st.lists(filters(), min_size=1, max_size=6), limit=st.integers(1, 4))
def test_pages_are_what_a_plain_filter_over_all_orders_finds(
    malls: tuple[Ports, ...], found: tuple[Order, ...], wanted: list[OrderFilter], limit: int
) -> None:
    """FIND-1, FIND-2, FIND-3, FIND-4"""
    for ports in [holding(mall, found) for mall in malls]:
        for each in wanted:
            assert paged(ports, each, limit) == plainly(found, each)
            assert list(each_order(ports, each)) == plainly(found, each)
