"""Orders are found as a plain look at every order finds them, on every storage, in the same order, however far the index has followed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shopwright import Order, staff
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.postgres.storage import PostgresStorage
from shopwright.adapters.sqlite.storage import SqliteStorage
from shopwright.flows.finding.following import follow_orders, rebuild_orders
from shopwright.flows.finding.looking import each_order, find_orders
from shopwright.flows.ports import Ports
from shopwright.orders.events import ExceptionNoted
from shopwright.orders.finding import OrderFilter, meets
from shopwright.orders.finding_terms import groups_of, terms_of
from shopwright.orders.holds import Hold, HoldReason
from shopwright.orders.standing import Standing
from shopwright.orders.states import OrderState
from shopwright.ports.storage import Changeset, Committed, Operation, Put, Record
from shopwright.testing.builders import NOON, an_order
from shopwright.testing.faults import Crash, Faults
from shopwright.testing.postgres import LocalPostgres
from shopwright.wire.kinds import EVENTS, KINDS
from tests.flows.mall import Mall

BUYERS, CHANNELS, COUPONS = ("ann", "bob"), ("", "web", "app"), ("", "SPRING", "may day")
GOODS = (("TEA", "Green Tea"), ("CUP", "teacup, 2 pieces"), ("绿茶-1", "绿茶壶"), ("A b", "Stra\N{LATIN SMALL LETTER SHARP S}e"), ("X" * 60, "x"))
PHONES = ("", "+49 30 901820", "030-90 18 20", "123")
ORDER = an_order()
MOST_ORDERS = 6


@st.composite
def states_of_order(draw: st.DrawFn) -> dict[str, Any]:
    """What changes in the life of an order."""
    reasons = draw(st.lists(st.sampled_from(HoldReason), max_size=2))
    holds = tuple(Hold(id=f"h{number}", reason=reason, by=staff("clerk"), at=NOON) for number, reason in enumerate(reasons))
    return {"state": draw(st.sampled_from(OrderState)), "holds": holds}


@st.composite
def an_order_of(draw: st.DrawFn, number: int) -> Order:
    """An order, at one of few moments."""
    goods = draw(st.lists(st.sampled_from(GOODS), min_size=1, max_size=2))
    line = ORDER.lines[0]
    return evolve(
        ORDER,
        id=f"o{number:03}",
        number=f"N{number:03}",
        buyer_id=draw(st.sampled_from(BUYERS)),
        channel=draw(st.sampled_from(CHANNELS)),
        coupon_code=draw(st.sampled_from(COUPONS)),
        currency=draw(st.sampled_from(("EUR", "JPY"))),
        external_id=f"x{number}" if number % 2 else "",
        placed_at=NOON + timedelta(hours=draw(st.integers(0, 3))),
        lines=tuple(
            evolve(line, line_no=at, sku=sku, title=title, quantity=draw(st.sampled_from((1, 30)))) for at, (sku, title) in enumerate(goods, start=1)
        ),
        ship_to=evolve(ORDER.ship_to, phone=draw(st.sampled_from(PHONES))),
        **draw(states_of_order()),
    )


STEPS = st.one_of(
    st.tuples(st.just("keep"), st.integers(0, MOST_ORDERS - 1), states_of_order()),
    st.tuples(st.just("follow"), st.integers(1, 8), st.none() | st.tuples(st.integers(1, 6), st.booleans())),
    st.tuples(st.just("rebuild"), st.none(), st.none() | st.tuples(st.integers(1, 9), st.booleans())),
)


@st.composite
def filters(draw: st.DrawFn) -> OrderFilter:
    """A filter of a few conditions, of values that orders have."""
    said = {
        "number": st.sampled_from(("N000", "N003", "none")),
        "external_id": st.sampled_from(("x1", "x3")),
        "buyer_id": st.sampled_from(BUYERS),
        "sku": st.sampled_from((*[sku for sku, _ in GOODS], "tea", "none")),
        "seller_id": st.sampled_from((ORDER.lines[0].seller_id, "none")),
        "channel": st.sampled_from(CHANNELS),
        "coupon": st.sampled_from(COUPONS),
        "states": st.frozensets(st.sampled_from(OrderState), max_size=3),
        "standings": st.frozensets(st.sampled_from(Standing), max_size=4),
        "hold": st.sampled_from(HoldReason),
        "placed_from": st.integers(0, 3).map(lambda hours: NOON + timedelta(hours=hours)),
        "placed_before": st.integers(0, 4).map(lambda hours: NOON + timedelta(hours=hours)),
        "words": st.sampled_from(("n003", "tea ann", "EA", "spring", "茶", "strasse", "day piece", "x" * 50, "nothing like it", "an")),
        "phone_tail": st.sampled_from(("1820", "0000")),
    }
    facts: dict[str, Any] = {name: draw(said[name]) for name in draw(st.sets(st.sampled_from(sorted(said)), max_size=2))}
    bounds = draw(st.sampled_from(({}, {"currency": "EUR", "least": 10_000}, {"currency": "EUR", "most": 50_000}, {"currency": "JPY"})))
    return OrderFilter(**facts, **bounds)


STORES = ("memory", "sqlite", "postgres")


@pytest.fixture(scope="module", params=STORES)
def mall(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ports]:
    """A shop on each storage; examples are tenants of their own in it."""
    ports = Mall(MemoryStorage(KINDS)).shop.ports
    if request.param == "sqlite":
        ports = evolve(ports, storage=SqliteStorage.open(tmp_path_factory.mktemp("found") / "shop.db", kinds=KINDS, upgrade=True))
    elif request.param == "postgres":
        server: LocalPostgres = request.getfixturevalue("postgres_server")
        ports = evolve(ports, storage=PostgresStorage.open(server.conninfo, kinds=KINDS, schema="found", upgrade=True))
    yield ports
    ports.storage.close()


_tenants, _keys = count(), count()


class Book:
    """The orders of a tenant, each written with an event, as every order is."""

    def __init__(self, mall: Ports) -> None:
        self.ports = evolve(mall, storage=mall.storage.scoped(f"tenant{next(_tenants)}"))
        self.orders: dict[str, Order] = {}
        self._versions = Counter[str]()

    def keep(self, *orders: Order) -> None:
        """Write orders as they stand now."""
        told = ExceptionNoted(code="odd", facts=(), at=NOON)
        puts = tuple(Put(order.id, order, self._versions[order.id]) for order in orders)
        records = tuple(Record(EVENTS, order.id, self._versions[order.id] + 1, told) for order in orders)
        op = Operation(f"keep{next(_keys)}", "keep")
        assert isinstance(self.ports.storage.commit(Changeset(op, NOON, puts=puts, records=records)), Committed)
        self._versions.update([order.id for order in orders])
        self.orders |= {order.id: order for order in orders}

    def do(self, step: tuple[Any, ...]) -> None:
        """One step of the life of the shop; who follows may crash at any call."""
        match step:
            case ("keep", number, facts):
                id = f"o{number:03}"
                if id in self.orders:
                    self.keep(evolve(self.orders[id], **facts))
            case (_, limit, crash):
                faults = Faults()
                if crash is not None:
                    faults.crash_at(crash[0], after=crash[1])
                ports = evolve(self.ports, storage=faults.wrap(self.ports.storage))
                with suppress(Crash):
                    rebuild_orders(ports, at=NOON) if limit is None else follow_orders(ports, at=NOON, limit=limit)

    def plainly(self, wanted: OrderFilter) -> list[Order]:
        """What a look at every order finds (FIND-1), newest first, then by id (FIND-4)."""
        return sorted([it for it in self.orders.values() if meets(it, wanted)], key=lambda it: (it.placed_at, it.id), reverse=True)

    def paged(self, wanted: OrderFilter, limit: int) -> list[Order]:
        """All pages, one behind the other."""
        page = find_orders(self.ports, wanted, limit=limit)
        found = list(page.orders)
        while page.next:
            page = find_orders(self.ports, wanted, limit=limit, after=page.next)
            assert len(page.orders) <= limit
            found += page.orders
        return found


BOOKS = st.tuples(*[an_order_of(number) for number in range(MOST_ORDERS)])


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    placed=BOOKS,
    steps=st.lists(STEPS, max_size=6),
    wanted=st.lists(filters(), min_size=1, max_size=6),
    limit=st.integers(1, 4),
    late=st.integers(0, 3),
)
def test_pages_are_what_a_plain_filter_over_all_orders_finds(
    mall: Ports, placed: tuple[Order, ...], steps: list[tuple[Any, ...]], wanted: list[OrderFilter], limit: int, late: int
) -> None:
    """FIND-1, FIND-2, FIND-3, FIND-4, FIND-7, FIND-9, FIND-10"""
    book = Book(mall)
    book.keep(*placed[late:])
    for step in steps:
        book.do(step)
    if late:
        book.keep(*placed[:late])
    for each in wanted:
        assert book.paged(each, limit) == book.plainly(each)
        assert list(each_order(book.ports, each)) == book.plainly(each)


@settings(max_examples=200, deadline=None)
@given(order=an_order_of(1), wanted=filters())
def test_an_order_that_meets_a_filter_has_a_term_of_each_group(order: Order, wanted: OrderFilter) -> None:
    """FIND-8"""
    if meets(order, wanted):
        assert all(terms_of(order) & set(group) for group in groups_of(wanted))
        said = [term.removeprefix("word/") for term in terms_of(order) if term.startswith("word/")]
        assert all(any(word in it for it in said) for word in wanted.words.casefold().split())
