"""What one order comes to in the statistics of a shop: a tally for its channel, and one for each category and seller of its lines.

Rules
- STAT-7: an order counts from the moment it is placed, whether it is paid or not, on the day, in the time zone of the statistics, and in the channel
  that it was placed in; what becomes of it later counts there too, so every rate is about the same orders;
- STAT-8: an order counts once in its channel, and once in each category and each seller that one of its lines is of: orders of categories add up to
  more than the orders of the shop, units and amounts add up to the same;
- STAT-9: what is no longer owed of a line is called off (units that will not come, and all that is left of a canceled order), given back (units that
  came back or were lost, less what is kept of them), or allowed (a refund for no unit, by what is owed on the lines);
- STAT-10: what is still owed on a line is split over goods, shipping and taxes by what each was, with the one allocator, and what is off of each is
  the rest: total sales are what the orders say that their buyers owe, to the cent;
- STAT-11: an order has arrived once some unit of it did and none is still to come; it is in time when that was on the promised day or before, by the
  calendar of the zone;
- STAT-12: a unit arrives with its parcel, or when it is handed over, and has come back when it was with the buyer and is no more; what never arrived
  has not come back. Goods that go out once more arrive once more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce

from attrs import frozen

from shopwright.money import allocate
from shopwright.orders.lines import OrderLine
from shopwright.orders.order import Order
from shopwright.orders.settled import owed_on
from shopwright.orders.states import OrderState
from shopwright.periods import day_of
from shopwright.shipping.states import ShipmentState
from shopwright.statistics.tallies import Dimension, Tally


@frozen
class Part:
    """What is counted of an order for its channel (without a name), or for one category or seller."""

    dimension: Dimension
    name: str
    tally: Tally


def parts_of(order: Order, *, categories: Mapping[int, str], returned: Mapping[int, int], zone: str) -> tuple[Part, ...]:
    """What an order comes to as it stands.

    `categories` has the category of each line, `returned` the units of lines that buyers have handed back, both by line number.
    """
    once = _once(order, zone)
    lines = [(line, _line(order, line, owed, returned.get(line.line_no, 0))) for line, owed in zip(order.lines, _owed(order), strict=True)]
    found = [Part(Dimension.SHOP, "", reduce(Tally.plus, [tally for _, tally in lines], once))]
    for dimension, name_of in _names(categories):
        named: dict[str, Tally] = {}
        for line, tally in lines:
            name = name_of(line)
            named[name] = named.get(name, once).plus(tally)
        found += [Part(dimension, name, named[name]) for name in sorted(named)]
    return tuple(found)


def _names(categories: Mapping[int, str]) -> tuple[tuple[Dimension, Callable[[OrderLine], str]], ...]:
    return (
        (Dimension.CATEGORY, lambda line: categories.get(line.line_no, "")),
        (Dimension.SELLER, lambda line: line.seller_id),
    )


def _once(order: Order, zone: str) -> Tally:
    """What counts once, however many lines there are (STAT-8)."""
    is_there = order.delivered_at is not None and not any(line.buckets.unfinished for line in order.lines)
    timed = is_there and order.promised_at is not None
    in_time = (
        timed
        and order.delivered_at is not None
        and order.promised_at is not None
        and day_of(order.delivered_at, zone) <= day_of(order.promised_at, zone)
    )
    return Tally(
        placed=1,
        confirmed=int(order.confirmed_at is not None),
        canceled=int(order.state is OrderState.CANCELED),
        arrived=int(is_there),
        timed=int(timed),
        on_time=int(in_time),
    )


@frozen
class _Owed:
    """What the units that stay, and what is kept of others, come to on a line, and what of it was allowed; in minor units."""

    standing: int
    allowed: int


def _owed(order: Order) -> tuple[_Owed, ...]:
    """The same for each line, as if the order was not canceled; what was allowed is never more than what stands."""
    settled = {it.line_no: it for it in order.settled}
    standing = [owed_on(line, settled[line.line_no]) if line.line_no in settled else line.owed for line in order.lines]
    standing = [max(0, owed) for owed in standing]
    allowed = allocate(min(order.allowances, sum(standing)), standing)
    return tuple([_Owed(owed, off) for owed, off in zip(standing, allowed, strict=True)])


def _line(order: Order, line: OrderLine, owed: _Owed, returned: int) -> Tally:
    """What a line comes to, without what counts once."""
    called_off = line.total * line.buckets.canceled // line.quantity if line.buckets.canceled else 0
    given_back = line.total - called_off - owed.standing
    left = owed.standing - owed.allowed
    if order.state is OrderState.CANCELED:
        called_off, left = called_off + left, 0
    goods = line.subtotal - line.discount
    net = _split(line, left)
    off = _by(goods - net[0], (called_off, given_back, owed.allowed))
    arrived, came_back = _moved(order, line, returned)
    within = 0 if line.taxed is None else line.taxed.tax - line.tax
    return Tally(
        units=line.quantity,
        units_arrived=arrived,
        units_returned=came_back,
        gross=line.subtotal,
        discounts=line.discount,
        called_off=off[0],
        given_back=off[1],
        allowed=off[2],
        shipping=line.shipping,
        shipping_off=line.shipping - net[1],
        taxes=line.tax,
        taxes_off=line.tax - net[2],
        taxes_within=within * left // line.total if line.total else 0,
    )


def _split(line: OrderLine, left: int) -> tuple[int, ...]:
    """What is left of goods, shipping and taxes (STAT-10)."""
    parts = (line.subtotal - line.discount, line.shipping, line.tax)
    if left == line.total:
        return parts
    return _by(left, parts)


def _by(amount: int, weights: tuple[int, int, int]) -> tuple[int, ...]:
    """An amount split by weights, those below zero left out; all of it is the first part's where there is none."""
    counting = tuple([max(0, weight) for weight in weights])
    return allocate(amount, counting) if any(counting) else (amount, 0, 0)


def _moved(order: Order, line: OrderLine, returned: int) -> tuple[int, int]:
    """How many units of a line have arrived, and how many have come back from the buyer (STAT-12)."""
    if not line.ships:
        return line.buckets.delivered + line.buckets.returned, returned
    ways = [(it, sum([units for line_no, units in it.units if line_no == line.line_no])) for it in order.shipments if it.delivered_at is not None]
    turned_back = sum([units for it, units in ways if it.state is ShipmentState.RETURNED])
    return sum([units for _, units in ways]), returned + turned_back
