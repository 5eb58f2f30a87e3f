"""Count an order as it goes on: what is new of it since it was counted last, as what is to be added to the tallies of days.

Rules
- STAT-13: what is added is what the order comes to now less what it came to when it was counted last, which is kept for each order; so however its
  events come, one by one or many at once, late or twice, the tallies end alike, and they are what counting all orders anew gives;
- STAT-14: the category of a line is the first one that its product group stood in when the line was first counted, and is not looked up again;
- STAT-15: cancellations and refunds count, beside, on the day on which they happened, in the channel of the order, for the shop alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from attrs import frozen

from shopwright.orders.events import OrderCanceled, OrderEvent, RefundGranted, UnitsReturned
from shopwright.orders.order import Order
from shopwright.periods import day_of
from shopwright.statistics.sales import Part, parts_of
from shopwright.statistics.tallies import NOTHING, Dimension, Tally


@frozen
class Place:
    """Where something is counted. `day` is a date of the calendar, `currency` is empty where no money is counted."""

    day: date
    currency: str
    channel: str
    dimension: Dimension = Dimension.SHOP
    name: str = ""


@frozen
class Added:
    """What is to be added to the tally of a place."""

    place: Place
    tally: Tally


@frozen(kw_only=True)
class CountedSale:
    """What is kept of an order that was counted: `seen` events of it, the `categories` of its lines and the units of lines that buyers have handed
    back, both by line number, and what it came to.
    """

    order_id: str
    day: date
    seen: int = 0
    categories: tuple[tuple[int, str], ...] = ()
    returned: tuple[tuple[int, int], ...] = ()
    parts: tuple[Part, ...] = ()


def unfiled(counted: CountedSale | None, order: Order) -> tuple[str, ...]:
    """The skus of the lines whose categories are not known yet (STAT-14)."""
    known = {} if counted is None else dict(counted.categories)
    return tuple([line.sku for line in order.lines if line.line_no not in known])


def count(
    counted: CountedSale | None, order: Order, events: Iterable[tuple[int, OrderEvent]], *, categories: Mapping[str, str], zone: str
) -> tuple[CountedSale, tuple[Added, ...]]:
    """What is kept of an order from now on, and what is to be added.

    `events` are those that came, with their numbers; `categories` has those of skus that were unfiled, as far as they stand in one.
    """
    before = CountedSale(order_id=order.id, day=day_of(order.placed_at, zone)) if counted is None else counted
    new = [(number, event) for number, event in events if number > before.seen]
    filed = {line.line_no: categories.get(line.sku, "") for line in order.lines} | dict(before.categories)
    returned = dict(before.returned)
    for _, event in new:
        if isinstance(event, UnitsReturned):
            for line_no, units in event.units:
                returned[line_no] = returned.get(line_no, 0) + units
    parts = parts_of(order, categories=filed, returned=returned, zone=zone)
    after = CountedSale(
        order_id=order.id,
        day=before.day,
        seen=max([before.seen, *[number for number, _ in new]]),
        categories=tuple(sorted(filed.items())),
        returned=tuple(sorted(returned.items())),
        parts=parts,
    )
    happened = [Added(Place(day, order.currency, order.channel), tally) for _, event in new for day, tally in _happened(event, zone)]
    return after, (*_differences(order, before, parts), *happened)


def _differences(order: Order, before: CountedSale, parts: tuple[Part, ...]) -> tuple[Added, ...]:
    """What an order comes to now less what it came to before (STAT-13)."""
    was = {(it.dimension, it.name): it.tally for it in before.parts}
    now = {(it.dimension, it.name): it.tally for it in parts}
    found = []
    for dimension, name in {**was, **now}:
        change = now.get((dimension, name), NOTHING).minus(was.get((dimension, name), NOTHING))
        if change != NOTHING:
            found.append(Added(Place(before.day, order.currency, order.channel, dimension, name), change))
    return tuple(found)


def _happened(event: OrderEvent, zone: str) -> tuple[tuple[date, Tally], ...]:
    """What counts on the day on which it happens (STAT-15)."""
    match event:
        case OrderCanceled():
            return ((day_of(event.at, zone), Tally(cancellations=1)),)
        case RefundGranted():
            return ((day_of(event.at, zone), Tally(refunds=event.amount)),)
        case _:
            return ()


def summed(added: Iterable[Added]) -> dict[Place, Tally]:
    """What is added to each place, all in all."""
    found: dict[Place, Tally] = {}
    for it in added:
        found[it.place] = found.get(it.place, NOTHING).plus(it.tally)
    return {place: tally for place, tally in found.items() if tally != NOTHING}
