"""The index of orders, for the tests of all flows: what crashes, what is wrong, and what must be in the store."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from attrs import evolve

from shopwright import Order, flows
from shopwright.errors import InvalidValue
from shopwright.flows.vault.commands import ErasePerson
from shopwright.orders.events import ExceptionNoted
from shopwright.orders.finding import OrderFilter
from shopwright.ports.storage import Changeset, Operation, Put, Query, Record, Storage
from shopwright.testing.builders import an_order as an_order_placed
from shopwright.wire.finding_kinds import OrderTerm, OrderTerms, OrderWord
from shopwright.wire.kinds import EVENTS
from tests.flows.bad_case import Bad
from tests.flows.mall import ANN, START, Mall, an_order, paid
from tests.flows.scenario import Scenario
from tests.flows.vaulted import VAULTED


def index_of(mall: Mall) -> dict[str, Any]:
    """What is kept to find orders by, without the ids that chance gave them: a document for each term of each order, and no other."""
    kept = [stored.value for stored in mall.storage.find(Query(OrderTerms, limit=1_000)).items]
    spots = {f"{term}{it.placed}{it.order_id}" for it in kept for term in it.terms}
    assert {stored.value.spot for stored in mall.storage.find(Query(OrderTerm, limit=1_000)).items} == spots
    words = [stored.value for stored in mall.storage.find(Query(OrderWord, limit=1_000)).items]
    return {"terms": sorted((it.placed, len(it.terms), it.phones) for it in kept), "words": sorted((it.suffix, it.word) for it in words)}


def _paid(mall: Mall) -> Order:
    command = an_order()
    return paid(mall.shop, evolve(command, ship_to=evolve(command.ship_to, phone="+49 30 90-18 20")))


def _followed(mall: Mall) -> None:
    _paid(mall)
    assert mall.shop.orders.follow()
    assert mall.shop.orders.search(OrderFilter(phone_tail="1820")).orders


def _erased(mall: Mall, _: Any) -> None:
    mall.shop.persons.erase(ErasePerson(key="erase", by=ANN, subject="ann"))
    assert mall.shop.orders.search(OrderFilter(phone_tail="1820")).orders == ()
    assert {phones for _, _, phones in index_of(mall)["terms"]} == {()}


def recorded(storage: Storage, *orders: Order) -> None:
    """Put orders into a storage with an event each, as orders come into it."""
    told = ExceptionNoted(code="odd", facts=(), at=START)
    for start in range(0, len(orders), 500):
        some = orders[start : start + 500]
        puts, records = tuple(Put(it.id, it) for it in some), tuple(Record(EVENTS, it.id, 1, told) for it in some)
        storage.commit(Changeset(Operation(f"keep{some[0].id}", "keep"), max(it.placed_at for it in some), puts=puts, records=records))


def one(number: int, **facts: object) -> Order:
    """An order placed so many minutes after the first."""
    told = {"id": f"o{number:06}", "number": f"N{number:06}", "placed_at": START + timedelta(minutes=number), **facts}
    return evolve(an_order_placed(), **told)


def selling(order: Order, sku: str, title: str) -> Order:
    """The same order, for other goods alone."""
    return evolve(order, lines=(evolve(order.lines[0], sku=sku, title=title),))


FINDING_SCENARIOS = (
    Scenario("follow orders", flows.follow_orders, lambda mall, _: mall.shop.orders.follow(), _paid, ways=VAULTED),
    Scenario("erase a person whose orders are followed", flows.erase_person, _erased, _followed, ways=VAULTED),
)

FINDING_CASES: dict[str, list[Bad]] = {
    "orders.follow": [
        Bad("no limit", lambda mall: mall.shop.orders.follow(limit=0), InvalidValue, "limit"),
        Bad("a word for a limit", lambda mall: mall.shop.orders.follow(limit="all"), InvalidValue, "limit"),  # type: ignore[arg-type]
    ],
    "orders.rebuild": [Bad("no progress", lambda mall: mall.shop.orders.rebuild(progress=3), InvalidValue, "progress")],  # type: ignore[arg-type]
    "orders.search": [
        Bad("nothing", lambda mall: mall.shop.orders.search(None), InvalidValue, "expected an OrderFilter"),
        Bad("nobody asks", lambda mall: mall.shop.orders.search(OrderFilter(), by="ann"), InvalidValue, "customer"),
        Bad("no limit", lambda mall: mall.shop.orders.search(OrderFilter(), limit=0), InvalidValue),
        Bad("a page of nobody's", lambda mall: mall.shop.orders.search(OrderFilter(), after="xyz"), InvalidValue, "cursor"),
        Bad("an amount of no currency", lambda mall: mall.shop.orders.search(OrderFilter(least=1)), InvalidValue, "currency"),
        Bad("a word for a set", lambda mall: mall.shop.orders.search(OrderFilter(states="placed")), InvalidValue, "frozenset"),
        Bad("a state that is none", lambda mall: mall.shop.orders.search(OrderFilter(states=frozenset({"lost"}))), InvalidValue, "OrderState"),
        Bad("half a phone", lambda mall: mall.shop.orders.search(OrderFilter(phone_tail="82")), InvalidValue, "phone_tail"),
        Bad("letters of a phone", lambda mall: mall.shop.orders.search(OrderFilter(phone_tail="l820")), InvalidValue, "phone_tail"),
        Bad("digits of another script", lambda mall: mall.shop.orders.search(OrderFilter(phone_tail="１８２０")), InvalidValue, "phone_tail"),
    ],
}
"""By the public verb, what it must not be given."""
